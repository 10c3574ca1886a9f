// The buckets behind a limit of the rate: one a process, or one for all replicas.

import Synchronization
import Telemetry

/// Holds the tokens that requests take.
package protocol TokenSource: Sendable {
    /// Takes a token and returns nil, or returns the nanoseconds until there will be one.
    func take() async -> Int64?
}

/// A bucket in the memory of the process.
package final class MemoryTokens: TokenSource {
    private let bucket: Mutex<TokenBucket>
    /// Returns nanoseconds that only grow: a bucket would stay empty for as long as a wall clock is set back.
    private let now: @Sendable () -> Int64

    package init(_ bucket: TokenBucket, now: @escaping @Sendable () -> Int64 = MemoryTokens.monotonicNanoseconds) {
        self.bucket = Mutex(bucket)
        self.now = now
    }

    package func take() -> Int64? {
        let time = now()
        return bucket.withLock { $0.take(at: time) }
    }

    private static let start = ContinuousClock.now

    package static let monotonicNanoseconds: @Sendable () -> Int64 = { Int64(start.duration(to: .now) / .nanoseconds(1)) }
}

extension Database {
    /// Returns the bucket of a service: in the database if replicas share it, in memory else.
    ///
    /// The migrations of a database that replicas share include ``TokenBucketLimit/migration``.
    ///
    /// - Parameter patience: how long a request waits for its token; while the database is away, its route will wait as well.
    package func tokens(of bucket: TokenBucket, for service: String, patience: Duration = .milliseconds(250)) -> any TokenSource {
        isShared ? DatabaseTokens(bucket, service: service, patience: patience, self) : MemoryTokens(bucket)
    }
}

/// A bucket in a database that replicas share; while it is away, each replica has one in its memory.
private final class DatabaseTokens: TokenSource {
    /// Takes by the database's clock, since those of replicas differ: `excluded."fullAt"` is the present plus one token. All requests
    /// change one row, so that they take turns.
    private static let take: DatabaseStatement = {
        let next = #"GREATEST("bucket"."fullAt" + $2, excluded."fullAt")"#
        let excess = #"(\#(next) - excluded."fullAt" + $2 - $3)"#
        return DatabaseStatement(
            """
            INSERT INTO "TokenBucket" AS "bucket" ("service", "fullAt", "wait")
            VALUES ($1, CAST(extract(epoch FROM clock_timestamp()) * 1000000000 AS BIGINT) + $2, 0)
            ON CONFLICT ("service") DO UPDATE SET
            "fullAt" = CASE WHEN \(excess) <= 0 THEN \(next) ELSE "bucket"."fullAt" END, "wait" = GREATEST(0, \(excess)) RETURNING "wait"
            """)
    }()

    private let parameters: [DatabaseValue]
    private let patience: Duration
    private let database: Database
    private let memory: MemoryTokens

    init(_ bucket: TokenBucket, service: String, patience: Duration, _ database: Database) {
        parameters = [
            .text(service), DatabaseValue(Int(bucket.nanosecondsPerToken)), DatabaseValue(Int(bucket.nanosecondsToFill)),
        ]
        self.patience = patience
        self.database = database
        memory = MemoryTokens(bucket)
    }

    func take() async -> Int64? {
        do throws(DatabaseError) {
            guard let row = try await database.rows(Self.take, parameters, within: patience).first else { return memory.take() }
            let wait = try row.integer(0)
            return wait > 0 ? Int64(wait) : nil
        } catch {
            return memory.take()
        }
    }
}
