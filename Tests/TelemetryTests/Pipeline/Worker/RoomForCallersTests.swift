// How long callers that find a queue full are held up.

import Synchronization
import Testing

@testable import Telemetry

struct RoomForCallersTests {
    /// Yields end by their number here, however long each takes on a busy machine.
    private let room = RoomForCallers(yieldsPerBatch: yields, longestYielding: .patience)
    private static let millisecond: UInt64 = 1_000_000
    /// One try after each yield.
    private static let yields = 64

    private func attempts(_ policy: BatchOptions.FullQueuePolicy = .drop) -> Int { attempts(in: room, policy) }

    /// How often a caller tries that finds the queue full each time.
    private func attempts(in room: RoomForCallers, _ policy: BatchOptions.FullQueuePolicy = .drop) -> Int {
        var count = 0
        let admission = room.retry(policy) {
            count += 1
            return .full
        }
        #expect(admission == .full)
        return count
    }

    @Test func callersWaitForAQuickReceiverUntilTheTimeIsUsedUp() {
        // Each wait tries before and after; the last one may have no time left for more than one of 16.
        let range = Self.yields + 2...Self.yields + 32
        #expect(range.contains(attempts()))
        room.open()
        #expect(range.contains(attempts()))
    }

    @Test func callersThatFollowAreNotHeldUpUntilABatchLeaves() {
        while attempts() > 0 {}
        #expect(attempts() == 0)
        room.open()
        #expect(attempts() > Self.yields)
    }

    @Test func callersWhoseTimeIsOverTakeAnEighthOfTheYields() {
        let room = RoomForCallers(longestYielding: .zero)
        for _ in 0..<2 {
            for _ in 0..<16 { room.noteExport(nanoseconds: 3 * Self.millisecond) }
            room.open()
            #expect((0..<10).map { _ in attempts(in: room) } == [1, 1, 1, 1, 1, 1, 1, 1, 0, 0])
        }
        for _ in 0..<32 { room.noteExport(nanoseconds: Self.millisecond / 10) }
        room.open()
        #expect(attempts(in: room) > 1, "Waits for a quick receiver have a time of their own.")
    }

    @Test func aSlowReceiverIsNotWaitedFor() {
        for _ in 0..<16 { room.noteExport(nanoseconds: 3 * Self.millisecond) }
        room.open()
        #expect(attempts() == Self.yields)
    }

    @Test func fewLongExportsAmongQuickOnesMakeNoSlowReceiver() {
        for _ in 0..<16 { room.noteExport(nanoseconds: Self.millisecond / 10) }
        for _ in 0..<2 { room.noteExport(nanoseconds: 60_000 * Self.millisecond) }
        room.open()
        #expect(attempts() > Self.yields)
        for _ in 0..<16 { room.noteExport(nanoseconds: 60_000 * Self.millisecond) }
        room.open()
        #expect(attempts() == Self.yields)
        for _ in 0..<32 { room.noteExport(nanoseconds: Self.millisecond / 10) }
        room.open()
        #expect(attempts() > Self.yields, "A receiver that has become quick is waited for again.")
    }

    @Test func callersStopAtOnceWhenThereIsRoomOrTheQueueIsClosed() {
        for outcome in [BatchQueue.Admission.accepted, .closed] {
            var count = 0
            let admission = room.retry(.drop) {
                count += 1
                return count == 3 ? outcome : .full
            }
            #expect(admission == outcome && count == 3)
        }
    }

    @Test func callersThatMayWaitDoSoForASlowReceiverToo() {
        let room = RoomForCallers(yieldsPerBatch: 0)
        for _ in 0..<16 { room.noteExport(nanoseconds: 3 * Self.millisecond) }
        room.open()
        #expect(attempts(in: room, .wait(atMost: .milliseconds(1))) >= 2)
    }

    @Test func yieldsEndWithTheTimeThatThePolicyGives() {
        let count = attempts(.wait(atMost: .zero))
        #expect(count < Self.yields, "One yield, and the tries of a wait that is over.")
    }

    @Test(arguments: [1, 8]) func waitingCallersTryAgainWhenABatchLeaves(callers: Int) {
        let hasRoom = Atomic(false)
        let acceptedCount = Atomic(0)
        let (waiting, ended) = (Semaphore(), Semaphore())
        for _ in 0..<callers {
            let isStarted = WorkerThread.start(named: "caller") { [room] in
                var isNoted = false
                let admission = room.retry(.wait(atMost: .seconds(60))) {
                    if hasRoom.load(ordering: .sequentiallyConsistent) { return .accepted }
                    if !isNoted { waiting.post() }
                    isNoted = true
                    return .full
                }
                if admission == .accepted { acceptedCount.wrappingAdd(1, ordering: .sequentiallyConsistent) }
                ended.post()
            }
            #expect(isStarted)
        }
        for _ in 0..<callers { #expect(waiting.wait(until: .after(.seconds(60)))) }
        hasRoom.store(true, ordering: .sequentiallyConsistent)
        room.open()
        for _ in 0..<callers { #expect(ended.wait(until: .after(.seconds(60)))) }
        let count = acceptedCount.load(ordering: .sequentiallyConsistent)
        #expect(count == callers)
    }
}
