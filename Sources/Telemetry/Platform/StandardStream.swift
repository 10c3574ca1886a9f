// Output of console exporters and diagnostics.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Standard output or standard error.
///
/// Writes of several threads to the same stream are serialized, so that lines of any length are not interleaved.
struct StandardStream: Sendable {
    let descriptor: Int32
    /// Held during a write; nil if the caller serializes writes.
    private let turn: Semaphore?

    static let output = StandardStream(descriptor: 1, turn: Semaphore(count: 1))
    static let error = StandardStream(descriptor: 2, turn: Semaphore(count: 1))

    init(descriptor: Int32, turn: Semaphore? = nil) {
        self.descriptor = descriptor
        self.turn = turn
    }

    /// True if the stream is a terminal.
    var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Writes the text; drops what the stream does not accept before the deadline. A closed pipe does not end the process.
    func write(_ text: String, deadline: Deadline = .never) {
        var text = text
        text.withUTF8 { bytes in try? write(UnsafeRawBufferPointer(bytes), deadline: deadline) }
    }

    /// Writes all of the bytes, and waits for a slow stream until the deadline. A closed pipe does not end the process.
    func write(_ bytes: UnsafeRawBufferPointer, deadline: Deadline = .never) throws(StreamFailure) {
        if let turn, !turn.wait(until: deadline) { throw StreamFailure(cause: .timedOut, writtenCount: 0) }
        defer { turn?.post() }
        var failure: StreamFailure?
        BrokenPipeSignal.withhold {
            failure = DescriptorWriter(descriptor: descriptor, deadline: deadline).write(bytes)
        }
        if let failure { throw failure }
    }
}

/// SIGPIPE, which by default ends a process that writes to a pipe without a reader.
private enum BrokenPipeSignal {
    /// Runs the closure so that a SIGPIPE that it causes does not reach the process; the process keeps its handler.
    static func withhold(_ body: () -> Void) {
        var signal = sigset_t()
        sigemptyset(&signal)
        sigaddset(&signal, SIGPIPE)
        var previous = sigset_t()
        // A write raises the signal in its own thread: it is blocked there, and consumed if it is pending.
        pthread_sigmask(SIG_BLOCK, &signal, &previous)
        let wasPending = isPending
        body()
        if !wasPending && isPending {
            var number: Int32 = 0
            sigwait(&signal, &number)
        }
        pthread_sigmask(SIG_SETMASK, &previous, nil)
    }

    private static var isPending: Bool {
        var pending = sigset_t()
        sigpending(&pending)
        return sigismember(&pending, SIGPIPE) == 1
    }
}
