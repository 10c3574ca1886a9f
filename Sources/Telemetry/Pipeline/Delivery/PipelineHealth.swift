// What can be read of a pipeline: what it took, what became of it, and what went wrong last.

/// Why an item was not delivered. The texts are the ones that the semantic conventions have for `error.type`, where they
/// have one.
public enum DropReason: String, Sendable, Hashable, CaseIterable {
    /// The queue had no room: the receiver is slow or away, or more is recorded than can be sent.
    case queueFull = "queue_full"
    /// The item came after the shutdown, or in a forked child, where telemetry that was started before the fork has ended.
    case alreadyShutDown = "already_shutdown"
    /// The receiver refused it for good, or it cannot be sent as it is.
    case rejected = "rejected"
    /// The receiver could not be reached, or asked to come back later, until the retries were used up.
    case unreachable = "unreachable"
    /// The export took longer than its timeout.
    case timedOut = "timeout"
    /// The deadline of the shutdown came first.
    case shutdownDeadline = "shutdown_deadline"
    /// It lay on disk, and the room there was needed for newer items.
    case spoolFull = "spool_full"
    /// It lay on disk for longer than items are kept.
    case spoolExpired = "spool_expired"
    /// It lay on disk, and what was read back was damaged, or it could not be written.
    case spoolDamaged = "spool_damaged"
}

/// What became of the items that were handed to a processor or collected by a metric reader, for one destination.
///
/// The items are spans, log records, or the points of metrics.
///
/// `accepted` is always `exported`, all `dropped` and `waiting` together.
public struct PipelineHealth: Sendable, Hashable {
    /// Something that went wrong.
    public struct Failure: Sendable, Hashable {
        public let time: Timestamp
        /// What happened, for people.
        public let message: String
    }

    /// The processor or reader, as the semantic conventions name components: `batching_span_processor/0`.
    public let name: String
    /// What it delivers to, as `http://collector:4318/v1/traces`; without passwords.
    public let destination: String
    /// Items that were handed over, those included that found no room.
    public internal(set) var accepted: UInt64 = 0
    /// Items that the destination took.
    public internal(set) var exported: UInt64 = 0
    /// Items that were lost, by reason.
    public internal(set) var dropped: [DropReason: UInt64] = [:]
    /// Items on disk that wait until the destination is back; part of `waiting`.
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

extension PipelineHealth {
    /// What a destination and the ledger of what it was handed say: all but how many items were accepted.
    init(name: String, destination: any ExportDestination, ledger: DeliveryLedger, queueCapacity: Int) {
        self.init(name: name, destination: destination.name, queueCapacity: queueCapacity)
        let status = destination.status
        exported = status.delivered
        dropped = status.dropped
        spooled = status.waiting
        retries = status.retries
        lastFailure = status.lastFailure
        ledger.add(to: &self)
    }
}

/// How telemetry itself is doing.
public struct TelemetryHealth: Sendable, Hashable {
    /// One element for each destination of each processor and each metric reader that exports.
    public let pipelines: [PipelineHealth]
    /// Measurements that were dropped: below zero, where an instrument takes no such numbers.
    public let negativeMeasurements: UInt64
    /// Measurements that were dropped: infinite, or not a number.
    public let nonFiniteMeasurements: UInt64
}

/// What a destination knows that its pipeline does not: retries, and items that it took over to deliver them later.
struct DestinationStatus: Sendable, Hashable {
    var retries: UInt64 = 0
    /// Items taken over that were delivered, were lost, and wait.
    var delivered: UInt64 = 0
    var dropped: [DropReason: UInt64] = [:]
    var waiting: UInt64 = 0
    var lastFailure: PipelineHealth.Failure?
    /// What the last attempt to deliver has met with; nil when it has succeeded.
    var retryCause: String?
}
