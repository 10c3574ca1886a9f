// Files of the tests.

import Glibc

enum FileReading {
    struct Unreadable: Error {}

    static func bytes(_ path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { throw Unreadable() }
        defer { close(descriptor) }
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count >= 0 else { throw Unreadable() }
            if count == 0 { return result }
            result += buffer[..<count]
        }
    }
}
