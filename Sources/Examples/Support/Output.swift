// Writes lines for people to the standard streams, at once and whole.

import Glibc
import Synchronization

/// Standard output and standard error, without a buffer that would hold lines back when they go to a file or a pipe.
package struct Output: Sendable {
    package static let standard = Output(descriptor: 1)
    package static let error = Output(descriptor: 2)

    private let descriptor: Int32
    // Lines of two requests at once must not mix.
    private static let isWriting = Mutex(())

    /// Whether a person is likely to be looking at it.
    package var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Whether escape sequences for colour are welcome. (no-color.org)
    package var isColored: Bool {
        if ServiceEnvironment.process["NO_COLOR"] != nil { return false }
        if let force = ServiceEnvironment.process["FORCE_COLOR"] { return force != "0" }
        return isTerminal && ServiceEnvironment.process["TERM"] != "dumb"
    }

    /// The columns of the terminal; `COLUMNS` where it is none, else 100.
    package var columns: Int {
        var size = winsize()
        if ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
        return ServiceEnvironment.process["COLUMNS"].flatMap { Int($0) } ?? 100
    }

    /// Takes the places of standard streams that the process was started without, so that nothing opened later gets them: what is said on a
    /// closed stream would be written into a connection otherwise. Writing fails as before.
    package static func keepClosedStreamsClosed() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            // The lowest free place is taken, which is this one.
            _ = open("/dev/null", O_RDONLY)
        }
    }

    /// Writes a line; what the stream does not take is lost.
    package func line(_ text: String = "") {
        write(text + "\n")
    }

    /// Writes the text as it is.
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
