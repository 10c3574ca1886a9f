// A reader that collects at intervals and exports what it finds.

/// Collects metrics at intervals, and exports them from a thread of its own, one export at a time.
///
/// Collections begin one interval apart. One that an export has taken too long for is left out; nothing is lost by that, since
/// the next one has its numbers. (Specification: metrics SDK, "Periodic exporting MetricReader".)
public final class PeriodicMetricReader: MetricReader, ConfiguredMetricReader {
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

    /// The thread starts when a provider takes the reader.
    ///
    /// - Parameters:
    ///   - exporter: delivers what is collected; it says which temporality and which aggregations it wants. It belongs to this
    ///     reader alone.
    ///   - interval: between the starts of two collections; by default `OTEL_METRIC_EXPORT_INTERVAL`, or what the exporter
    ///     thinks best: a minute for most.
    ///   - timeout: the longest that one export may take, zero for no limit; by default `OTEL_METRIC_EXPORT_TIMEOUT`, or 30
    ///     seconds.
    ///   - maxExportBatchSize: points in one export; what exceeds it goes into further ones, one after another. By default
    ///     there is no limit.
    ///   - cardinalityLimits: how many series a metric may have, by kind, where no view says another number.
    ///   - producers: metrics of other origin, collected together with the own ones.
    ///   - filter: leaves out metrics and series.
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

    // MARK: Making it ready

    func configure(_ environment: EnvironmentReader) throws(ConfigurationError) {
        if let interval, interval <= .zero {
            throw ConfigurationError(setting: "every", value: "\(interval)", expected: "a positive interval between collections")
        }
        if let timeout, timeout < .zero {
            throw ConfigurationError(setting: "timeout", value: "\(timeout)", expected: "a positive duration, or zero for no limit")
        }
        if let maxExportBatchSize, maxExportBatchSize < 1 {
            throw ConfigurationError(setting: "maxExportBatchSize", value: "\(maxExportBatchSize)", expected: "at least 1 point")
        }
        try (exporter as? any ConfiguredMetricExporter)?.configure(environment)
        let settings = settings(environment)
        state.withLock { $0.settings = settings }
    }

    /// What code says, then the environment, then the defaults.
    func settings(_ environment: EnvironmentReader) -> MetricExportPipeline.Settings {
        let named = environment.integer("OTEL_METRIC_EXPORT_INTERVAL", in: 1...(Int.max / 1_000_000)).map { Duration.milliseconds($0) }
        let allowed = timeout.map { $0 == .zero ? .seconds(1_000_000_000) : $0 }
        return MetricExportPipeline.Settings(
            interval: interval ?? named ?? exporter.defaultInterval,
            timeout: allowed ?? environment.timeout("OTEL_METRIC_EXPORT_TIMEOUT") ?? .seconds(30), maxExportBatchSize: maxExportBatchSize)
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

    // MARK: Using it

    /// Collects and exports, and has the exporter deliver what it holds back, unless the deadline comes first.
    public func forceFlush(deadline: Deadline) async -> FlushResult {
        await [request(isShutdown: false, deadline)].waitWithoutBlocking()
    }

    /// Collects and exports for the last time, unless the deadline comes first, and ends the exporter and the thread.
    public func shutdown(deadline: Deadline) async -> FlushResult {
        await [request(isShutdown: true, deadline)].waitWithoutBlocking()
    }

    /// Begins a flush or the shutdown, without waiting for it.
    func request(isShutdown: Bool, _ deadline: Deadline) -> FlushRequest {
        let registration = state.withLock { state in
            defer { if isShutdown, case .open = state.registration { state.registration = .shutDown } }
            return state.registration
        }
        switch registration {
        case .taken(let pipeline): return pipeline.request(isShutdown: isShutdown, deadline)
        case .open:
            // No provider has the reader; its exporter may have something to end all the same.
            return .running(isShutdown: isShutdown, deadline: deadline) { [exporter] in
                isShutdown ? await exporter.shutdown(deadline: deadline) : await exporter.forceFlush(deadline: deadline)
            }
        case .shutDown:
            let request = FlushRequest(isShutdown: isShutdown, deadline: deadline)
            request.complete(.completed)
            return request
        }
    }

    /// What exports the points that are collected; nil before a provider has the reader.
    var pipeline: MetricExportPipeline? {
        if case .taken(let pipeline) = state.withLock({ $0.registration }) { pipeline } else { nil }
    }

    /// What became of the points that were collected; nil before a provider has the reader.
    var health: PipelineHealth? { pipeline?.health }
}

extension MetricReader where Self == PeriodicMetricReader {
    /// Collects metrics at intervals and exports them.
    ///
    /// What is left out here, the `OTEL_METRIC_EXPORT_*` variables say, then the defaults.
    public static func periodic(
        _ exporter: any MetricExporter, every interval: Duration? = nil, timeout: Duration? = nil, maxExportBatchSize: Int? = nil,
        cardinalityLimits: [InstrumentKind: Int] = [:], producers: [any MetricProducer] = [], filter: (any MetricFilter)? = nil
    ) -> Self {
        PeriodicMetricReader(
            exporter, every: interval, timeout: timeout, maxExportBatchSize: maxExportBatchSize, cardinalityLimits: cardinalityLimits,
            producers: producers, filter: filter)
    }
}
