// The health of one pipeline, for one destination.

/// The counts of the items of a processor or a metric reader, and the last failure, for one destination.
///
/// The items are spans, log records, or the points of metrics.
///
/// `accepted` is always `exported`, all `dropped` and `waiting` together.
public struct PipelineHealth: Sendable, Hashable {
    /// Something that went wrong.
    public struct Failure: Sendable, Hashable {
        public let time: Timestamp
        /// What happened, as a readable sentence.
        public let message: String

        /// Creates a failure, for the status of an exporter that buffers.
        public init(time: Timestamp, message: String) {
            self.time = time
            self.message = message
        }
    }

    /// The processor or reader, as the semantic conventions name components: `batching_span_processor/0`.
    public let name: String
    /// The destination, as `http://collector:4318/v1/traces`, without passwords; the name of the exporter's type if it reports none.
    public let destination: String
    /// Items handed over, including those that found no room.
    public internal(set) var accepted: UInt64 = 0
    /// Items that the destination took.
    public internal(set) var exported: UInt64 = 0
    /// Items that were lost, by reason.
    public internal(set) var dropped: [DropReason: UInt64] = [:]
    /// Items that the exporter has buffered, on disk or in memory, until the destination takes them; part of `waiting`.
    public internal(set) var spooled: UInt64 = 0
    /// Items that may wait in memory; 0 for metrics, which are collected only when they can be exported.
    public let queueCapacity: Int
    /// Attempts to send beyond the first of each export.
    public internal(set) var retries: UInt64 = 0
    public internal(set) var lastFailure: Failure?

    /// All that was lost.
    public var droppedCount: UInt64 { dropped.values.reduce(0, +) }

    /// Items in the queue, in an export that is under way, or on disk.
    public var waiting: UInt64 { accepted &- min(accepted, exported &+ droppedCount) }
}
