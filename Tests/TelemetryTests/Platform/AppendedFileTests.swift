// Appending to log files and their rotation.

import Foundation
import Testing

@testable import Telemetry

struct AppendedFileTests {
    private let directory: TemporaryDirectory
    private let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path + "/app.jsonl"
    }

    private func append(_ text: String, _ rotation: FileRotation?) throws {
        try Array(text.utf8).withUnsafeBytes { try AppendedFile(path: path, rotation: rotation).append($0) }
    }

    private func text(_ name: String) throws -> String { String(decoding: try directory.bytes(of: name), as: UTF8.self) }

    @Test func fullFileIsRenamedAndOldestRemoved() throws {
        let rotation = FileRotation(maximumSize: 10, maximumFiles: 3)
        for number in 1...7 { try append("line\(number)\n", rotation) }
        #expect(directory.files == ["app.jsonl", "app.jsonl.1", "app.jsonl.2"])
        #expect(try text("app.jsonl") == "line7\n" && text("app.jsonl.1") == "line6\n" && text("app.jsonl.2") == "line5\n")
        #expect(try directory.permissions(of: "app.jsonl") == 0o600)
    }

    @Test func batchIsCutBetweenLines() throws {
        try append("a\nb\nc\nd\ne\n", FileRotation(maximumSize: 5, maximumFiles: 5))
        #expect(try text("app.jsonl.2") == "a\nb\n" && text("app.jsonl.1") == "c\nd\n" && text("app.jsonl") == "e\n")
    }

    @Test func lineLargerThanMaximumSizeGetsOwnFile() throws {
        let rotation = FileRotation(maximumSize: 8, maximumFiles: 9)
        try append("a\n0123456789\nb\n", rotation)
        #expect(try text("app.jsonl.2") == "a\n" && text("app.jsonl.1") == "0123456789\n" && text("app.jsonl") == "b\n")
        try append("no end, and too large", rotation)
        #expect(try text("app.jsonl") == "no end, and too large")
    }

    @Test func singleFileIsReplacedWhenFull() throws {
        let rotation = FileRotation(maximumSize: 4, maximumFiles: 1)
        for number in 1...3 { try append("\(number)\n\(number)\n", rotation) }
        #expect(try directory.files == ["app.jsonl"] && text("app.jsonl") == "3\n3\n")
    }

    @Test func fileWithoutRotationGrowsWithoutLimit() throws {
        for _ in 0..<100 { try append("line\n", nil) }
        #expect(try directory.files == ["app.jsonl"] && directory.bytes(of: "app.jsonl").count == 500)
    }

    @Test func movedOrDeletedFileIsCreatedAgain() throws {
        let rotation = FileRotation(maximumSize: 100, maximumFiles: 2)
        try append("1\n", rotation)
        try FileManager.default.moveItem(atPath: path, toPath: directory.path + "/moved")
        try append("2\n", rotation)
        try FileManager.default.removeItem(atPath: path)
        try append("3\n", rotation)
        #expect(try text("moved") == "1\n" && text("app.jsonl") == "3\n")
    }

    @Test func symbolicLinkIsKeptAndItsTargetRotated() throws {
        let target = try TemporaryDirectory()
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target.path + "/real")
        let rotation = FileRotation(maximumSize: 4, maximumFiles: 2)
        for number in 1...2 { try append("\(number)\n\n\n", rotation) }
        #expect(target.files == ["real", "real.1"])
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path) == target.path + "/real")
    }

    @Test func fileRotatedByAnotherProcessIsNotRotatedAgain() throws {
        let rotation = FileRotation(maximumSize: 4, maximumFiles: 5)
        try append("1\n1\n", rotation)
        // Another process has opened the full file, and this one rotates it first.
        let other = open(path, O_WRONLY | O_APPEND)
        defer { close(other) }
        try append("2\n", rotation)
        #expect(try rotation.rotate(path, other))
        #expect(try directory.files == ["app.jsonl", "app.jsonl.1"] && text("app.jsonl") == "2\n")
    }

    @Test func fileLockedByAnotherProcessIsAppendedToBeyondMaximumSize() throws {
        let rotation = FileRotation(maximumSize: 4, maximumFiles: 5)
        try append("1\n1\n", rotation)
        let other = open(path, O_WRONLY | O_APPEND)
        try #require(flock(other, LOCK_EX) == 0)
        try append("2\n", rotation)
        #expect(try directory.files == ["app.jsonl"] && text("app.jsonl") == "1\n1\n2\n")
        close(other)
        try append("3\n", rotation)
        #expect(try text("app.jsonl") == "3\n")
    }

    @Test func concurrentWritersNeitherLoseNorInterleaveLines() async throws {
        let rotation = FileRotation(maximumSize: 2_000, maximumFiles: 200)
        let path = path
        // Each writer opens its own files, as processes do: locks belong to open files.
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    for number in 0..<500 {
                        Array("\(writer) \(number) some words that make the line longer\n".utf8).withUnsafeBytes { line in
                            try? AppendedFile(path: path, rotation: rotation).append(line)
                        }
                    }
                }
            }
        }
        let lines = try directory.files.flatMap { try text($0).split(separator: "\n") }
        #expect(lines.count == 2_000 && Set(lines).count == 2_000 && directory.files.count > 10)
    }

    @Test func failedRotationIsReportedAndRetried() throws {
        let rotation = FileRotation(maximumSize: 4, maximumFiles: 2)
        try append("1\n1\n", rotation)
        try FileManager.default.createDirectory(atPath: path + ".1", withIntermediateDirectories: true)
        #expect(throws: StreamFailure(cause: .error(FileError(code: EISDIR)), writtenCount: 0)) { try append("2\n", rotation) }
        try FileManager.default.removeItem(atPath: path + ".1")
        try append("3\n", rotation)
        #expect(try text("app.jsonl") == "3\n")
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "There is a device that is always full."))
    func devicesAreNotRenamed() {
        let file = AppendedFile(path: "/dev/full", rotation: FileRotation(maximumSize: 1, maximumFiles: 2))
        #expect(throws: StreamFailure(cause: .error(FileError(code: ENOSPC)), writtenCount: 0)) {
            try Array("line\n".utf8).withUnsafeBytes { try file.append($0) }
        }
    }

    @Test func incompleteLastLineIsDetected() throws {
        let file = AppendedFile(path: path)
        #expect(!file.endsInsideLine)
        try append("whole\n", nil)
        #expect(!file.endsInsideLine)
        try append("half", nil)
        #expect(file.endsInsideLine)
        #expect(!AppendedFile(path: "/dev/null").endsInsideLine)
    }

    @Test(arguments: [(0, 1), (-5, 1), (1, 0), (1, 1001)]) func rotationLimitsOutOfRangeAreNotUsable(size: Int, files: Int) {
        #expect(!FileRotation(maximumSize: size, maximumFiles: files).isUsable && FileRotation().isUsable)
    }
}
