// The token bucket's rate and capacity.

import Testing

@testable import Telemetry

struct TokenBucketTests {
    private let second: UInt64 = 1_000_000_000

    /// How many of so many are let through at a time.
    private func taken(_ bucket: inout TokenBucket, _ count: Int = 20, at nanoseconds: UInt64) -> Int {
        (0..<count).count { _ in bucket.take(nanoseconds: nanoseconds) }
    }

    @Test func bucketStartsFullAndFillsAtItsRate() {
        var bucket = TokenBucket(ratePerSecond: 3, nanoseconds: 5)
        #expect(taken(&bucket, at: 5) == 3)
        #expect(taken(&bucket, at: 5 + second / 3 * 2) == 1, "A token less a rounding error is none.")
        #expect(taken(&bucket, at: 6 + second / 3 * 2) == 1)
        #expect(taken(&bucket, at: 100 * second) == 3, "Not more than a second's worth is saved up.")
    }

    @Test func rateBelowOneAdmitsOnePerPeriod() {
        var bucket = TokenBucket(ratePerSecond: 1.0 / 60, nanoseconds: 0)
        var kept: [UInt64] = []
        for time in 0...200 where bucket.take(nanoseconds: UInt64(time) * second) { kept.append(UInt64(time)) }
        #expect(kept.count == 4 && kept.first == 0 && zip(kept, kept.dropFirst()).allSatisfy { (60...61).contains($1 - $0) })
    }

    @Test func rateOfZeroAdmitsNothing() {
        var bucket = TokenBucket(ratePerSecond: 0, nanoseconds: 0)
        #expect(taken(&bucket, at: 0) == 0)
        #expect(taken(&bucket, at: .max) == 0)
    }

    @Test func backwardClockStepRemovesNoTokens() {
        var bucket = TokenBucket(ratePerSecond: 1, nanoseconds: 10 * second)
        #expect(taken(&bucket, at: 10 * second) == 1)
        #expect(taken(&bucket, at: 0) == 0)
        #expect(taken(&bucket, at: 11 * second) == 1)
    }

    @Test func rateChangeKeepsSavedTokens() {
        var bucket = TokenBucket(ratePerSecond: 10, nanoseconds: 0)
        #expect(taken(&bucket, 8, at: 0) == 8)
        bucket.setRate(100, nanoseconds: 0)
        #expect(taken(&bucket, at: 0) == 2)
        bucket.setRate(1, nanoseconds: second)
        #expect(taken(&bucket, at: second) == 1)
    }

    @Test func newRateAppliesFromItsTime() {
        var bucket = TokenBucket(ratePerSecond: 1, nanoseconds: 0)
        #expect(taken(&bucket, at: 0) == 1)
        bucket.setRate(10, nanoseconds: second / 2)
        #expect(taken(&bucket, at: second / 2) == 0, "Half a second at the old rate makes no token.")
        #expect(taken(&bucket, at: second) == 5)
    }
}
