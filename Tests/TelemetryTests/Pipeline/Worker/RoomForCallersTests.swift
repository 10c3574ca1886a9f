// How long callers that find a queue full are held up.

import Synchronization
import Testing

@testable import Telemetry

struct RoomForCallersTests {
    private let room = RoomForCallers()
    private static let millisecond: UInt64 = 1_000_000

    /// How often a caller tries that finds the queue full each time.
    private func attempts() -> Int {
        var count = 0
        let admission = room.retry {
            count += 1
            return .full
        }
        #expect(admission == .full)
        return count
    }

    @Test func callersWaitForAQuickReceiverUntilTheTimeIsUsedUp() {
        // 1024 yields with one try each, and 16 waits with one before and one after.
        #expect(attempts() == 1056)
        #expect(attempts() == 0, "Until a batch leaves, others are not held up.")
        room.open()
        #expect(attempts() == 1056)
    }

    @Test func aSlowReceiverIsNotWaitedFor() {
        for _ in 0..<16 { room.noteExport(nanoseconds: 3 * Self.millisecond) }
        room.open()
        #expect(attempts() == 1024)
    }

    @Test func oneLongExportAmongQuickOnesMakesNoSlowReceiver() {
        for _ in 0..<16 { room.noteExport(nanoseconds: Self.millisecond / 10) }
        room.noteExport(nanoseconds: 60_000 * Self.millisecond)
        room.open()
        #expect(attempts() == 1056)
        for _ in 0..<16 { room.noteExport(nanoseconds: 60_000 * Self.millisecond) }
        for _ in 0..<32 { room.noteExport(nanoseconds: Self.millisecond / 10) }
        room.open()
        #expect(attempts() == 1056, "A receiver that has become quick is waited for again.")
    }

    @Test func callersStopAtOnceWhenThereIsRoomOrTheQueueIsClosed() {
        for outcome in [BatchQueue.Admission.accepted, .closed] {
            var count = 0
            let admission = room.retry {
                count += 1
                return count == 3 ? outcome : .full
            }
            #expect(admission == outcome && count == 3)
        }
    }

    @Test func waitingCallersTryAgainWhenABatchLeaves() {
        let hasRoom = Atomic(false)
        let (waiting, ended) = (Semaphore(), Semaphore())
        let isAccepted = Atomic(false)
        let isStarted = WorkerThread.start(named: "caller") { [room] in
            let admission = room.wait(until: .after(.seconds(60))) {
                if hasRoom.load(ordering: .sequentiallyConsistent) { return .accepted }
                waiting.post()
                return .full
            }
            isAccepted.store(admission == .accepted, ordering: .sequentiallyConsistent)
            ended.post()
        }
        #expect(isStarted && waiting.wait(until: .after(.seconds(60))))
        hasRoom.store(true, ordering: .sequentiallyConsistent)
        room.open()
        #expect(ended.wait(until: .after(.seconds(60))))
        let hasBeenAccepted = isAccepted.load(ordering: .sequentiallyConsistent)
        #expect(hasBeenAccepted)
    }
}
