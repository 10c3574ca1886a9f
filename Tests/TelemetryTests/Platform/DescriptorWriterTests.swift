// Writes to full and slow pipes, sockets and terminals: deadlines and partial writes.

import Foundation
import Testing

@testable import Telemetry

struct DescriptorWriterTests {
    private let pipe = Pipe()
    private var writing: Int32 { pipe.fileHandleForWriting.fileDescriptor }
    private var reading: Int32 { pipe.fileHandleForReading.fileDescriptor }

    private func write(_ text: String, deadline: Deadline) -> StreamFailure? {
        var text = text
        return text.withUTF8 { DescriptorWriter(descriptor: writing, deadline: deadline).write(UnsafeRawBufferPointer($0)) }
    }

    /// Returns the bytes that can be read without waiting.
    private func read() -> String {
        _ = fcntl(reading, F_SETFL, O_NONBLOCK)
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        var all: [UInt8] = []
        while case let count = Foundation.read(reading, &bytes, bytes.count), count > 0 { all += bytes[..<count] }
        return String(decoding: all, as: UTF8.self)
    }

    private func lines(_ count: Int, of size: Int) -> String {
        (0..<count).map { number in String(repeating: "\(number % 10)", count: size - 1) + "\n" }.joined()
    }

    @Test(arguments: [false, true]) func writeToFullPipeTimesOutAfterWholeLine(isNonBlocking: Bool) throws {
        // The parent process may have made the output non-blocking.
        if isNonBlocking { _ = fcntl(writing, F_SETFL, O_NONBLOCK) }
        let text = lines(10_000, of: 100)
        let failure = try #require(write(text, deadline: .after(.milliseconds(250))))
        #expect(failure.cause == .timedOut && failure.hasBegun && failure.writtenCount < text.utf8.count)
        #expect(failure.writtenCount % 100 == 0, "Short lines are written whole or not at all.")
        #expect(read() == text.prefix(failure.writtenCount))
        #expect(fcntl(writing, F_GETFL) & O_NONBLOCK == (isNonBlocking ? O_NONBLOCK : 0), "Others share the pipe, and its settings.")
    }

    @Test func writeAfterDeadlineTimesOutAtOnce() {
        _ = write(lines(10_000, of: 100), deadline: .after(.milliseconds(1)))
        #expect(write(lines(1, of: 200), deadline: .after(.zero)) == StreamFailure(cause: .timedOut, writtenCount: 0))
    }

    @Test func lineLongerThanPipeIsWrittenPartially() throws {
        let text = String(repeating: "x", count: 1 << 20)
        let failure = try #require(write(text, deadline: .after(.milliseconds(250))))
        #expect(failure.cause == .timedOut && (1..<1 << 20).contains(failure.writtenCount))
        #expect(read() == text.prefix(failure.writtenCount))
    }

    @Test(arguments: [false, true]) func slowReaderReceivesAllBytes(isNonBlocking: Bool) async throws {
        if isNonBlocking { _ = fcntl(writing, F_SETFL, O_NONBLOCK) }
        let text = lines(3_000, of: 100) + String(repeating: "long", count: 30_000) + "\n"
        let reading = reading
        let reader = Task.detached {
            var bytes = [UInt8](repeating: 0, count: 777)
            var all: [UInt8] = []
            while case let count = Foundation.read(reading, &bytes, bytes.count), count > 0 { all += bytes[..<count] }
            return String(decoding: all, as: UTF8.self)
        }
        #expect(write(text, deadline: .after(.seconds(60))) == nil)
        try pipe.fileHandleForWriting.close()
        #expect(await reader.value == text)
    }

    @Test func pipeWithoutReaderFailsWithEPIPE() throws {
        try pipe.fileHandleForReading.close()
        let descriptor = writing
        #expect(throws: StreamFailure(cause: .error(FileError(code: EPIPE)), writtenCount: 0)) {
            try Array("lost\n".utf8).withUnsafeBytes { try StandardStream(descriptor: descriptor).write($0, deadline: .never) }
        }
    }

    @Test func closedDescriptorFailsWithEBADF() {
        let failure = Array("lost\n".utf8).withUnsafeBytes { DescriptorWriter(descriptor: 987_654, deadline: .never).write($0) }
        #expect(failure == StreamFailure(cause: .error(FileError(code: EBADF)), writtenCount: 0))
    }

    @Test func writeToFullSocketTimesOut() throws {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        defer { ends.forEach { close($0) } }
        var text = lines(100_000, of: 100)
        let failure = text.withUTF8 { bytes in
            DescriptorWriter(descriptor: ends[0], deadline: .after(.milliseconds(250))).write(UnsafeRawBufferPointer(bytes))
        }
        #expect(failure?.cause == .timedOut && failure?.hasBegun == true)
    }

    @Test func writeToStalledTerminalTimesOut() throws {
        var (controller, terminal): (Int32, Int32) = (-1, -1)
        try #require(openpty(&controller, &terminal, nil, nil, nil) == 0)
        defer { for end in [controller, terminal] { close(end) } }
        var text = lines(10_000, of: 100)
        let failure = text.withUTF8 { bytes in
            DescriptorWriter(descriptor: terminal, deadline: .after(.milliseconds(250))).write(UnsafeRawBufferPointer(bytes))
        }
        #expect(failure?.cause == .timedOut)
    }

    @Test(
        arguments: [("a\nb\nc", 4, 4), ("a\nb\nc", 3, 2), ("a\nb\n", 100, 4), ("abc", 2, nil), ("", 5, nil), ("a\n", 0, nil)]
            as [(String, Int, Int?)])
    func wholeLinesEndWithinLimit(text: String, limit: Int, count: Int?) {
        Array(text.utf8).withUnsafeBytes { #expect($0.wholeLines(within: limit) == count) }
    }
}
