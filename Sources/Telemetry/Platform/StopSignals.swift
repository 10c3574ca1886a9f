// Waits for the signals by which a process is asked to end.

import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// `SIGTERM` from a supervisor and `SIGINT` from a terminal, taken from the system's default of ending the process.
///
/// What the host handles or ignores itself stays with it. One watch at a time has the signals.
final class StopSignals: Sendable {
    private static let numbers = [SIGTERM, SIGINT]
    private static let isWatched = Atomic(false)
    /// What the handler writes to. Never closed: a handler may be about to write while a watch ends.
    private static let ends: (read: Int32, write: Int32)? = {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }()
    /// The write end, and the process it is for: a forked child shares the pipe, and is not asked.
    private static let writeEnd = Atomic<Int32>(-1)
    private static let owner = Atomic<Int32>(-1)

    private let taken: [Int32]
    private let hasEnded = Semaphore()

    /// Calls the closure once, on a thread of its own, when the first signal comes; a second `SIGINT` ends the process as usual.
    ///
    /// Nil when signals are watched already, when none is left to watch, or the system has no pipe or thread to give.
    init?(_ body: @escaping @Sendable () -> Void) {
        guard let ends = Self.ends, !Self.isWatched.exchange(true, ordering: .acquiringAndReleasing) else { return nil }
        Self.writeEnd.store(ends.write, ordering: .sequentiallyConsistent)
        Self.owner.store(getpid(), ordering: .sequentiallyConsistent)
        taken = Self.numbers.filter(Self.take)
        let hasThread =
            !taken.isEmpty
            && WorkerThread.start(named: "stop-signals") { [taken, hasEnded] in
                if Self.next(ends.read) == .stop {
                    Self.giveBack([SIGINT])
                    body()
                    while Self.next(ends.read) == .stop {}
                }
                Self.giveBack(taken)
                hasEnded.post()
            }
        guard !hasThread else { return }
        Self.giveBack(taken)
        Self.isWatched.store(false, ordering: .releasing)
        return nil
    }

    /// Gives the signals back to the system's default. The thread is gone then, so that another watch can begin.
    func end() {
        Self.giveBack(taken)
        var byte = Message.end.rawValue
        write(Self.writeEnd.load(ordering: .relaxed), &byte, 1)
        _ = hasEnded.wait(until: .after(.seconds(1)))
        Self.isWatched.store(false, ordering: .releasing)
    }

    /// Sets the default where the handler is still ours: the work may have brought one of its own.
    private static func giveBack(_ numbers: [Int32]) {
        for number in numbers {
            guard let present = signal(number, SIG_DFL), address(of: present) != address(of: handler) else { continue }
            _ = signal(number, present)
        }
    }

    private static func address(of handler: @convention(c) (Int32) -> Void) -> Int { unsafeBitCast(handler, to: Int.self) }

    private enum Message: UInt8 { case stop = 1, end = 0 }

    /// Handles a signal if nobody else does.
    private static func take(_ number: Int32) -> Bool {
        guard let previous = signal(number, handler) else { return true }
        _ = signal(number, previous)
        return false
    }

    /// Only writes one byte: little else is allowed in a signal handler.
    private static let handler: @convention(c) (Int32) -> Void = { _ in
        let error = errno
        if StopSignals.owner.load(ordering: .relaxed) == getpid() {
            var byte = Message.stop.rawValue
            write(StopSignals.writeEnd.load(ordering: .relaxed), &byte, 1)
        }
        errno = error
    }

    private static func next(_ readEnd: Int32) -> Message {
        var byte: UInt8 = 0
        while true {
            let count = read(readEnd, &byte, 1)
            if count == 1 { return Message(rawValue: byte) ?? .end }
            // The host may have closed all descriptors.
            if count == 0 || errno != EINTR { return .end }
        }
    }
}
