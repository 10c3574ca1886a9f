// Signal handling for services that shut down telemetry when they are stopped.

import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Handles `SIGTERM` from a supervisor and `SIGINT` from a terminal in place of the system's default.
///
/// A signal that the host handles or ignores is left to it. One watch at a time handles the signals.
final class StopSignals: Sendable {
    private static let numbers = [SIGTERM, SIGINT]
    private static let isWatched = Atomic(false)
    /// The pipe that the handler writes to. Never closed: a handler may be about to write while a watch ends.
    private static let ends: (read: Int32, write: Int32)? = {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }()
    /// The write end, and the process that it belongs to: a forked child shares the pipe, and must not write to it.
    private static let writeEnd = Atomic<Int32>(-1)
    private static let owner = Atomic<Int32>(-1)

    private let handled: [Int32]
    private let hasEnded = Semaphore()

    /// Calls the closure once, on a thread of its own, when the first signal comes; a second `SIGINT` ends the process as usual.
    ///
    /// Returns nil if signals are watched already, if the host handles all of them, or if the system has no more pipes or threads.
    init?(_ body: @escaping @Sendable () -> Void) {
        guard let ends = Self.ends, !Self.isWatched.exchange(true, ordering: .acquiringAndReleasing) else { return nil }
        Self.writeEnd.store(ends.write, ordering: .sequentiallyConsistent)
        Self.owner.store(getpid(), ordering: .sequentiallyConsistent)
        handled = Self.numbers.filter(Self.install)
        let hasThread =
            !handled.isEmpty
            && WorkerThread.start(named: "stop-signals") { [handled, hasEnded] in
                if Self.next(ends.read) == .stop {
                    Self.restoreDefaults([SIGINT])
                    body()
                    while Self.next(ends.read) == .stop {}
                }
                Self.restoreDefaults(handled)
                hasEnded.post()
            }
        guard !hasThread else { return }
        Self.restoreDefaults(handled)
        Self.isWatched.store(false, ordering: .releasing)
        return nil
    }

    /// Restores the defaults of the signals and waits for the thread to end, so that another watch can begin.
    func end() {
        Self.restoreDefaults(handled)
        var byte = Message.end.rawValue
        write(Self.writeEnd.load(ordering: .relaxed), &byte, 1)
        _ = hasEnded.wait(until: .after(.seconds(1)))
        Self.isWatched.store(false, ordering: .releasing)
    }

    /// Restores the default of each signal unless the host has installed a handler meanwhile.
    private static func restoreDefaults(_ numbers: [Int32]) {
        for number in numbers {
            guard let present = signal(number, SIG_DFL), address(of: present) != address(of: handler) else { continue }
            _ = signal(number, present)
        }
    }

    private static func address(of handler: @convention(c) (Int32) -> Void) -> Int { unsafeBitCast(handler, to: Int.self) }

    private enum Message: UInt8 { case stop = 1, end = 0 }

    /// Installs the handler unless the host handles or ignores the signal; returns whether it did.
    private static func install(_ number: Int32) -> Bool {
        guard let previous = signal(number, handler) else { return true }
        _ = signal(number, previous)
        return false
    }

    /// Only writes one byte: a signal handler must be async-signal-safe.
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
            // The program may have closed all descriptors.
            if count == 0 || errno != EINTR { return .end }
        }
    }
}
