// Connects meters with readers: registration, collection, flush and shutdown.

/// Creates meters, and owns the configuration that they share.
///
/// (Specification: metrics SDK, "MeterProvider".)
final class MeterProvider: Sendable {
    private struct State {
        var isShutDown = false
    }

    /// The longest wait for callbacks, whatever the deadline of a reader, since other readers collect too.
    private static let callbackTimeout = Duration.seconds(10)

    let recordedResource: RecordedResource
    let readers: [any MetricReader]
    private let setup: MeterSetup
    private let state = Locked(State())
    private let ending = SharedShutdown()
    private let registry: ScopeRegistry<Meter>
    /// `rounds` lets one round of callbacks run at a time, `collections` one collection of each reader.
    private let rounds = SectionLock()
    private let collections: [CollectionLock]
    /// Observers of the duration of collections in seconds, one for each reader.
    let collectionDurations: [EventObserver<Double>]

    /// - Throws: if a view or a reader has an invalid setting.
    init(
        resource: Resource, readers: [any MetricReader], views: [MetricView] = [], viewMatching: ViewMatchingMode = .independent,
        exemplarFilter: ExemplarFilter = .traceBased, clock: TelemetryClock = .system, configurator: MeterConfigurator = .enablingAll,
        contextAttributes: ContextAttributeSelection = .none, instrumentation: InstrumentationSettings = .standard
    ) throws(ConfigurationError) {
        recordedResource = RecordedResource(resource)
        self.readers = readers
        let options = readers.map(\.options)
        for reader in options { if let problem = reader.problem { throw problem } }
        setup = MeterSetup(
            readers: options, views: try ViewRegistry(views, mode: viewMatching), exemplarFilter: exemplarFilter, clock: clock,
            contextAttributes: contextAttributes, instrumentation: instrumentation)
        registry = ScopeRegistry("meter", configurator: configurator, isOff: readers.isEmpty)
        collections = readers.map { _ in CollectionLock() }
        collectionDurations = readers.map { _ in EventObserver() }
        for (number, reader) in readers.enumerated() {
            reader.register(
                MetricCollector(needsHost: { [weak self] in self?.callsHost(options[number]) ?? false }) {
                    [weak self] deadline throws(MetricCollectionError) in
                    guard let self else { throw .shutDown }
                    let start = clock.monotonicNanoseconds()
                    let batch = try collect(number, deadline)
                    collectionDurations[number].report(Double(clock.monotonicNanoseconds() &- start) * 1e-9)
                    return batch
                })
        }
    }

    private init() {
        recordedResource = RecordedResource(.empty)
        readers = []
        setup = MeterSetup(readers: [], views: .none, exemplarFilter: .alwaysOff, clock: .system)
        registry = ScopeRegistry("meter", configurator: .enablingAll, isOff: true)
        collections = []
        collectionDurations = []
    }

    /// The provider whose instruments record nothing.
    static let disabled = MeterProvider()

    /// The delivery of points, for each reader that exports.
    var health: [PipelineHealth] { readers.compactMap { ($0 as? PeriodicMetricReader)?.health } }

    /// The measurements that instruments refused.
    var refusals: RefusedMeasurements { setup.refusals }

    /// Returns the meter of a scope, which is the same for the same scope.
    ///
    /// A scope without a name works, and is reported.
    func meter(_ scope: InstrumentationScope) -> Meter {
        registry.member(of: scope) { Meter(RecordedScope($0, resource: recordedResource), setup) }
    }

    /// Replaces the configurator, for meters that exist and for those to come.
    func update(_ configurator: MeterConfigurator) { registry.update(configurator) }

    /// Replaces the views, for instruments that are made from now on.
    ///
    /// - Throws: if a view has an invalid setting.
    func update(_ views: [MetricView]) throws(ConfigurationError) { try setup.views.replace(views) }

    /// Returns whether a collection of a reader calls code of the host.
    private func callsHost(_ options: MetricReaderOptions) -> Bool {
        !options.hasOnlyInstruments || registry.members.contains(where: \.hasCallbacks)
    }

    private func collect(_ number: Int, _ deadline: Deadline) throws(MetricCollectionError) -> MetricBatch {
        // Checked before any lock is taken, since the caller may run within a collection that holds it.
        try CollectionMark.whileCollecting(self) { () throws(MetricCollectionError) in try collectInTurn(number, deadline) }
    }

    private func collectInTurn(_ number: Int, _ deadline: Deadline) throws(MetricCollectionError) -> MetricBatch {
        try collections[number].whileLocked { () throws(MetricCollectionError) in
            guard !state.withLock({ $0.isShutDown }) else { throw .shutDown }
            let meters = registry.members
            let options = setup.readers[number]
            // Points have the time at which the collection began.
            let now = setup.collectionClock.now()
            let callbacks = meters.flatMap(\.callbacks)
            let observations =
                callbacks.isEmpty
                ? [:] : rounds.withLock { CallbackRound.run(callbacks, deadline: min(deadline, .after(Self.callbackTimeout))) }
            var scopes: [ScopeMetrics] = []
            for meter in meters {
                let metrics = meter.collect(number, observations, at: now, filter: options.filter)
                if !metrics.isEmpty { scopes.append(ScopeMetrics(recordedScope: meter.recordedScope, metrics: metrics)) }
            }
            for producer in options.producers { scopes += produce(producer, options.filter, deadline) }
            return MetricBatch(recordedResource: recordedResource, scopes: scopes)
        }
    }

    private func produce(_ producer: any MetricProducer, _ filter: (any MetricFilter)?, _ deadline: Deadline) -> [ScopeMetrics] {
        do {
            return try producer.produce(filter: filter, deadline: deadline)
        } catch {
            Diagnostics.report(
                .warning, topic: "metrics.producer.\(type(of: producer))",
                "The metric producer \(type(of: producer)) failed, and is left out of this collection: \(error)")
            return []
        }
    }

    /// Begins a flush or shutdown of all readers, each on a thread of its own, since every thread of the cooperative pool may be blocked.
    func requests(isShutdown: Bool, _ deadline: Deadline) -> [FlushRequest] {
        guard isShutdown else { return ending.flush(deadline) { requestsOfReaders(isShutdown: false, deadline) } }
        return ending.begin(deadline) {
            let requests = requestsOfReaders(isShutdown: true, deadline)
            // Measurements during the last collection of one reader still count for readers that collect later. A reader that hangs is
            // given up at the deadline.
            requests.whenAnswered { _ in self.end() }
            return requests
        }
    }

    private func requestsOfReaders(isShutdown: Bool, _ deadline: Deadline) -> [FlushRequest] {
        readers.map { reader in
            if let reader = reader as? PeriodicMetricReader { return reader.request(isShutdown: isShutdown, deadline) }
            return .running(isShutdown: isShutdown, deadline: deadline) {
                isShutdown ? await reader.shutdown(deadline: deadline) : await reader.forceFlush(deadline: deadline)
            }
        }
    }

    /// Disables all meters and refuses further collections.
    private func end() {
        state.withLock { $0.isShutDown = true }
        _ = registry.close()
    }
}

/// Lets one collection of a reader run at a time. A class, since an array cannot hold locks.
private final class CollectionLock: Sendable {
    private let lock = SectionLock()

    func whileLocked(_ body: () throws(MetricCollectionError) -> MetricBatch) throws(MetricCollectionError) -> MetricBatch {
        try lock.withLock { () -> Result<MetricBatch, MetricCollectionError> in
            do throws(MetricCollectionError) { return .success(try body()) } catch { return .failure(error) }
        }.get()
    }
}
