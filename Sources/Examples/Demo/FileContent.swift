// Reads log files and what the kernel shows of this process; writes the files of services.

import ExampleSupport
import Glibc

/// The bytes of a file.
enum FileContent {
    /// Reads a file to its end; nil if it cannot be opened.
    static func read(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return content }
            content += buffer[..<count]
        }
    }

    /// Writes a new file.
    static func write(_ text: String, to path: String) throws(StartFailure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        let bytes = Array(text.utf8)
        let isWritten = descriptor >= 0 && Glibc.write(descriptor, bytes, bytes.count) == bytes.count
        let reason = String(cString: strerror(errno))
        if descriptor >= 0 { close(descriptor) }
        guard isWritten else { throw StartFailure(.unavailable, "\(path) cannot be written: \(reason).") }
    }
}
