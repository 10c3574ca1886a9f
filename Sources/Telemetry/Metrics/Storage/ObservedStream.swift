// Aggregation for observable instruments: from observed values to points.

/// Aggregates the observations of one stream of an observable instrument for one reader.
///
/// Callbacks observe running totals: with delta temporality the reader gets differences between them. Only series that were observed in a
/// collection have points. (Specification: metrics SDK, "MetricReader".)
final class ObservedStream: Sendable {
    private struct Observed {
        let series: Series
        var startNanoseconds: UInt64
        /// The running total, or its change with delta temporality; else the last value.
        var current: MetricNumber
        /// The last observed number, and the attributes of that observation which the series does not have.
        var measured: MetricNumber
        var removed: Attributes
        /// `current` in the previous collection.
        var previous: MetricNumber?
        /// The last round in which it was observed.
        var round: Int
    }

    private struct State {
        var places: [SeriesKey: Int] = [:]
        var observed: [Observed] = []
        var overflow: Observed?
        /// With delta temporality: the last observations by attributes.
        var earlier: EarlierValues
        var round = 0
        /// The time of the last collection, at first of the instrument's creation.
        ///
        /// All times here are on the monotonic clock.
        var lastNanoseconds: UInt64
    }

    let descriptor: MetricDescriptor
    private let configuration: StreamConfiguration
    private let temporality: Temporality
    private let makesExemplars: Bool
    private let overflowReport = OverflowReport()
    private let state: Locked<State>
    /// Aggregates observations into histograms; nil for other aggregations.
    private let store: (store: SeriesStore, reader: Int)?

    init(_ configuration: StreamConfiguration, temporality: Temporality, filter: ExemplarFilter, clock: TelemetryClock) {
        self.configuration = configuration
        self.temporality = temporality
        // Observations belong to no span, so the filter `traceBased` accepts none.
        makesExemplars = filter == .alwaysOn
        let now = clock.monotonicNanoseconds()
        // A limit may be as large as numbers are.
        let (doubled, overflow) = configuration.cardinalityLimit.multipliedReportingOverflow(by: 2)
        let capacity = overflow ? .max : max(EarlierValues.capacity, doubled)
        state = Locked(State(earlier: EarlierValues(capacity: capacity), lastNanoseconds: now))
        switch configuration.aggregation {
        case .sum, .lastValue:
            store = nil
            descriptor = MetricDescriptor(name: configuration.name, unit: configuration.unit, description: configuration.description)
        case .histogram, .exponentialHistogram:
            let made = SeriesStore(configuration, filter: filter, clock: clock)
            store = (made, made.addReader(temporality, at: now))
            descriptor = made.descriptor
        }
    }

    /// Whether the stream keeps the last value only.
    var keepsLastValue: Bool { configuration.aggregation == .lastValue }

    /// Returns the points of one collection; nil if there are none.
    ///
    /// - Parameter observations: all observations of this collection, in order.
    func collect(_ observations: [Observation], at time: CollectionTime, where accepts: (@Sendable (Attributes) -> Bool)?) -> MetricPoints?
    {
        if let (store, reader) = store {
            let recorder = SeriesRecorder(store)
            defer { recorder.deallocate() }
            for observation in observations {
                observation.attributes.withEntries { recorder.record(observation.number.bits, $0, .root) }
            }
            return store.collect(reader, at: time, where: accepts)
        }
        return state.withLock { state in
            state.round += 1
            take(observations, &state)
            let points = points(&state, time, accepts)
            state.lastNanoseconds = time.nanoseconds
            guard !points.isEmpty else { return nil }
            guard case .sum(let isMonotonic) = configuration.aggregation else { return .gauge(points) }
            return .sum(points, temporality: temporality, isMonotonic: isMonotonic)
        }
    }

    /// The observations of a series that has no point yet.
    private struct Newcomer {
        let key: SeriesKey
        let kept: Attributes
        var removed: Attributes
        var current: MetricNumber
        var measured: MetricNumber
    }

