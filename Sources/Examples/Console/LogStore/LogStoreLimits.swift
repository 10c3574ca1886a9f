// The bounds of the log store.

package import ExampleSupport

/// How much the log store keeps, and how long.
package struct LogStoreLimits: Sendable {
    /// Bytes of the file, the index included.
    package var bytes = 2 << 30
    /// In nanoseconds.
    package var age: UInt64 = 30 * 86_400_000_000_000
    /// Bytes of requests that may wait for the file; more are dropped and counted.
    package var waitingBytes = 32 << 20

    /// Bytes of records of a shard, which is what is removed at a time: at most these, and a part of the file.
    var maximumShardBytes = 64 << 20

    var shardBytes: Int { min(maximumShardBytes, bytes / 32) }

    package init() {}

    /// `LOG_STORE_BYTES` bounds the file, `LOG_STORE_DAYS` the age of records.
    package init(_ environment: ServiceEnvironment) throws(StartFailure) {
        bytes = try environment.number("LOG_STORE_BYTES", default: bytes, in: 16 << 20...1 << 44)
        age = UInt64(try environment.number("LOG_STORE_DAYS", default: 30, in: 1...3_650)) * 86_400_000_000_000
    }
}
