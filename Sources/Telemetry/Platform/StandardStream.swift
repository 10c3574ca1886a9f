// The standard streams of the process, written to whole lines at a time.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Standard output or standard error.
///
/// Several exporters may write to the same one, each on a thread of its own: one after another, so that none of their lines is torn
/// apart, however long it is.
struct StandardStream: Sendable {
    let descriptor: Int32
    /// Taken by who writes; nil where others see to it.
    private let turn: Semaphore?

    static let output = StandardStream(descriptor: 1, turn: Semaphore(count: 1))
    static let error = StandardStream(descriptor: 2, turn: Semaphore(count: 1))

    init(descriptor: Int32, turn: Semaphore? = nil) {
        self.descriptor = descriptor
        self.turn = turn
    }

    /// Whether a person is likely to be looking at it.
    var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Writes the text; what the stream does not take before the deadline is lost, a closed pipe does not end the process.
    func write(_ text: String, deadline: Deadline = .never) {
        var text = text
        text.withUTF8 { bytes in try? write(UnsafeRawBufferPointer(bytes), deadline: deadline) }
    }

    /// Writes all of the bytes, and waits where the stream takes them slowly; a closed pipe does not end the process.
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

/// SIGPIPE, which ends a process that writes to a pipe without a reader, unless the process says otherwise.
private enum BrokenPipeSignal {
    /// Runs the closure so that no SIGPIPE that it causes reaches the process; what the process has decided about it stays.
    static func withhold(_ body: () -> Void) {
        var signal = sigset_t()
        sigemptyset(&signal)
        sigaddset(&signal, SIGPIPE)
        var previous = sigset_t()
        // Writing raises it in the writing thread alone: there it is held back, and taken if it has come.
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
