// The options of batch processors, in code and from the environment.

/// How a batch processor collects items and when it exports them.
///
/// The defaults are the specification's (trace SDK, "Batching processor"). A batch that is larger than the queue is held to
/// the queue's size.
public struct BatchOptions: Sendable, Hashable {
    /// What happens to a new item when the queue is full.
    public enum FullQueuePolicy: Sendable, Hashable {
        /// The new item is dropped and counted.
        ///
        /// A receiver that is slow or away holds no caller up. While exports usually take less than half a millisecond, a caller that finds the
        /// queue full waits for the next batch to leave, for some 5 ms, and a time slice of the scheduler more where other threads wait for its
        /// processor: the export thread or the receiver has none then.
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
    /// Items that are exported without waiting for the delay, together with all others that are there; nil for as many as one export takes.
    ///
    /// Below ``maxExportBatchSize`` for items of which one export takes as many as there are.
    package var promptCount: Int?

    public init(
        maxQueueSize: Int = 2048, maxExportBatchSize: Int = 512, scheduleDelay: Duration = .seconds(5),
        exportTimeout: Duration = .seconds(30), fullQueuePolicy: FullQueuePolicy = .drop
    ) {
        self.maxQueueSize = maxQueueSize
        self.maxExportBatchSize = min(maxExportBatchSize, maxQueueSize)
        self.scheduleDelay = scheduleDelay
        self.exportTimeout = exportTimeout
        self.fullQueuePolicy = fullQueuePolicy
    }
}

extension BatchOptions {
    /// The sizes of queue and batch that count where the environment names none.
    package struct Sizes: Sendable {
        let queue: Int
        let batch: Int

        /// Those of the specification.
        package static let standard = Sizes(queue: 2048, batch: 512)
        /// Those of a process that records thousands of items a second. An export took some half a millisecond of processor time besides
        /// what its bytes take, on two busy processors of a virtual machine.
        ///
        /// A batch of spans with two texts of 4 KiB each has 13 MiB, which the collector takes.
        package static let large = Sizes(queue: 8192, batch: 1536)
    }
}

extension BatchOptions: CheckedSettings {
    var problem: ConfigurationError? {
        func error(_ setting: String, _ value: some Any, _ expected: String) -> ConfigurationError {
            ConfigurationError(setting: setting, value: "\(value)", expected: expected)
        }
        if maxQueueSize < 1 { return error("maxQueueSize", maxQueueSize, "a queue of 1 item or more") }
        if maxExportBatchSize < 1 { return error("maxExportBatchSize", maxExportBatchSize, "a batch of 1 item or more") }
        if scheduleDelay < .zero { return error("scheduleDelay", scheduleDelay, "a duration that is not negative") }
        if exportTimeout <= .zero { return error("exportTimeout", exportTimeout, "a duration above zero") }
        if case .wait(let duration) = fullQueuePolicy, duration < .zero {
            return error("fullQueuePolicy", "wait(atMost: \(duration))", "a duration that is not negative")
        }
        return nil
    }

    /// The options with the nearest valid values in place of others.
    var nearestValid: BatchOptions {
        var options = self
        options.maxQueueSize = max(1, maxQueueSize)
        options.maxExportBatchSize = min(max(1, maxExportBatchSize), options.maxQueueSize)
        options.promptCount = promptCount.map { min(max(1, $0), options.maxExportBatchSize) }
        options.scheduleDelay = max(.zero, scheduleDelay)
        options.exportTimeout = max(.milliseconds(1), exportTimeout)
        return options
    }
}

extension BatchOptions {
    /// Takes the variables of the environment, and the defaults for those that are not set.
    ///
    /// - Parameter prefix: `OTEL_BSP` for spans, `OTEL_BLRP` for log records.
    init(_ environment: EnvironmentReader, prefix: String, scheduleDelay: Duration = .seconds(5), sizes: Sizes = .standard) {
        let queueSize = environment.integer("\(prefix)_MAX_QUEUE_SIZE", in: 1...1_000_000_000, default: sizes.queue)
        let standard = min(sizes.batch, queueSize)
        var batchSize = environment.integer("\(prefix)_MAX_EXPORT_BATCH_SIZE", in: 1...1_000_000_000, default: standard)
        if batchSize > queueSize {
            environment.report(
                "\(prefix)_MAX_EXPORT_BATCH_SIZE", "\(batchSize)", expected: "at most the queue's size, \(queueSize)",
                used: "\(standard) is used")
            batchSize = standard
        }
        self.init(
            maxQueueSize: queueSize, maxExportBatchSize: batchSize,
            scheduleDelay: environment.duration("\(prefix)_SCHEDULE_DELAY", default: scheduleDelay),
            exportTimeout: environment.timeout("\(prefix)_EXPORT_TIMEOUT", default: .seconds(30)))
    }
}
