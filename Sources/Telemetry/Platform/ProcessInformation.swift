// Facts about the process for resource detectors and settings.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Facts about the process and its host; nil if the operating system does not provide them.
enum ProcessInformation {
    static var processID: Int { Int(getpid()) }

    static var executablePath: String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { buffer in
            guard let base = buffer.baseAddress else { return nil }
            let count = readlink("/proc/self/exe", base, buffer.count)
            guard count > 0 else { return nil }
            return String(decoding: UnsafeRawBufferPointer(start: base, count: count), as: UTF8.self)
        }
    }

    static var hostName: String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let base = buffer.baseAddress, gethostname(base, buffer.count - 1) == 0 else { return nil }
            base[buffer.count - 1] = 0
            return String(cString: base)
        }
    }

    /// The kernel's name of the hardware, such as `x86_64`.
    static var machine: String? {
        var names = utsname()
        guard uname(&names) == 0 else { return nil }
        return withUnsafeBytes(of: &names.machine) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// The kernel's release, such as `6.1.0-18-amd64`.
    static var kernelRelease: String? {
        var names = utsname()
        guard uname(&names) == 0 else { return nil }
        return withUnsafeBytes(of: &names.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// The login name of the user that the process runs as.
    static var owner: String? {
        guard let entry = getpwuid(geteuid()), let name = entry.pointee.pw_name else { return nil }
        return String(cString: name)
    }

    /// When the process was started, in seconds since 1970.
    static var startSeconds: Int? {
        guard let status = contents(of: "/proc/self/stat"), let system = contents(of: "/proc/stat"),
            let boot = system.split(separator: "\n").first(where: { $0.hasPrefix("btime ") }).flatMap({ Int($0.dropFirst(6)) })
        else { return nil }
        // The second field is a name in parentheses, which may contain spaces and parentheses.
        guard let end = status.lastIndex(of: ")") else { return nil }
        let fields = status[status.index(after: end)...].split(separator: " ")
        guard fields.count > 19, let ticks = Int(fields[19]) else { return nil }
        return boot + ticks / max(1, Int(sysconf(Int32(_SC_CLK_TCK))))
    }

    /// Returns the first bytes of a file as text, 64 KiB unless another limit is given.
    static func contents(of path: String, atMost limit: Int = 1 << 16) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return withUnsafeTemporaryAllocation(byteCount: limit, alignment: 16) { buffer in
            var count = 0
            while count < buffer.count {
                let got = read(descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count)
                if got < 0 { return nil }
                if got == 0 { break }
                count += got
                assert(count <= buffer.count, "The system reads no more than there is room for.")
            }
            return String(decoding: UnsafeRawBufferPointer(rebasing: buffer[..<count]), as: UTF8.self)
        }
    }

    /// Returns the value of an environment variable; nil if it is not set.
    static func environmentVariable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    /// All environment variables.
    static var environmentVariables: [String: String] {
        #if canImport(Darwin)
            let first = _NSGetEnviron().pointee
        #else
            let first = environ
        #endif
        // `environ` is null after `clearenv`.
        guard var entry = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>(bitPattern: UInt(bitPattern: first)) else { return [:] }
        var variables: [String: String] = [:]
        while let text = entry.pointee.map({ String(cString: $0) }) {
            entry += 1
            guard let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let name = String(text[..<equals])
            // The first of repeated names counts, as in `getenv`.
            if variables[name] == nil { variables[name] = String(text[text.utf8.index(after: equals)...]) }
        }
        return variables
    }
}
