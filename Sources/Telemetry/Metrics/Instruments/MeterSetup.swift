// What all meters of a provider share: readers, views, and what they make of an instrument.

/// What all meters of a provider share.
struct MeterSetup: Sendable {
    /// What each reader wants.
    let readers: [MetricReaderOptions]
    let views: ViewRegistry
    let exemplarFilter: ExemplarFilter
    let clock: TelemetryClock
    let collectionClock: CollectionClock
    let refusals = RefusedMeasurements()

    init(readers: [MetricReaderOptions], views: ViewRegistry, exemplarFilter: ExemplarFilter, clock: TelemetryClock) {
        self.readers = readers
        self.views = views
        self.exemplarFilter = exemplarFilter
        self.clock = clock
        collectionClock = CollectionClock(clock)
    }

    /// The stores of an instrument, and by reader those that it collects from; and what is to be told about views that do not fit.
    ///
    /// Readers that want the same share a store, so that recording costs no more with several of them; what each was told is
    /// kept apart.
    func stores(
        for instrument: InstrumentDescriptor, _ scope: InstrumentationScope
    ) -> (stores: [SeriesStore], readers: [[(store: SeriesStore, number: Int)]], warnings: [String]) {
        var stores: [SeriesStore] = []
        var warnings: [String] = []
        let byReader = readers.map { reader in
            configurations(instrument, scope, reader, &warnings).map { configuration in
                // Exemplars that somebody else keeps are told once: so each reader has its own.
                let shared = configuration.makesReservoirs ? nil : stores.first { $0.configuration.canShareStore(with: configuration) }
                let store = shared ?? SeriesStore(configuration, filter: exemplarFilter, clock: clock)
                if shared == nil { stores.append(store) }
                let number = store.addReader(reader.temporality[instrument.kind], at: store.startNanoseconds)
                return (store: store, number: number)
            }
        }
        return (stores, byReader, warnings)
    }

    /// The streams of an observable instrument, by reader: each has a round of callbacks of its own.
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
        // Each reader finds the same: said once.
        warnings += found.warnings.filter { !warnings.contains($0) }
        return found.streams
    }
}
