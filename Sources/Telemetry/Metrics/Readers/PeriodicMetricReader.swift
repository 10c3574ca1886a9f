// The push reader: settings from code and environment, registration, flush and shutdown.

/// Collects metrics at intervals and exports them from its own thread, one export at a time.
///
/// Collections begin one interval apart. One that falls into a longer export is skipped; nothing is lost, since the next one has its
/// measurements. (Specification: metrics SDK, "Periodic exporting MetricReader".)
public final class PeriodicMetricReader: MetricReader, EnvironmentConfigurable {
    private struct State {
        var settings: MetricExportPipeline.Settings?
        var registration = ReaderRegistration<MetricExportPipeline>.open
    }

    private let exporter: any MetricExporter
    private let interval: Duration?
    private let timeout: Duration?
    private let maxExportBatchSize: Int?
    private let cardinalityLimits: [InstrumentKind: Int]
    private let producers: [any MetricProducer]
    private let filter: (any MetricFilter)?
    private let clock: TelemetryClock
    private let state = Locked(State())

    /// Creates a reader, whose thread starts when it is registered with a provider.
    ///
    /// - Parameters:
    ///   - exporter: exports what is collected, and selects temporality and aggregations. It belongs to this reader alone.
    ///   - interval: the time between the starts of two collections; by default `OTEL_METRIC_EXPORT_INTERVAL`, else the default of the
    ///     exporter, which is a minute for most.
    ///   - timeout: the longest time of one export, zero for no limit; by default `OTEL_METRIC_EXPORT_TIMEOUT`, else 30 seconds.
    ///   - maxExportBatchSize: the largest number of points in one export; further ones are exported one after another. By default there is
    ///     no limit.
    ///   - cardinalityLimits: the cardinality limits by instrument kind if no view sets one.
    ///   - producers: producers whose metrics are collected with those of the SDK.
    ///   - filter: a filter of metrics and series.
    public init(
        _ exporter: any MetricExporter, every interval: Duration? = nil, timeout: Duration? = nil, maxExportBatchSize: Int? = nil,
        cardinalityLimits: [InstrumentKind: Int] = [:], producers: [any MetricProducer] = [], filter: (any MetricFilter)? = nil,
        clock: TelemetryClock = .system
    ) {
        self.exporter = exporter
        self.interval = interval
        self.timeout = timeout
        self.maxExportBatchSize = maxExportBatchSize
        self.cardinalityLimits = cardinalityLimits
        self.producers = producers
        self.filter = filter
        self.clock = clock
    }

    public var options: MetricReaderOptions {
        MetricReaderOptions(
            temporality: exporter.temporality, aggregations: exporter.aggregations, cardinalityLimits: cardinalityLimits,
            producers: producers, filter: filter)
    }

    // MARK: Configuration

    /// Takes interval and timeout from the environment where code leaves them open, and configures the exporter.
    ///
    /// - Throws: if a setting in code cannot be used, or a setting of the exporter.
    public func configure(_ environment: EnvironmentReader) throws(ConfigurationError) {
        if let interval, interval <= .zero {
            throw ConfigurationError(setting: "every", value: "\(interval)", expected: "a positive interval between collections")
        }
        if let timeout, timeout < .zero {
            throw ConfigurationError(setting: "timeout", value: "\(timeout)", expected: "a positive duration, or zero for no limit")
        }
        if let maxExportBatchSize, maxExportBatchSize < 1 {
            throw ConfigurationError(setting: "maxExportBatchSize", value: "\(maxExportBatchSize)", expected: "at least 1 point")
        }
        try [exporter].configure(environment)
        let settings = settings(environment)
        state.withLock { $0.settings = settings }
    }

    /// Resolves the settings: code first, then the environment, then the defaults.
    func settings(_ environment: EnvironmentReader) -> MetricExportPipeline.Settings {
        let allowed = timeout.map { $0 == .zero ? .seconds(1_000_000_000) : $0 }
        return MetricExportPipeline.Settings(
            interval: interval
                ?? environment.duration("OTEL_METRIC_EXPORT_INTERVAL", atLeast: 1, default: exporter.defaultInterval),
            timeout: allowed ?? environment.timeout("OTEL_METRIC_EXPORT_TIMEOUT", default: .seconds(30)),
            maxExportBatchSize: maxExportBatchSize)
    }

    public func register(_ collector: MetricCollector) {
        let settings = state.withLock { $0.settings } ?? settings(.process)
        let (pipeline, refusal) = state.withLock { state -> (MetricExportPipeline?, ReaderRefusal?) in
            if let refusal = state.registration.refusal { return (nil, refusal) }
            let pipeline = MetricExportPipeline(exporter, settings: settings, clock: clock)
            state.registration = .taken(pipeline)
            return (pipeline, nil)
        }
        refusal?.report("PeriodicMetricReader")
        pipeline?.start(collector)
    }

    // MARK: Flush and shutdown

    /// Collects, exports and flushes the exporter, unless the deadline comes first.
    public func forceFlush(deadline: Deadline) async -> FlushResult {
        await [request(isShutdown: false, deadline)].waitWithoutBlocking()
    }

    /// Collects and exports for the last time, unless the deadline comes first, and ends the exporter and the thread.
    public func shutdown(deadline: Deadline) async -> FlushResult {
        await [request(isShutdown: true, deadline)].waitWithoutBlocking()
    }

    /// Begins a flush or a shutdown without waiting for it.
    func request(isShutdown: Bool, _ deadline: Deadline) -> FlushRequest {
        let registration = state.withLock { state in
            defer { if isShutdown, case .open = state.registration { state.registration = .shutDown } }
            return state.registration
        }
        switch registration {
        case .taken(let pipeline): return pipeline.request(isShutdown: isShutdown, deadline)
        case .open:
            // The reader is not registered; its exporter may have something to flush or end all the same.
            return .running(isShutdown: isShutdown, deadline: deadline) { [exporter] in
                isShutdown ? await exporter.shutdown(deadline: deadline) : await exporter.forceFlush(deadline: deadline)
            }
        case .shutDown:
            let request = FlushRequest(isShutdown: isShutdown, deadline: deadline)
            request.complete(.completed)
            return request
        }
    }

    /// The pipeline of the reader; nil before it is registered.
    var pipeline: MetricExportPipeline? {
        if case .taken(let pipeline) = state.withLock({ $0.registration }) { pipeline } else { nil }
    }

    /// The delivery of the collected points; nil before the reader is registered.
    var health: PipelineHealth? { pipeline?.health }
}

extension MetricReader where Self == PeriodicMetricReader {
    /// Collects metrics at intervals and exports them.
    ///
    /// Settings that are left out come from the `OTEL_METRIC_EXPORT_*` variables, else from the defaults.
    public static func periodic(
        _ exporter: any MetricExporter, every interval: Duration? = nil, timeout: Duration? = nil, maxExportBatchSize: Int? = nil,
        cardinalityLimits: [InstrumentKind: Int] = [:], producers: [any MetricProducer] = [], filter: (any MetricFilter)? = nil
    ) -> Self {
        PeriodicMetricReader(
            exporter, every: interval, timeout: timeout, maxExportBatchSize: maxExportBatchSize, cardinalityLimits: cardinalityLimits,
            producers: producers, filter: filter)
    }
}
