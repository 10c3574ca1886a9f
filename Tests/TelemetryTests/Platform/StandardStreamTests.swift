// Writes to standard streams: broken pipes, concurrent writers, deadlines.

import Foundation
import Testing

@testable import Telemetry

struct StandardStreamTests {
    @Test func writeToClosedPipeDoesNotTerminateProcess() throws {
        let pipe = Pipe()
        // As a program begins: the signal ends the process, and this thread takes it.
        let handler = signal(SIGPIPE, SIG_DFL)
        var set = sigset_t()
        var previous = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGPIPE)
        pthread_sigmask(SIG_UNBLOCK, &set, &previous)
        defer {
            signal(SIGPIPE, handler)
            pthread_sigmask(SIG_SETMASK, &previous, nil)
        }
        let stream = StandardStream(descriptor: pipe.fileHandleForWriting.fileDescriptor)
        stream.write("heard\n")
        #expect(pipe.fileHandleForReading.availableData == Data("heard\n".utf8))
        try pipe.fileHandleForReading.close()
        for _ in 0..<3 { stream.write("nobody hears this\n") }
        var pending = sigset_t()
        sigpending(&pending)
        #expect(sigismember(&pending, SIGPIPE) == 0, "Nothing is left behind.")
    }

    @Test func longLinesOfConcurrentWritersAreNotInterleaved() async throws {
        let pipe = Pipe()
        let stream = StandardStream(descriptor: pipe.fileHandleForWriting.fileDescriptor, turn: Semaphore(count: 1))
        let reading = pipe.fileHandleForReading
        let reader = Task.detached { reading.readDataToEndOfFile() }
        // Longer than the capacity of a pipe, so that each is written in many pieces.
        let lines = ["a", "b"].map { String(repeating: $0, count: 200_000) + "\n" }
        await onThreads(2) { thread in for _ in 0..<5 { stream.write(lines[thread], deadline: .after(.seconds(60))) } }
        try pipe.fileHandleForWriting.close()
        let read = String(decoding: await reader.value, as: UTF8.self).split(separator: "\n")
        #expect(read.count == 10 && read.allSatisfy { $0.utf8.count == 200_000 && Set($0.utf8).count == 1 })
    }

    @Test func writerWaitingForTurnTimesOut() throws {
        let pipe = Pipe()
        let stream = StandardStream(descriptor: pipe.fileHandleForWriting.fileDescriptor, turn: Semaphore())
        #expect(throws: StreamFailure(cause: .timedOut, writtenCount: 0)) {
            try Array("late\n".utf8).withUnsafeBytes { try stream.write($0, deadline: .after(.milliseconds(1))) }
        }
    }
}
