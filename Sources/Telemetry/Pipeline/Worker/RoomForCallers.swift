// How long callers that find a queue full may be held up.

import Synchronization

/// Has callers that find the queue full try again, as the policy of the options says.
///
/// Where items are dropped, callers yield their processor first, and wait for a moment if exports usually are quick: a full queue then means
/// that the worker, the receiver or the system's network thread has no processor, and the caller's own is what they need. A receiver that
/// usually takes longer is not waited for, since that would slow callers down to what it takes.
final class RoomForCallers: Sendable {
    /// How often callers may still yield, and wait in vain, until the next batch leaves.
    private let yields: Atomic<Int>
    private let waits = Atomic(waitsPerBatch)
    private let waiters = Atomic(0)
    private let room = Semaphore()
    /// What exports take, smoothed; stored by the worker alone.
    private let usualNanoseconds = Atomic<UInt64>(0)

    /// How many yields callers have for each batch, and for how long one of them may yield.
    ///
    /// They take some tenths of a millisecond in all on processors that no other thread waits for. Where others do, each may take a time slice
    /// of the scheduler, which is some 3 ms: a caller whose time is over takes an eighth of them with it.
    private let yieldsPerBatch: Int
    private let longestYielding: Duration

    private static let waitsPerBatch = 16
    private static let longestWait = Duration.microseconds(250)
    /// For one caller.
    private static let longestHold = Duration.milliseconds(4)
    private static let quickNanoseconds: UInt64 = 500_000

    init(yieldsPerBatch: Int = 1024, longestYielding: Duration = .milliseconds(1)) {
        (self.yieldsPerBatch, self.longestYielding) = (yieldsPerBatch, longestYielding)
        yields = Atomic(yieldsPerBatch)
    }

    /// Calls the closure until it does not find the queue full any more, or the time that the policy gives is used up.
    func retry(_ policy: BatchOptions.FullQueuePolicy, _ append: () -> BatchQueue.Admission) -> BatchQueue.Admission {
        var deadline = Deadline.never
        if case .wait(let duration) = policy { deadline = .after(duration) }
        if yields.load(ordering: .relaxed) > 0 {
            let limit = min(deadline, .after(longestYielding))
            while Self.take(from: yields) {
                WorkerThread.letOthersRun()
                let admission = append()
                if admission != .full { return admission }
                guard limit.hasPassed else { continue }
                _ = Self.take(yieldsPerBatch / 8 - 1, from: yields)
                break
            }
        }
        return policy == .drop ? waitBriefly(append) : wait(until: deadline, append)
    }

    private func waitBriefly(_ append: () -> BatchQueue.Admission) -> BatchQueue.Admission {
        let deadline = Deadline.after(Self.longestHold)
        repeat {
            guard waits.load(ordering: .relaxed) > 0 else { break }
            let (admission, isInVain) = waitOnce(until: min(deadline, .after(Self.longestWait)), append)
            if admission != .full { return admission }
            if isInVain { _ = Self.take(from: waits) }
        } while !deadline.hasPassed
        return .full
    }

    private func wait(until deadline: Deadline, _ append: () -> BatchQueue.Admission) -> BatchQueue.Admission {
        repeat {
            let (admission, _) = waitOnce(until: deadline, append)
            if admission != .full { return admission }
        } while !deadline.hasPassed
        return .full
    }

    /// Waits for room if the closure finds the queue full, and calls it again. May return early, since a batch that left posts for all that
    /// waited then; in vain is a wait that lasted until its deadline.
    private func waitOnce(
        until deadline: Deadline, _ append: () -> BatchQueue.Admission
    ) -> (BatchQueue.Admission, isInVain: Bool) {
        waiters.wrappingAdd(1, ordering: .sequentiallyConsistent)
        let admission = append()
        let isInVain = admission == .full && !room.wait(until: deadline)
        waiters.wrappingSubtract(1, ordering: .sequentiallyConsistent)
        return (admission == .full ? append() : admission, isInVain)
    }

    /// Lets those that wait try again, and others yield and wait in their turn; must be called when a batch has left the queue.
    func open() {
        yields.store(yieldsPerBatch, ordering: .relaxed)
        let isQuick = usualNanoseconds.load(ordering: .relaxed) < Self.quickNanoseconds
        waits.store(isQuick ? Self.waitsPerBatch : 0, ordering: .relaxed)
        for _ in 0..<waiters.load(ordering: .sequentiallyConsistent) { room.post() }
    }

    /// Notes what an export took; must be called on the worker's thread.
    func noteExport(nanoseconds: UInt64) {
        let usual = usualNanoseconds.load(ordering: .relaxed)
        // A few long exports among quick ones are those of a busy machine.
        let bounded = min(nanoseconds, 2 * Self.quickNanoseconds)
        usualNanoseconds.store(usual - usual / 8 + bounded / 8, ordering: .relaxed)
    }

    private static func take(_ count: Int = 1, from budget: borrowing Atomic<Int>) -> Bool {
        guard budget.load(ordering: .relaxed) > 0 else { return false }
        budget.wrappingSubtract(count, ordering: .relaxed)
        return true
    }
}
