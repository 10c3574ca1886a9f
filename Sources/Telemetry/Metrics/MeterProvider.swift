// Hands out meters, and brings their metrics to the readers.

import Synchronization

/// Hands out meters, and owns the configuration that all of them share. (Specification: metrics SDK, "MeterProvider".)
final class MeterProvider: Sendable {
    private struct State {
        var meters: [InstrumentationScope: Meter] = [:]
        /// In the order in which they were asked for.
        var order: [Meter] = []
        var configurator: MeterConfigurator
        /// How often the configurator was replaced: what an earlier one has said does not count any more.
        var generation = 0
        /// Whether a shutdown has begun, and whether it is done.
        var isEnding = false
        var isShutDown = false
    }

    /// Meters live as long as their provider, so there is an end to their number; further scopes share one without a name.
    static let maximumMeters = 10_000
    private static let sharedScope = InstrumentationScope(name: "")
    /// Callbacks are waited for at most that long, whatever a reader allows: others want to collect too.
    private static let callbackTimeout = Duration.seconds(10)

    let recordedResource: RecordedResource
    let readers: [any MetricReader]
    private let setup: MeterSetup
    private let state: Mutex<State>
    /// One round of callbacks at a time, and one collection of a reader at a time.
    private let rounds = Mutex(())
    private let collections: [CollectionLock]
    /// For each reader, whom to tell how many seconds a collection has taken.
    let collectionDurations: [EventObserver<Double>]

