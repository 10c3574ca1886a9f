// Values handed over on the processor of the thread, taken out with a lock held.

import Synchronization
import Testing

@testable import Telemetry

@Suite(.enabled(if: ProcessorQueues.areAvailable, "The kernel restarts interrupted sequences.")) struct ProcessorQueuesTests {
    /// Queues with a lock for each.
    private final class Lanes: @unchecked Sendable {
        // Unchecked: what is not atomic is used with the lock of its lane held.
        struct Lane: ~Copyable {
            let lock = BriefLock()
            let queue = ProcessorQueue.allocate()
            var taken: [UInt64] = []
        }

        let lanes = UnsafeMutablePointer<Lane>.allocate(capacity: ProcessorLane.count)
        let queues: ProcessorQueues

        init() {
            for place in 0..<ProcessorLane.count { (lanes + place).initialize(to: Lane()) }
            let lanes = lanes
            queues = ProcessorQueues((0..<ProcessorLane.count).map { lanes[$0].queue })
        }

        deinit {
            queues.deallocate()
            for place in 0..<ProcessorLane.count { lanes[place].queue.deallocate() }
            lanes.deinitialize(count: ProcessorLane.count)
            lanes.deallocate()
        }

        /// Takes all values out of all queues, and allows a number more in each.
        func takeAll(allowing count: Int = 0) {
            for place in 0..<ProcessorLane.count {
                lanes[place].lock.acquire()
                lanes[place].queue.takeAll { lanes[place].taken.append($0) }
                lanes[place].queue.allow(count)
                lanes[place].lock.release()
            }
        }

        var taken: [UInt64] { (0..<ProcessorLane.count).flatMap { lanes[$0].taken } }
    }

    @Test func queueRefusesMoreThanIsAllowedAndKeepsOrder() {
        let lanes = Lanes()
        #expect(!lanes.queues.append(1), "At first nothing is allowed.")
        lanes.takeAll(allowing: 3)
        // A thread that is moved or interrupted is refused, and tries again.
        var accepted: [UInt64] = []
        for value in 0..<UInt64(100 * ProcessorLane.count) where lanes.queues.append(value) { accepted.append(value) }
        #expect((1...3 * ProcessorLane.count).contains(accepted.count))
        lanes.takeAll()
        #expect(lanes.taken.sorted() == accepted)
        for place in 0..<ProcessorLane.count {
            #expect(lanes.lanes[place].taken == lanes.lanes[place].taken.sorted() && lanes.lanes[place].queue.isEmpty)
        }
        #expect(!lanes.queues.append(1))
    }

    @Test func noValueIsLostOrDoubledWhileAnotherThreadTakesThemOut() {
        let lanes = Lanes()
        let accepted = Atomic(0)
        let running = Atomic(8)
        let isDone = onThreads(9) { number in
            if number == 8 {
                // Some have room and some have not, so that the limit moves both ways beneath those that append.
                var count = 0
                while running.load(ordering: .acquiring) > 0 {
                    lanes.takeAll(allowing: count % (ProcessorQueue.capacity + 1))
                    count += 1
                }
            } else {
                // Beside other work the taker may not run before all values have been offered: some more are, until enough had room.
                var (count, own) = (0, 0)
                while count < 100_000 || own < 200 {
                    if lanes.queues.append(UInt64(number << 32 | count)) { own += 1 }
                    if count % 1_000 == 0 { WorkerThread.letOthersRun() }
                    count += 1
                }
                accepted.wrappingAdd(own, ordering: .relaxed)
                running.wrappingSubtract(1, ordering: .releasing)
            }
        }
        #expect(isDone)
        lanes.takeAll()
        let taken = lanes.taken
        #expect(taken.count == accepted.load(ordering: .relaxed) && Set(taken).count == taken.count)
        #expect(taken.count >= 8 * 200 && taken.allSatisfy { $0 >> 32 < 8 })
    }
}
