// Tests of writing to streams that nobody reads any more.

import Foundation
import Testing

@testable import Telemetry

@Suite struct StandardStreamTests {
    @Test func aClosedPipeDoesNotEndTheProcess() throws {
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
}
