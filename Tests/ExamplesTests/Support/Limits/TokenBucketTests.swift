// The arithmetic of the token bucket.

import ExampleSupport
import Testing

struct TokenBucketTests {
    @Test func burstPassesAtOnceThenRequestsPassAtRate() {
        var bucket = TokenBucket(rate: 10, burst: 3)
        #expect((0..<3).allSatisfy { _ in bucket.take(at: 5_000) == nil })
        #expect(bucket.take(at: 5_000) == 100_000_000)
        #expect(bucket.take(at: 60_005_000) == 40_000_000)
        #expect(bucket.take(at: 100_005_000) == nil)
        #expect(bucket.take(at: 100_005_000) == 100_000_000)
    }

    @Test func pauseFillsBucketUpToBurst() {
        var bucket = TokenBucket(rate: 1000, burst: 2)
        #expect(bucket.take(at: 0) == nil)
        let later: Int64 = 3_600_000_000_000
        #expect(bucket.take(at: later) == nil && bucket.take(at: later) == nil && bucket.take(at: later) == 1_000_000)
    }

    @Test func refusedRequestsTakeNothing() {
        var bucket = TokenBucket(rate: 1, burst: 1)
        #expect(bucket.take(at: 0) == nil)
        for _ in 0..<100 { #expect(bucket.take(at: 500_000_000) == 500_000_000) }
        #expect(bucket.take(at: 1_000_000_000) == nil)
    }
}