    /// Known series keep their place in any order of observations.
    ///
    /// New ones get the free places in the order of observation.
    ///
    /// (Specification: metrics SDK, "Cardinality limits". If a series observed earlier took the place of a known one, the overflow series
    /// would gain and lose values that were never observed.)
    private func take(_ observations: [Observation], _ state: inout State) {
        var newcomers: [Newcomer] = []
        var newPlaces: [SeriesKey: Int] = [:]
        for observation in effective(observations) {
            let attributes = observation.attributes.canonical
            guard let number = increment(observation.number, of: attributes, &state) else { continue }
            let (kept, removed) = configuration.filter?.apply(to: attributes) ?? (attributes, [:])
            let key = SeriesKey(kept)
            if let place = state.places[key] {
                let isFirst = state.observed[place].round != state.round
                state.observed[place].current = isFirst ? number : merged(state.observed[place].current, number)
                state.observed[place].measured = observation.number
                state.observed[place].removed = removed
                state.observed[place].round = state.round
            } else if let place = newPlaces[key] {
                newcomers[place].current = merged(newcomers[place].current, number)
                newcomers[place].measured = observation.number
                newcomers[place].removed = removed
            } else {
                newPlaces[key] = newcomers.count
                newcomers.append(
                    Newcomer(key: key, kept: kept, removed: removed, current: number, measured: observation.number))
            }
        }
        guard !newcomers.isEmpty else { return }
        makeRoom(for: newcomers.count, &state)
        let free = configuration.cardinalityLimit - state.observed.count
        for newcomer in newcomers.prefix(free) { addPlace(for: newcomer, &state) }
        if newcomers.count > free { addToOverflow(newcomers.dropFirst(free), &state) }
    }

    /// Returns what an observation adds to its series: its number, or its change with delta temporality.
    ///
    /// Nil if that is unknown.
    ///
    /// Changes are computed from attributes as they were observed. So no change appears when series that a view merges, or that the limit
    /// affects, come, go or move.
    private func increment(_ number: MetricNumber, of attributes: Attributes, _ state: inout State) -> MetricNumber? {
        guard exportsChanges else { return number }
        let key = SeriesKey(attributes)
        let earlier = state.earlier.number(of: key)
        guard state.earlier.keep(number, of: key, round: state.round) else {
            reportUnknownChange()
            return nil
        }
        return earlier.map { change(from: $0, to: number) } ?? number
    }

    /// Adds up observations that a view merges, and changes.
    ///
    /// Of other observations of a series the last one counts.
    private func merged(_ one: MetricNumber, _ next: MetricNumber) -> MetricNumber {
        exportsChanges || (configuration.filter != nil && configuration.kind.isAdditive) ? sum(one, next) : next
    }

    /// Returns the last observation of equal attributes, as distinct from observations that a view merges.
    private func effective(_ observations: [Observation]) -> [Observation] {
        guard exportsChanges || (configuration.filter != nil && configuration.kind.isAdditive), observations.count > 1 else {
            return observations
        }
        var places: [SeriesKey: Int] = [:]
        var effective: [Observation] = []
        for observation in observations {
            let key = SeriesKey(observation.attributes.canonical)
            if let place = places[key] {
                effective[place] = observation
            } else {
                places[key] = effective.count
                effective.append(observation)
            }
        }
        return effective
    }

    private func addPlace(for newcomer: Newcomer, _ state: inout State) {
        state.places[newcomer.key] = state.observed.count
        state.observed.append(
            Observed(
                series: Series(newcomer.kept), startNanoseconds: state.lastNanoseconds, current: newcomer.current,
                measured: newcomer.measured, removed: newcomer.removed, round: state.round))
    }

    /// Removes series not observed in this collection, no more than needed.
    ///
    /// Those absent for the longest time are removed first.
    private func makeRoom(for count: Int, _ state: inout State) {
        let excess = state.observed.count + count - configuration.cardinalityLimit
        guard excess > 0 else { return }
        let absent = state.observed.indices.filter { state.observed[$0].round != state.round }
        let forgotten = Set(absent.sorted { state.observed[$0].round < state.observed[$1].round }.prefix(excess))
        guard !forgotten.isEmpty else { return }
        state.observed = state.observed.indices.filter { !forgotten.contains($0) }.map { state.observed[$0] }
        Self.index(&state)
    }

    /// Adds up series beyond the limit.
    private func addToOverflow(_ newcomers: ArraySlice<Newcomer>, _ state: inout State) {
        configuration.reportCardinalityOverflow()
        guard let first = newcomers.first, let last = newcomers.last else { return }
        let isAddition = exportsChanges || configuration.kind.isAdditive
        let total = isAddition ? newcomers.dropFirst().reduce(first.current) { sum($0, $1.current) } : last.current
        // The overflow series has none of the attributes.
        let removed = last.kept.merging(last.removed)
        let (previous, start) = (state.overflow?.previous, state.overflow?.startNanoseconds ?? state.lastNanoseconds)
        state.overflow = Observed(
            series: .overflow, startNanoseconds: start, current: total, measured: last.measured, removed: removed, previous: previous,
            round: state.round)
    }

