// Locks of a queue's lanes, which are held during a fork.

import Testing

@testable import Telemetry

struct BatchQueueTests {
    @Test(arguments: [1, 2, 4])
    func heldLaneLocksAreNotAcquiredAgainBeforeRelease(laneCount: Int) {
        let queue = BatchQueue(capacity: 64, batchSize: 8, laneCount: laneCount, wake: WakeSignal())
        // A fork of another test must not take these locks meanwhile.
        ForkGate.remove(queue)
        #expect(queue.tryHoldLocks())
        #expect(!queue.tryHoldLocks())
        queue.releaseLocks()
        #expect(queue.tryHoldLocks(), "A failed attempt leaves no lock held.")
        queue.releaseLocks()
    }
}
