// Comparison and saturation of deadlines.

import Testing

@testable import Telemetry

struct DeadlineTests {
    @Test func pastDeadlineHasPassedWithNoTimeRemaining() {
        let deadline = Deadline.after(.seconds(-1))
        #expect(deadline.hasPassed)
        #expect(deadline.remaining == .zero)
    }

    @Test func neverIsUnchangedByAdvancing() {
        #expect(Deadline.never.advanced(by: .seconds(-5)) == .never)
        #expect(!Deadline.never.hasPassed)
    }

    @Test func advancingBeyondClockRangeSaturates() {
        #expect(Deadline.after(.seconds(Int64.max)) == .never || !Deadline.after(.seconds(Int64.max)).hasPassed)
        #expect(Deadline(nanoseconds: 5).advanced(by: .seconds(-1)) == Deadline(nanoseconds: 0))
        #expect(Deadline(nanoseconds: .max - 1).advanced(by: .seconds(1)) == .never)
    }
}
