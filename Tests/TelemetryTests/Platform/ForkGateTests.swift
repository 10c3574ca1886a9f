// What a fork does with the locks of participants.

import Synchronization
import Testing

@testable import Telemetry

struct ForkGateTests {
    /// A participant whose lock becomes free a while after the first attempt to acquire it.
    private final class Participant: ForkParticipant, Sendable {
        private let delay: Duration
        private let freeAt = Atomic<UInt64>(0)
        /// 0 in a child that was forked with the locks held, 1 in one that was not, 2 in the parent.
        let status = Atomic<Int32>(2)

        init(delay: Duration = .zero) {
            self.delay = delay
            ForkGate.add(self)
        }

        deinit { ForkGate.remove(self) }

        func tryHoldLocks() -> Bool {
            if freeAt.load(ordering: .relaxed) == 0 { freeAt.store(Deadline.after(delay).nanoseconds, ordering: .relaxed) }
            return SystemClock.monotonicNanoseconds() >= freeAt.load(ordering: .relaxed)
        }

        func releaseLocks() {}

        func becomeChild(isWhole: Bool) { status.store(isWhole ? 0 : 1, ordering: .relaxed) }

        /// Forks, and returns the status of the child.
        func fork() throws -> Int32 {
            try ForkedChild { self.status.load(ordering: .relaxed) }.wait()
        }
    }

    @Test func forkWaitsForLockThatIsHeldLongerThanOneAttempt() throws {
        let participant = Participant(delay: .milliseconds(60))
        #expect(try participant.fork() == 0)
        #expect(participant.status.load(ordering: .relaxed) == 2)
    }

    @Test func childLearnsThatLockDidNotBecomeFree() throws {
        #expect(try Participant(delay: .seconds(3600)).fork() == 1)
    }

    /// In a process of its own, in which nothing has entered a section before.
    @Test func firstParticipantOfProcessTakesPartInForks() async {
        await #expect(processExitsWith: .success) {
            try #require(try Participant().fork() == 0)
        }
    }
}