    private func reportUnknownChange() {
        Diagnostics.report(
            .warning, topic: "metrics.cardinality.changes.\(descriptor.name)",
            "Callbacks observe so many series of \"\(descriptor.name)\" that what some of them were before cannot be kept: these are left out."
                + " Observe sums with fewer attributes, or collect sums since the beginning.")
    }

    private static func index(_ state: inout State) {
        state.places.removeAll(keepingCapacity: true)
        for (place, observed) in state.observed.enumerated() { state.places[SeriesKey(observed.series.attributes)] = place }
    }

    private func points(_ state: inout State, _ time: CollectionTime, _ accepts: (@Sendable (Attributes) -> Bool)?) -> [NumberPoint] {
        var points: [NumberPoint] = []
        points.reserveCapacity(state.observed.count)
        let last = state.lastNanoseconds
        for place in state.observed.indices where state.observed[place].round == state.round {
            restartIfDecreased(&state.observed[place], last)
            if accepts?(state.observed[place].series.attributes) ?? true {
                points.append(point(state.observed[place], last, time))
            }
        }
        if var overflow = state.overflow, overflow.round == state.round {
            restartIfDecreased(&overflow, last)
            if accepts?(overflow.series.attributes) ?? true { points.append(point(overflow, last, time)) }
            state.overflow = overflow
        } else {
            state.overflow = nil
        }
        // A series that vanishes has a new start time when it returns; with delta temporality it continues.
        let round = state.round
        if temporality == .cumulative, state.observed.contains(where: { $0.round != round }) {
            state.observed.removeAll { $0.round != round }
            Self.index(&state)
        }
        return points
    }

    /// Restarts a monotonic sum that has decreased, as the overflow sum does when a series leaves it.
    private func restartIfDecreased(_ observed: inout Observed, _ lastNanoseconds: UInt64) {
        defer { observed.previous = observed.current }
        guard temporality == .cumulative, case .sum(isMonotonic: true) = configuration.aggregation, let previous = observed.previous,
            observed.current.isLess(than: previous)
        else { return }
        observed.startNanoseconds = lastNanoseconds
    }

    private func point(_ observed: Observed, _ lastNanoseconds: UInt64, _ time: CollectionTime) -> NumberPoint {
        let start = exportsChanges ? lastNanoseconds : observed.startNanoseconds
        let exemplars =
            makesExemplars ? [Exemplar(value: observed.measured, time: time.timestamp, filteredAttributes: observed.removed)] : []
        return NumberPoint(
            series: observed.series, startTime: time.timestamp(of: start), time: time.timestamp, value: observed.current,
            exemplars: exemplars)
    }

    /// Whether the points are changes of sums.
    private var exportsChanges: Bool {
        if case .sum = configuration.aggregation { temporality == .delta } else { false }
    }

    private func sum(_ one: MetricNumber, _ other: MetricNumber) -> MetricNumber {
        let (sum, isOverflow) = one.adding(other)
        if isOverflow { overflowReport.report(descriptor) }
        return sum
    }

    /// Returns the change since an earlier number. A monotonic sum that has decreased was restarted.
    private func change(from earlier: MetricNumber, to now: MetricNumber) -> MetricNumber {
        if case .sum(isMonotonic: true) = configuration.aggregation, now.isLess(than: earlier) { return now }
        let (change, isOverflow) = now.subtracting(earlier)
        if isOverflow { overflowReport.report(descriptor) }
        return change
    }
}

extension MetricNumber {
    /// The bits of the number, as cells hold it.
    fileprivate var bits: UInt64 {
        switch self {
        case .int(let value): UInt64(bitPattern: value)
        case .double(let value): value.bitPattern
        }
    }

    /// Returns the sum, which is clamped for integers, and whether it was.
    fileprivate func adding(_ other: MetricNumber) -> (sum: MetricNumber, isOverflow: Bool) {
        guard case .int(let one) = self, case .int(let two) = other else { return (.double(doubleValue + other.doubleValue), false) }
        let (sum, isOverflow) = one.addingReportingOverflow(two)
        return (.int(isOverflow ? (one < 0 ? .min : .max) : sum), isOverflow)
    }

    fileprivate func subtracting(_ other: MetricNumber) -> (difference: MetricNumber, isOverflow: Bool) {
        guard case .int(let one) = self, case .int(let two) = other else { return (.double(doubleValue - other.doubleValue), false) }
        let (difference, isOverflow) = one.subtractingReportingOverflow(two)
        return (.int(isOverflow ? (one < 0 ? .min : .max) : difference), isOverflow)
    }

    fileprivate func isLess(than other: MetricNumber) -> Bool {
        if case .int(let one) = self, case .int(let two) = other { return one < two }
        return doubleValue < other.doubleValue
    }
}
