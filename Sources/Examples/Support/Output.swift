// Console output of the programs: unbuffered, and one line at a time.

import Glibc
import Synchronization

/// Standard output or standard error, without a buffer, which would delay lines to a file or a pipe.
package struct Output: Sendable {
    package static let standard = Output(descriptor: 1)
    package static let error = Output(descriptor: 2)

    private let descriptor: Int32
    // Lines of concurrent requests must not mix.
    private static let isWriting = Mutex(())

    /// Whether the stream is a terminal.
    package var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Whether escape sequences for colour may be written. (no-color.org)
    package var isColored: Bool {
        if ServiceEnvironment.process["NO_COLOR"] != nil { return false }
        if let force = ServiceEnvironment.process["FORCE_COLOR"] { return force != "0" }
        return isTerminal && ServiceEnvironment.process["TERM"] != "dumb"
    }

    /// The width of the terminal; without a terminal `COLUMNS`, else 100.
    package var columns: Int {
        var size = winsize()
        if ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
        return ServiceEnvironment.process["COLUMNS"].flatMap { Int($0) } ?? 100
    }

    /// Occupies the descriptors of standard streams that the process was started without.
    ///
    /// A connection that is opened later would get such a descriptor, and console output would be written into it. Writing fails as before.
    package static func keepClosedStreamsClosed() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            // open returns the lowest free descriptor, which is this one.
            _ = open("/dev/null", O_RDONLY)
        }
    }

    /// Writes a line; it is lost if the stream fails.
    package func line(_ text: String = "") {
        write(text + "\n")
    }

    /// Writes the text without a line end; it is lost if the stream fails.
    package func write(_ text: String) {
        var text = text
        Self.isWriting.withLock { _ in
            text.withUTF8 { bytes in
                var rest = UnsafeRawBufferPointer(bytes)
                while !rest.isEmpty {
                    let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
                    if written < 0 && errno == EINTR { continue }
                    guard written > 0 else { return }
                    rest = UnsafeRawBufferPointer(rebasing: rest[written...])
                }
            }
        }
    }
}
