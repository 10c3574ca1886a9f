// Rounds beside requests.

import Synchronization
import Testing

@testable import ExampleSupport

struct BackgroundWorkTests {
    private final class Rounds: Sendable {
        private let count = Atomic(0)
        var done: Int { count.load(ordering: .sequentiallyConsistent) }
        func add() { count.add(1, ordering: .sequentiallyConsistent) }
    }

    @Test func roundsFollowTheirInterval() async {
        let (clock, rounds) = (MissionClock(), Rounds())
        let work = BackgroundWork(every: .seconds(30), clock: clock) { rounds.add() }
        #expect(await eventually { rounds.done == 1 })
        clock.advance(by: .seconds(29))
        clock.advance(by: .seconds(1))
        #expect(await eventually { rounds.done == 2 })
        work.wake()
        #expect(await eventually { rounds.done == 3 })
        clock.advance(by: .seconds(30))
        #expect(await eventually { rounds.done == 4 })
        #expect(await work.stop(within: ServiceHarness.patience))
        clock.advance(by: .seconds(300))
        work.wake()
        #expect(rounds.done == 4)
    }

    @Test func workWithoutAnIntervalHasRoundsOnlyWhenItIsWoken() async {
        let rounds = Rounds()
        let work = BackgroundWork(every: nil, clock: MissionClock()) { rounds.add() }
        work.wake()
        #expect(await eventually { rounds.done == 1 })
        #expect(await work.stop(within: ServiceHarness.patience))
        #expect(rounds.done == 1)
        let unused = BackgroundWork(every: nil, clock: MissionClock()) { rounds.add() }
        #expect(await unused.stop(within: ServiceHarness.patience))
        #expect(rounds.done == 1)
    }

    @Test func wakesDuringARoundBecomeOneMore() async {
        let (gate, rounds) = (Gate(), Rounds())
        let work = BackgroundWork(every: .seconds(30), clock: MissionClock()) {
            rounds.add()
            await gate.pass()
        }
        #expect(await eventually { rounds.done == 1 })
        for _ in 1...5 { work.wake() }
        gate.open()
        #expect(await eventually { rounds.done == 2 })
        #expect(await work.stop(within: ServiceHarness.patience))
        #expect(rounds.done == 2)
    }

    @Test func stopCancelsARoundThatTakesTooLong() async {
        let rounds = Rounds()
        let work = BackgroundWork(every: .seconds(30), clock: MissionClock()) {
            rounds.add()
            try? await MissionClock().sleep(until: .init(nanoseconds: .max))
        }
        #expect(await eventually { rounds.done == 1 })
        #expect(await !work.stop(within: .milliseconds(1)))
    }
}