    /// - Throws: when a view or a reader asks for what cannot be.
    init(
        resource: Resource, readers: [any MetricReader], views: [View] = [], viewMatching: ViewMatchingMode = .independent,
        exemplarFilter: ExemplarFilter = .traceBased, clock: TelemetryClock = .system, configurator: MeterConfigurator = .enablingAll
    ) throws(ConfigurationError) {
        recordedResource = RecordedResource(resource)
        self.readers = readers
        let options = readers.map(\.options)
        for reader in options { if let problem = reader.problem { throw problem } }
        setup = MeterSetup(
            readers: options, views: try ViewRegistry(views, mode: viewMatching), exemplarFilter: exemplarFilter, clock: clock)
        state = Mutex(State(configurator: configurator))
        collections = readers.map { _ in CollectionLock() }
        collectionDurations = readers.map { _ in EventObserver() }
        for (number, reader) in readers.enumerated() {
            reader.register(
                MetricCollector { [weak self] deadline throws(MetricCollectionError) in
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
        state = Mutex(State(configurator: .enablingAll))
        collections = []
        collectionDurations = []
    }

    /// One whose instruments take nothing.
    static let disabled = MeterProvider()

    /// What became of the points, for each reader that exports.
    var health: [PipelineHealth] { readers.compactMap { ($0 as? PeriodicMetricReader)?.health } }

    /// Measurements that instruments did not take.
    var refusals: RefusedMeasurements { setup.refusals }

    /// The meter of a scope, always the same for the same scope. One without a name works, and is reported.
    func meter(_ scope: InstrumentationScope) -> Meter {
        if scope.name.isEmpty {
            Diagnostics.report(.warning, topic: "metrics.meter", "A meter was asked for without a name: name the module that it is for.")
        }
        while true {
            let (found, known, configurator, generation) = state.withLock { state in
                let isOneTooMany = state.meters[scope] == nil && state.meters.count >= Self.maximumMeters
                let found = isOneTooMany ? Self.sharedScope : scope
                return (found, state.meters[found], state.configurator, state.generation)
            }
            if found != scope {
                Diagnostics.report(
                    .warning, topic: "metrics.meters",
                    "There are \(Self.maximumMeters) meters: further scopes share one. Ask for meters by module, not by request.")
            }
            if let known { return known }
            // Asked outside of the lock, since it is the user's code.
            let isEnabled = configurator.configuration(of: found).isEnabled
            if let meter = make(found, isEnabled, generation) { return meter }
        }
    }

    /// A new meter, or the one that was made meanwhile; nil when the configurator was replaced or the room taken meanwhile.
    private func make(_ scope: InstrumentationScope, _ isEnabled: Bool, _ generation: Int) -> Meter? {
        state.withLock { state in
            if let known = state.meters[scope] { return known }
            guard state.generation == generation, state.meters.count < Self.maximumMeters || scope == Self.sharedScope else { return nil }
            let isOn = isEnabled && !state.isShutDown && !readers.isEmpty
            let meter = Meter(RecordedScope(scope, resource: recordedResource), setup, isOn: isOn)
            state.meters[scope] = meter
            state.order.append(meter)
            return meter
        }
    }

    /// Replaces what switches meters on and off, for all that were handed out and all that will be.
    func update(_ configurator: MeterConfigurator) {
        let (generation, meters) = state.withLock { state in
            state.configurator = configurator
            state.generation += 1
            return (state.generation, state.order)
        }
        for meter in meters {
            let isEnabled = configurator.configuration(of: meter.scope).isEnabled
            state.withLock { state in
                guard state.generation == generation, !state.isShutDown, !readers.isEmpty else { return }
                meter.setEnabled(isEnabled)
            }
        }
    }

    private func collect(_ number: Int, _ deadline: Deadline) throws(MetricCollectionError) -> MetricBatch {
        // Refused before any lock is taken, since the calling code may run within a collection that holds it.
        try CollectionMark.whileCollecting(self) { () throws(MetricCollectionError) in try collectInTurn(number, deadline) }
    }

    private func collectInTurn(_ number: Int, _ deadline: Deadline) throws(MetricCollectionError) -> MetricBatch {
        try collections[number].whileLocked { () throws(MetricCollectionError) in
            let (meters, isShutDown) = state.withLock { ($0.order, $0.isShutDown) }
            guard !isShutDown else { throw .shutDown }
            let options = setup.readers[number]
            // Points have the time at which somebody asked for them.
            let now = setup.clock.wallNanoseconds()
            let callbacks = meters.flatMap(\.callbacks)
            let observations =
                callbacks.isEmpty
                ? [:] : rounds.withLock { _ in CallbackRound.run(callbacks, deadline: min(deadline, .after(Self.callbackTimeout))) }
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

    /// Begins to have all readers deliver what there is, and with a shutdown to end; each on a thread of its own, since the
    /// cooperative pool may be blocked to its last thread.
    func requests(isShutdown: Bool, _ deadline: Deadline) -> [FlushRequest] {
        let isFirst = state.withLock { state in
            defer { state.isEnding = state.isEnding || isShutdown }
            return !state.isEnding
        }
        guard isFirst else { return [] }
        if isShutdown && readers.isEmpty { end() }
        let remaining = RemainingReaders(readers.count)
        return readers.map { reader in
            .running(isShutdown: isShutdown, deadline: deadline) {
                guard isShutdown else { return await reader.forceFlush(deadline: deadline) }
                let result = await reader.shutdown(deadline: deadline)
                // What is measured while readers collect for the last time still counts for those that come later.
                if remaining.isLast() { self.end() }
                return result
            }
        }
    }

    /// Ends all meters, and lets nobody collect any more.
    func end() {
        state.withLock { state in
            state.isShutDown = true
            for meter in state.order { meter.setEnabled(false) }
        }
    }
}

/// Counts the readers that are not through.
private final class RemainingReaders: Sendable {
    private let count: Atomic<Int>

    init(_ count: Int) {
        self.count = Atomic(count)
    }

    func isLast() -> Bool { count.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0 }
}

/// Lets one collection of a reader run at a time. A class, since an array cannot hold mutexes.
private final class CollectionLock: Sendable {
    private let mutex = Mutex(())

    func whileLocked(_ body: () throws(MetricCollectionError) -> MetricBatch) throws(MetricCollectionError) -> MetricBatch {
        try mutex.withLock { _ -> Result<MetricBatch, MetricCollectionError> in
            do throws(MetricCollectionError) { return .success(try body()) } catch { return .failure(error) }
        }.get()
    }
}
