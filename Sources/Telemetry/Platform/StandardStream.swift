// The standard streams of the process, written to whole lines at a time.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Standard output or standard error.
struct StandardStream: Sendable {
    let descriptor: Int32

    static let output = StandardStream(descriptor: 1)
    static let error = StandardStream(descriptor: 2)

    /// Whether a person is likely to be looking at it.
    var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Writes the text; what the stream does not take is lost, a closed pipe does not end the process.
    func write(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                #if canImport(Glibc)
                    let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
                #elseif canImport(Musl)
                    let written = Musl.write(descriptor, rest.baseAddress, rest.count)
                #else
                    let written = Darwin.write(descriptor, rest.baseAddress, rest.count)
                #endif
                if written < 0 && errno == EINTR { continue }
                guard written > 0 else { return }
                rest = UnsafeRawBufferPointer(rebasing: rest[written...])
            }
        }
    }
}
