// The bytes of configuration files.

import ExampleSupport
import Glibc

/// Reads files that settings name.
enum ConsoleFile {
    /// Returns the bytes of a file, one more than are allowed if it has more.
    static func contents(of path: String) throws(ConsoleFileProblems) -> [UInt8] {
        let maximum = YAMLReader.Limits().bytes
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(path, errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        while bytes.count <= maximum {
            var failure: Int32 = 0
            let chunk = [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, count in
                let result = read(descriptor, buffer.baseAddress, buffer.count)
                if result < 0 { failure = errno }
                count = max(0, result)
            }
            // A directory can be opened, but not read.
            guard failure == 0 else { throw unreadable(path, failure) }
            if chunk.isEmpty { return bytes }
            bytes += chunk
        }
        return bytes
    }

    private static func unreadable(_ path: String, _ error: Int32) -> ConsoleFileProblems {
        let message = "the file cannot be read: \(String(cString: strerror(error)))"
        return ConsoleFileProblems(problems: [ConsoleFileProblem(file: path, line: 0, message: message)])
    }
}
