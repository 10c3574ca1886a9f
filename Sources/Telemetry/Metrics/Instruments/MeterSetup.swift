// Makes the streams of instruments: one for each view and reader, shared where that is possible.

/// The settings of a provider, as its meters use them.
struct MeterSetup: Sendable {
    /// The options of each reader.
    let readers: [MetricReaderOptions]
    let views: ViewRegistry
    let exemplarFilter: ExemplarFilter
    let clock: TelemetryClock
    let collectionClock: CollectionClock
    let refusals = RefusedMeasurements()
    /// The attributes that measurements get from their context.
    let contextAttributes: ContextAttributeSelection
    /// What helpers use where a caller gives them nothing else.
    let instrumentation: InstrumentationSettings

    init(
        readers: [MetricReaderOptions], views: ViewRegistry, exemplarFilter: ExemplarFilter, clock: TelemetryClock,
        contextAttributes: ContextAttributeSelection = .none, instrumentation: InstrumentationSettings = .standard
    ) {
        self.readers = readers
        self.views = views
        self.exemplarFilter = exemplarFilter
        self.clock = clock
        collectionClock = CollectionClock(clock)
        self.contextAttributes = contextAttributes
        self.instrumentation = instrumentation
    }

    /// Returns the stores of an instrument, those that each reader collects from, and warnings.
    ///
    /// Readers with equal streams share a store, so that recording costs no more with several of them; what each reader has collected is
    /// kept apart.
    func stores(
        for instrument: InstrumentDescriptor, _ scope: InstrumentationScope
    ) -> (stores: [SeriesStore], readers: [[(store: SeriesStore, number: Int)]], warnings: [String]) {
        var stores: [SeriesStore] = []
        var warnings: [String] = []
        let byReader = readers.map { reader in
            configurations(instrument, scope, reader, &warnings).map { configuration in
                // Exemplars of a custom reservoir can be collected once, so each reader has a store of its own.
                let shared = configuration.usesCustomReservoir ? nil : stores.first { $0.configuration.canShareStore(with: configuration) }
                let store = shared ?? SeriesStore(configuration, filter: exemplarFilter, clock: clock, contextAttributes: contextAttributes)
                if shared == nil { stores.append(store) }
                let number = store.addReader(
                    reader.temporality[instrument.kind], at: store.startNanoseconds, keepsPoints: reader.keepsPoints)
                return (store: store, number: number)
            }
        }
        return (stores, byReader, warnings)
    }

    /// Returns the streams of an observable instrument by reader.
    ///
    /// Each reader has its own round of callbacks.
    func streams(
        for instrument: InstrumentDescriptor, _ scope: InstrumentationScope
    ) -> (streams: [[ObservedStream]], warnings: [String]) {
        var warnings: [String] = []
        let streams = readers.map { reader in
            configurations(instrument, scope, reader, &warnings).map { configuration in
                ObservedStream(
                    configuration, temporality: reader.temporality[instrument.kind], filter: exemplarFilter, clock: clock)
            }
        }
        return (streams, warnings)
    }

    private func configurations(
        _ instrument: InstrumentDescriptor, _ scope: InstrumentationScope, _ reader: MetricReaderOptions, _ warnings: inout [String]
    ) -> [StreamConfiguration] {
        let found = views.streams(for: instrument, scope: scope, options: reader)
        // Every reader finds the same warnings, which are reported once.
        warnings += found.warnings.filter { !warnings.contains($0) }
        return found.streams
    }
}
