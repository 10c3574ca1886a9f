// The bucket that replicas share.

import ExampleSupport
import Telemetry
import Testing

struct TokenSourceTests {
    // ALB-17 where one machine is outgrown: the burst is that of all replicas together.
    @Test(.enabled(if: DatabaseKind.available.contains(.postgresql), "PostgreSQL is not installed"))
    func replicasTakeFromTheBucketOfTheirDatabase() async throws {
        try await TestDatabase.withURL(.postgresql) { url in
            try await TestDatabase.opened(url, [TokenBucketLimit.migration]) { one in
                try await TestDatabase.opened(url, [TokenBucketLimit.migration]) { other in
                    // A token takes longer to come than the test may last.
                    let bucket = TokenBucket(rate: 1, burst: 4000)
                    let replicas = [one, other].map { $0.database.tokens(of: bucket, for: "test", patience: ServiceHarness.patience) }
                    let taken = await withTaskGroup { group in
                        for number in 0..<16 {
                            group.addTask {
                                var taken = 0
                                for _ in 0..<260 where await replicas[number % 2].take() == nil { taken += 1 }
                                return taken
                            }
                        }
                        return await group.reduce(0, +)
                    }
                    // Beyond the burst there is a token for each second that the test has lasted.
                    #expect((4000..<4160).contains(taken))
                    let wait = try #require(await refusal(of: replicas[0]))
                    #expect((1...1_000_000_000).contains(wait))
                    #expect(await other.database.tokens(of: bucket, for: "another", patience: ServiceHarness.patience).take() == nil)
                }
            }
        }
    }

    @Test(.enabled(if: DatabaseKind.available.contains(.postgresql), "PostgreSQL is not installed"))
    func replicaTakesFromItsMemoryWhileTheDatabaseIsAway() async throws {
        try await TestDatabase.with(.postgresql, TokenBucketLimit.migration) { test in
            let tokens = test.database.tokens(of: TokenBucket(rate: 1, burst: 1), for: "test", patience: ServiceHarness.patience)
            #expect(await tokens.take() == nil)
            await test.database.close()
            #expect(await tokens.take() == nil)
            #expect(await refusal(of: tokens) != nil)
        }
    }

    /// What a caller has to wait after those that took what had come meanwhile; nil if none is refused.
    private func refusal(of tokens: any TokenSource) async -> Int64? {
        let limit = Deadline.after(.seconds(60))
        while !limit.hasPassed {
            if let wait = await tokens.take() { return wait }
        }
        return nil
    }
}
