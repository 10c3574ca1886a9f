// Conversion of monotonic to wall time, before and after steps of the wall clock.

import Synchronization
import Testing

@testable import Telemetry

struct ClockAnchorTests {
    private let manual = ManualClock()
    private var clock: TelemetryClock { .manual(manual) }

    private func wall() -> UInt64 { clock.anchor(at: clock.monotonicNanoseconds()).wallNanoseconds(clock.monotonicNanoseconds()) }

    @Test func anchorWithinReadingIsKept() {
        let anchor = ClockAnchor(offset: 1_000)
        // The true offset lies between 990 and 1,020, and both ends count.
        #expect(anchor.renewed(wall: 1_120, after: 100, before: 130) == anchor)
        #expect(ClockAnchor(offset: 990).renewed(wall: 1_120, after: 100, before: 130).offset == 990)
        #expect(ClockAnchor(offset: 1_020).renewed(wall: 1_120, after: 100, before: 130).offset == 1_020)
    }

    @Test(arguments: [989, 1_021, 0, UInt64.max]) func anchorOutsideReadingMovesToItsMiddle(offset: UInt64) {
        #expect(ClockAnchor(offset: offset).renewed(wall: 1_120, after: 100, before: 130).offset == 1_005)
    }

    @Test func wallClockBelowTimeSinceBootHasAnchor() {
        let anchor = ClockAnchor(offset: 0).renewed(wall: 10, after: 5_000, before: 5_000)
        #expect(anchor.wallNanoseconds(5_000) == 10 && anchor.wallNanoseconds(5_007) == 17)
        #expect(anchor.renewed(wall: 12, after: 5_001, before: 5_003) == anchor)
    }

    @Test(arguments: [3600, -3600]) func wallClockStepIsSeenWithin100Milliseconds(seconds: Int) {
        let start = wall()
        manual.stepWallClock(by: .seconds(seconds))
        manual.advance(by: .nanoseconds(99_999_999))
        #expect(wall() == start + 99_999_999)
        manual.advance(by: .nanoseconds(1))
        #expect(wall() == clock.wallNanoseconds())
        #expect(clock.now.duration(since: Timestamp(nanosecondsSinceEpoch: start)) == .seconds(seconds) + .milliseconds(100))
    }

    @Test func expiredAnchorIsRenewedByFirstReader() {
        _ = wall()
        manual.stepWallClock(by: .seconds(-86_400))
        manual.advance(by: .seconds(1_000_000))
        #expect(wall() == clock.wallNanoseconds())
    }

    @Test func renewAnchorRenewsAfterHalfOfLifetime() {
        let start = wall()
        manual.stepWallClock(by: .seconds(60))
        manual.advance(by: .milliseconds(49))
        clock.renewAnchor(at: clock.monotonicNanoseconds())
        #expect(wall() == start + 49_000_000, "Half of its time is not over.")
        manual.advance(by: .milliseconds(1))
        clock.renewAnchor(at: clock.monotonicNanoseconds())
        #expect(wall() == clock.wallNanoseconds())
    }

    @Test func givenWallTimeSelectsNearerAnchor() {
        let before = clock.anchor(at: 0)
        manual.advance(by: .seconds(5))
        let earlier = clock.wallNanoseconds()
        manual.stepWallClock(by: .seconds(-3600))
        manual.advance(by: .seconds(1))
        let monotonic = clock.monotonicNanoseconds()
        let present = clock.anchor(at: monotonic)
        #expect(present != before)
        #expect(clock.anchor(fitting: clock.wallNanoseconds(), at: monotonic, own: before) == present)
        #expect(clock.anchor(fitting: earlier, at: monotonic, own: before) == before)
        #expect(clock.anchor(fitting: clock.wallNanoseconds(), at: monotonic, own: present) == present)
        #expect(clock.anchor(fitting: 0, at: monotonic, own: present) == present)
        #expect(clock.anchor(fitting: .max, at: monotonic, own: present) == present)
    }

    @Test func concurrentRenewalsPublishWholeAnchors() {
        let offsets: Set<UInt64> = [clock.wallNanoseconds(), clock.wallNanoseconds() - 3_600_000_000_000]
        let isStepping = Atomic(true)
        let seen = Mutex<Set<UInt64>>([])
        #expect(
            onThreads(4) { number in
                if number == 0 {
                    for step in 0..<2_000 { manual.stepWallClock(by: .seconds(step % 2 == 0 ? -3600 : 3600)) }
                    isStepping.store(false, ordering: .relaxed)
                }
                var own: Set<UInt64> = []
                repeat {
                    own.insert(clock.renewedAnchor().offset)
                    own.insert(clock.anchor(at: clock.monotonicNanoseconds()).offset)
                } while isStepping.load(ordering: .relaxed)
                seen.withLock { $0.formUnion(own) }
            })
        let all = seen.withLock { $0 }
        #expect(all.isSubset(of: offsets) && !all.isEmpty)
    }

    @Test func systemAnchorMatchesWallClock() {
        let clock = TelemetryClock.system
        // A step during the test is tried again.
        #expect(
            (0..<5).contains { _ in
                let before = clock.now
                let told = clock.renewedAnchor().wallNanoseconds(clock.monotonicNanoseconds())
                let width = Duration.seconds(1)
                return told >= before.advanced(by: .zero - width).nanosecondsSinceEpoch
                    && told <= clock.now.advanced(by: width).nanosecondsSinceEpoch
            })
    }
}
