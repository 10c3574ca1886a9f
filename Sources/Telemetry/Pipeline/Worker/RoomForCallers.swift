// How long callers that find a queue full may be held up.

import Synchronization

/// Holds callers that find the queue full until there is room, for a short time in all.
///
/// A receiver that usually takes a batch in less than a millisecond has a queue full only while the worker, the receiver or the system's
/// network thread has no processor; a caller that gives up its own then loses nothing. A slow receiver holds nobody up for longer than the
/// yields take, since waiting for it would slow callers down to what it takes.
final class RoomForCallers: Sendable {
    /// How often callers may still yield the processor and wait for room, until the next batch leaves.
    private let yields = Atomic(yieldsPerBatch)
    private let waits = Atomic(waitsPerBatch)
    private let waiters = Atomic(0)
    private let room = Semaphore()
    /// What exports take, smoothed; stored by the worker alone.
    private let usualNanoseconds = Atomic<UInt64>(0)

    /// Some tenths of a millisecond in all.
    private static let yieldsPerBatch = 1024
    /// 4 ms in all, more than a time slice of the scheduler.
    private static let waitsPerBatch = 16
    private static let longestWait = Duration.microseconds(250)
    private static let quickNanoseconds: UInt64 = 1_000_000

    /// Calls the closure until it does not find the queue full any more, or the time is used up.
    func retry(_ append: () -> BatchQueue.Admission) -> BatchQueue.Admission {
        while Self.take(from: yields) {
            WorkerThread.letOthersRun()
            let admission = append()
            if admission != .full { return admission }
        }
        while Self.take(from: waits) {
            let admission = wait(until: .after(Self.longestWait), append)
            if admission != .full { return admission }
        }
        return .full
    }

    /// Waits for room if the closure finds the queue full, and calls it again; may return early.
    func wait(until deadline: Deadline, _ append: () -> BatchQueue.Admission) -> BatchQueue.Admission {
        waiters.wrappingAdd(1, ordering: .sequentiallyConsistent)
        defer { waiters.wrappingSubtract(1, ordering: .sequentiallyConsistent) }
        let admission = append()
        guard admission == .full else { return admission }
        _ = room.wait(until: deadline)
        return append()
    }

    /// Lets those that wait try again, and others wait in their turn; must be called when a batch has left the queue.
    func open() {
        yields.store(Self.yieldsPerBatch, ordering: .relaxed)
        let isQuick = usualNanoseconds.load(ordering: .relaxed) < Self.quickNanoseconds
        waits.store(isQuick ? Self.waitsPerBatch : 0, ordering: .relaxed)
        for _ in 0..<waiters.load(ordering: .sequentiallyConsistent) { room.post() }
    }

    /// Notes what an export took; must be called on the worker's thread.
    func noteExport(nanoseconds: UInt64) {
        let usual = usualNanoseconds.load(ordering: .relaxed)
        // One export among quick ones that took long makes the receiver no slow one.
        let bounded = min(nanoseconds, 4 * Self.quickNanoseconds)
        usualNanoseconds.store(usual - usual / 8 + bounded / 8, ordering: .relaxed)
    }

    private static func take(from budget: borrowing Atomic<Int>) -> Bool {
        guard budget.load(ordering: .relaxed) > 0 else { return false }
        budget.wrappingSubtract(1, ordering: .relaxed)
        return true
    }
}
