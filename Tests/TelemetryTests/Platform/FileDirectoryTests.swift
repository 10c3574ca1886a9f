// Atomic writes, reads, locks and permissions of files.

import Glibc
import Testing

@testable import Telemetry

struct FileDirectoryTests {
    private static func write(_ directory: FileDirectory, _ name: String, _ bytes: [[UInt8]], isDurable: Bool = false) throws {
        // Pieces point into one array, as they do in a batch.
        let all = bytes.flatMap { $0 }
        try all.withUnsafeBytes { whole in
            var start = 0
            let pieces = bytes.map { piece in
                defer { start += piece.count }
                return UnsafeRawBufferPointer(rebasing: whole[start..<start + piece.count])
            }
            try directory.write(name, pieces, isDurable: isDurable)
        }
    }

    @Test func createdDirectoriesAreAccessibleToOwnerOnly() throws {
        let root = try TemporaryDirectory()
        let directory = try FileDirectory.open("\(root.path)/a/b//c/")
        try Self.write(directory.subdirectory("d"), "file", [[1]])
        #expect(root.files == ["a/b/c/d/file"])
        for name in ["a", "a/b", "a/b/c", "a/b/c/d"] { #expect(try root.permissions(of: name) == 0o700) }
        #expect(try root.permissions(of: "a/b/c/d/file") == 0o600)
    }

    @Test func directoryThatCannotBeCreatedFails() throws {
        let root = try TemporaryDirectory()
        try root.write([1], to: "file")
        #expect(throws: FileError.self) { try FileDirectory.open("\(root.path)/file") }
        #expect(throws: FileError.self) { try FileDirectory.open("\(root.path)/file/below") }
        #expect(throws: FileError.self) { try FileDirectory.open("/proc/self/spool") }
    }

    @Test(arguments: [false, true])
    func writtenPiecesAreReadBackWhole(isDurable: Bool) throws {
        let root = try TemporaryDirectory()
        let directory = try FileDirectory.open(root.path)
        let pieces = (0..<3000).map { number in [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: number % 7) }
        try Self.write(directory, "many", pieces, isDurable: isDurable)
        try Self.write(directory, "none", [], isDurable: isDurable)
        #expect(try directory.read("many", atMost: 1 << 20) == pieces.flatMap { $0 })
        #expect(try directory.read("none", atMost: 0) == [])
        #expect(directory.size(of: "many") == pieces.reduce(0) { $0 + $1.count })
        #expect(throws: FileError.tooLarge) { try directory.read("many", atMost: 10) }
        #expect(try Set(directory.entries { $0.hasPrefix(".") ? nil : $0 }) == ["many", "none"])
        try directory.synchronize("many")
        try directory.synchronize("gone")
        try directory.remove("many")
        try directory.remove("many")
        #expect(root.files == ["none"])
    }

    @Test func partiallyWrittenFileIsRemoved() throws {
        let root = try TemporaryDirectory()
        let directory = try FileDirectory.open(root.path)
        let good: [UInt8] = [1, 2, 3]
        // Nothing lies at this address: the system refuses it in mid-file.
        let bad = UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: 8), count: 1 << 20)
        #expect(throws: FileError(code: EFAULT)) {
            try good.withUnsafeBytes { try directory.write("file", [$0, bad], isDurable: false) }
        }
        #expect(root.files.isEmpty)
    }

    @Test func onlyRegularFilesAreRead() throws {
        let root = try TemporaryDirectory()
        let directory = try FileDirectory.open(root.path)
        try root.write([1], to: "file")
        _ = try directory.subdirectory("directory")
        #expect(mkfifo("\(root.path)/pipe", 0o600) == 0)
        #expect(symlink("\(root.path)/file", "\(root.path)/link") == 0)
        for name in ["directory", "pipe", "link", "nothing"] {
            #expect(directory.size(of: name) == nil)
            #expect(throws: FileError.self) { try directory.read(name, atMost: 100) }
        }
    }

    @Test func fileLockIsExclusiveUntilReleased() throws {
        let root = try TemporaryDirectory()
        let directory = try FileDirectory.open(root.path)
        var lock = try directory.lock("lock")
        #expect(lock != nil)
        #expect(try directory.lock("lock") == nil)
        #expect(try FileDirectory.open(root.path).lock("lock") == nil)
        lock = nil
        #expect(try directory.lock("lock") != nil)
    }
}
