// Timestamps, and the system and manual clocks.

import Synchronization
import Testing

@testable import Telemetry

struct TimeTests {
    @Test func timestampAdvancesBothWaysAndSaturates() {
        let start = Timestamp(nanosecondsSinceEpoch: 1_000)
        #expect(start.advanced(by: .nanoseconds(5)).nanosecondsSinceEpoch == 1_005)
        #expect(start.advanced(by: .nanoseconds(-5)).nanosecondsSinceEpoch == 995)
        #expect(start.advanced(by: .seconds(-1)).nanosecondsSinceEpoch == 0)
        #expect(start.advanced(by: .seconds(Int64.min)).nanosecondsSinceEpoch == 0)
        #expect(Timestamp(nanosecondsSinceEpoch: .max - 1).advanced(by: .seconds(1)).nanosecondsSinceEpoch == .max)
    }

    @Test func timestampIsDescribedAsDateWithNanoseconds() {
        #expect("\(Timestamp(nanosecondsSinceEpoch: 0))" == "1970-01-01T00:00:00.000000000Z")
        #expect("\(Timestamp(nanosecondsSinceEpoch: 1_763_697_960_000_250_001))" == "2025-11-21T04:06:00.000250001Z")
        #expect("\(Timestamp(nanosecondsSinceEpoch: .max))" == "2554-07-21T23:34:33.709551615Z")
    }

    @Test func durationSinceIsSigned() {
        let (early, late) = (Timestamp(nanosecondsSinceEpoch: 10), Timestamp(nanosecondsSinceEpoch: 25))
        #expect(late.duration(since: early) == .nanoseconds(15))
        #expect(early.duration(since: late) == .nanoseconds(-15))
        #expect(early < late)
        let ends = (Timestamp(nanosecondsSinceEpoch: 0), Timestamp(nanosecondsSinceEpoch: .max))
        #expect(ends.1.duration(since: ends.0) == .nanoseconds(Int64.max))
    }

    @Test func timestampsAreAddedToAndSubtracted() {
        let (early, late) = (Timestamp(nanosecondsSinceEpoch: 10), Timestamp(nanosecondsSinceEpoch: 25))
        #expect(early + .nanoseconds(15) == late && late - .nanoseconds(15) == early)
        #expect(early - .nanoseconds(-15) == late)
        #expect(late - early == .nanoseconds(15) && early - late == .nanoseconds(-15))
        #expect(early - .seconds(1) == Timestamp(nanosecondsSinceEpoch: 0))
        #expect((early - .seconds(Int64.min)).nanosecondsSinceEpoch == 10 + UInt64(Int64.max))
    }

    @Test func timestampIsMadeOfSeconds() {
        #expect(Timestamp(secondsSinceEpoch: 1.5).nanosecondsSinceEpoch == 1_500_000_000)
        #expect(Timestamp(secondsSinceEpoch: 1_700_000_000.25).nanosecondsSinceEpoch == 1_700_000_000_250_000_000)
        #expect(Timestamp(secondsSinceEpoch: 1_764_417_281.125).nanosecondsSinceEpoch == 1_764_417_281_125_000_000)
        #expect(Timestamp(secondsSinceEpoch: -1).nanosecondsSinceEpoch == 0)
        #expect(Timestamp(secondsSinceEpoch: .nan).nanosecondsSinceEpoch == 0)
        #expect(Timestamp(secondsSinceEpoch: 1e300).nanosecondsSinceEpoch == .max)
        // The greatest double below 2⁶⁴ nanoseconds.
        #expect(Timestamp(secondsSinceEpoch: 18_446_744_073.709548).nanosecondsSinceEpoch > 18_446_744_073_000_000_000)
    }

    @Test func secondsOfTimestampAreThoseItIsMadeOf() {
        for seconds in [0, 1.5, 1_700_000_000.25, 1_764_417_281.125] {
            #expect(Timestamp(secondsSinceEpoch: seconds).secondsSinceEpoch == seconds)
        }
        // Half a step of a double, where the quotient of all nanoseconds, which is rounded twice, is a whole step away.
        let time = Timestamp(nanosecondsSinceEpoch: 1_771_589_777_831_588_992)
        #expect(time.secondsSinceEpoch == 1_771_589_777.831588992)
        #expect(time.secondsSinceEpoch != Double(time.nanosecondsSinceEpoch) / 1e9)
    }

    @Test func systemMonotonicClockNeverDecreases() {
        let clock = TelemetryClock.system
        #expect(clock.now > Timestamp(nanosecondsSinceEpoch: 1_577_836_800_000_000_000), "It is past 2020.")
        let readings = (0..<1_000).map { _ in clock.monotonicNanoseconds() }
        #expect(readings == readings.sorted())
    }

    @Test func manualClockChangesOnlyWhenAdvanced() {
        let manual = ManualClock(startingAt: Timestamp(nanosecondsSinceEpoch: 500))
        let clock = TelemetryClock.manual(manual)
        #expect(clock.now.nanosecondsSinceEpoch == 500)
        manual.advance(by: .nanoseconds(20))
        #expect(clock.now.nanosecondsSinceEpoch == 520)
        #expect(clock.monotonicNanoseconds() == 20)
        manual.advance(by: .seconds(-1))
        #expect(clock.now.nanosecondsSinceEpoch == 520, "It does not go back.")
    }

    @Test func manualClockNotifiesObserversAfterEachAdvance() {
        final class Counter: Sendable {
            let count = Mutex(0)
        }
        let counter = Counter()
        let clock = ManualClock()
        clock.observe { counter.count.withLock { $0 += 1 } }
        clock.advance(by: .seconds(1))
        clock.advance(by: .zero)
        #expect(counter.count.withLock { $0 } == 2)
    }
}
