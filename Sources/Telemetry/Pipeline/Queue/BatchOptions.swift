// The options of batch processors, in code and from the environment.

/// How a batch processor collects items and when it exports them.
///
/// The defaults are the specification's (trace SDK, "Batching processor"). A batch that is larger than the queue is held to
/// the queue's size.
public struct BatchOptions: Sendable, Hashable {
    /// What happens to a new item when the queue is full.
    public enum FullQueuePolicy: Sendable, Hashable {
        /// The new item is dropped and counted; the caller is never held up.
        case drop
        /// The caller waits for room at most that long; then the item is dropped and counted.
        case wait(atMost: Duration)
    }

    /// Items that may wait for export; at least 1.
    public var maxQueueSize: Int
    /// Items in one export at most; at least 1.
    public var maxExportBatchSize: Int
    /// The longest that an item waits for its batch to fill up.
    public var scheduleDelay: Duration
    /// The longest that one export may take.
    public var exportTimeout: Duration
    public var fullQueuePolicy: FullQueuePolicy

    public init(
        maxQueueSize: Int = 2048, maxExportBatchSize: Int = 512, scheduleDelay: Duration = .seconds(5),
        exportTimeout: Duration = .seconds(30), fullQueuePolicy: FullQueuePolicy = .drop
    ) {
        precondition(maxQueueSize > 0, "A queue holds at least one item.")
        precondition(maxExportBatchSize > 0, "A batch holds at least one item.")
        precondition(scheduleDelay >= .zero, "A schedule delay is not negative.")
        precondition(exportTimeout > .zero, "An export timeout is positive.")
        self.maxQueueSize = maxQueueSize
        self.maxExportBatchSize = min(maxExportBatchSize, maxQueueSize)
        self.scheduleDelay = scheduleDelay
        self.exportTimeout = exportTimeout
        self.fullQueuePolicy = fullQueuePolicy
    }
}

extension BatchOptions {
    /// Takes the variables of the environment, and the defaults for those that are not set.
    ///
    /// - Parameter prefix: `OTEL_BSP` for spans, `OTEL_BLRP` for log records.
    init(_ environment: EnvironmentReader, prefix: String, scheduleDelay: Duration = .seconds(5)) {
        let queueSize = environment.integer("\(prefix)_MAX_QUEUE_SIZE", in: 1...1_000_000_000) ?? 2048
        var batchSize = environment.integer("\(prefix)_MAX_EXPORT_BATCH_SIZE", in: 1...1_000_000_000) ?? 512
        if batchSize > queueSize {
            if environment.text("\(prefix)_MAX_EXPORT_BATCH_SIZE") != nil {
                environment.report("\(prefix)_MAX_EXPORT_BATCH_SIZE", "\(batchSize)", expected: "at most the queue's size, \(queueSize)")
            }
            batchSize = min(512, queueSize)
        }
        self.init(
            maxQueueSize: queueSize, maxExportBatchSize: batchSize,
            scheduleDelay: environment.duration("\(prefix)_SCHEDULE_DELAY") ?? scheduleDelay,
            exportTimeout: environment.timeout("\(prefix)_EXPORT_TIMEOUT") ?? .seconds(30))
    }
}
