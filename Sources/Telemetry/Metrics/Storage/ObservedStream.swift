// Aggregation for observable instruments: from observed values to points.

/// The series of an observable instrument's stream, for one reader.
///
/// Callbacks tell sums so far: a reader that wants changes gets the difference to what it was told before. Only series that
/// were observed in a collection are told of. (Specification: metrics SDK, "MetricReader".)
final class ObservedStream: Sendable {
    private struct Observed {
        let series: Series
        var startNanoseconds: UInt64
        /// The sum so far, for a reader of changes by how much it has changed; else the last value.
        var current: MetricNumber
        /// The last number that was observed, and its attributes that the series does not have.
        var measured: MetricNumber
        var removed: Attributes
        /// What `current` was in the collection before.
        var previous: MetricNumber?
        /// The collection in which it was last observed.
        var round: Int
    }

    private struct State {
        var places: [SeriesKey: Int] = [:]
        var observed: [Observed] = []
        var overflow: Observed?
        /// For a reader of changes: what was observed before, by attributes.
        var earlier: EarlierValues
        var round = 0
        /// When the last collection was; at first when the instrument was made. On the monotonic clock, as all times here.
        var lastNanoseconds: UInt64
    }

    let descriptor: MetricDescriptor
    private let configuration: StreamConfiguration
    private let temporality: Temporality
    private let makesExemplars: Bool
    private let overflowReport = OverflowReport()
    private let state: Locked<State>
    /// For distributions of what is observed.
    private let store: (store: SeriesStore, reader: Int)?

    init(_ configuration: StreamConfiguration, temporality: Temporality, filter: ExemplarFilter, clock: TelemetryClock) {
        self.configuration = configuration
        self.temporality = temporality
        // Without a span there is nothing that a trace could be the base of.
        makesExemplars = filter == .alwaysOn
        let now = clock.monotonicNanoseconds()
        state = Locked(
            State(
                earlier: EarlierValues(capacity: max(EarlierValues.capacity, 2 * configuration.cardinalityLimit)), lastNanoseconds: now))
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

    /// Whether the last number observed is all that is kept.
    var keepsLastValue: Bool { configuration.aggregation == .lastValue }

    /// The points of one collection.
    ///
    /// - Parameter observations: all of this collection, in order.
    func collect(_ observations: [Observation], at time: CollectionTime, where accepts: (@Sendable (Attributes) -> Bool)?) -> MetricPoints?
    {
        if let (store, reader) = store {
            let recorder = SeriesRecorder(store)
            defer { recorder.deallocate() }
            for observation in observations { recorder.record(observation.number.bits, observation.attributes, .root) }
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

    /// What was observed of a series that has no place.
    private struct Taken {
        let key: SeriesKey
        let kept: Attributes
        var removed: Attributes
        var current: MetricNumber
        var measured: MetricNumber
    }

    /// Series that have a place keep it whatever the order of observations; of those that have none the first observed get what is free.
    ///
    /// (Specification: metrics SDK, "Cardinality limits". Were a place taken from a known series by one that is observed before it, the
    /// overflow series would lose and gain what did not happen.)
    private func take(_ observations: [Observation], _ state: inout State) {
        var newcomers: [Taken] = []
        var newPlaces: [SeriesKey: Int] = [:]
        for observation in effective(observations) {
            let attributes = observation.attributes.canonical
            guard let number = told(observation.number, of: attributes, &state) else { continue }
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
                    Taken(key: key, kept: kept, removed: removed, current: number, measured: observation.number))
            }
        }
        guard !newcomers.isEmpty else { return }
        makeRoom(for: newcomers.count, &state)
        let free = configuration.cardinalityLimit - state.observed.count
        for taken in newcomers.prefix(free) { addPlace(for: taken, &state) }
        if newcomers.count > free { takeBeyondLimit(newcomers.dropFirst(free), &state) }
    }

    /// What an observation adds to its series: its number, or for a reader of changes the change; nil when it is not known.
    ///
    /// Changes belong to attributes as they were observed. So neither a view that makes several of them one series, nor the limit, makes
    /// something happen when one of them leaves, comes back, or changes its place.
    private func told(_ number: MetricNumber, of attributes: Attributes, _ state: inout State) -> MetricNumber? {
        guard tellsChanges else { return number }
        let key = SeriesKey(attributes)
        let earlier = state.earlier.number(of: key)
        guard state.earlier.keep(number, of: key, round: state.round) else {
            reportUnknownChange()
            return nil
        }
        return earlier.map { change(from: $0, to: number) } ?? number
    }

    /// What a view makes the same is added up, as changes are; else the last of two observations counts.
    private func merged(_ one: MetricNumber, _ next: MetricNumber) -> MetricNumber {
        tellsChanges || (configuration.filter != nil && configuration.kind.isAdditive) ? sum(one, next) : next
    }

    /// Of two observations with the same attributes the last counts: to be told apart from those that a view makes the same.
    private func effective(_ observations: [Observation]) -> [Observation] {
        guard tellsChanges || (configuration.filter != nil && configuration.kind.isAdditive), observations.count > 1 else {
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

    private func addPlace(for taken: Taken, _ state: inout State) {
        state.places[taken.key] = state.observed.count
        state.observed.append(
            Observed(
                series: Series(taken.kept), startNanoseconds: state.lastNanoseconds, current: taken.current, measured: taken.measured,
                removed: taken.removed, round: state.round))
    }

    /// Takes places from series that are not observed in this collection, the longest absent ones first, and no more than it takes.
    private func makeRoom(for count: Int, _ state: inout State) {
        let excess = state.observed.count + count - configuration.cardinalityLimit
        guard excess > 0 else { return }
        let absent = state.observed.indices.filter { state.observed[$0].round != state.round }
        let forgotten = Set(absent.sorted { state.observed[$0].round < state.observed[$1].round }.prefix(excess))
        guard !forgotten.isEmpty else { return }
        state.observed = state.observed.indices.filter { !forgotten.contains($0) }.map { state.observed[$0] }
        Self.index(&state)
    }

    /// Adds up what is beyond the limit.
    private func takeBeyondLimit(_ newcomers: ArraySlice<Taken>, _ state: inout State) {
        configuration.reportCardinalityOverflow()
        guard let first = newcomers.first, let last = newcomers.last else { return }
        let isAddition = tellsChanges || configuration.kind.isAdditive
        let total = isAddition ? newcomers.dropFirst().reduce(first.current) { sum($0, $1.current) } : last.current
        // On the overflow series stand none of the attributes.
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
            beginAnewWhereLess(&state.observed[place], last)
            if accepts?(state.observed[place].series.attributes) ?? true {
                points.append(point(state.observed[place], last, time))
            }
        }
        if var overflow = state.overflow, overflow.round == state.round {
            beginAnewWhereLess(&overflow, last)
            if accepts?(overflow.series.attributes) ?? true { points.append(point(overflow, last, time)) }
            state.overflow = overflow
        } else {
            state.overflow = nil
        }
        // What has vanished begins anew when it is back; for a reader of changes it goes on from where it was.
        let round = state.round
        if temporality == .cumulative, state.observed.contains(where: { $0.round != round }) {
            state.observed.removeAll { $0.round != round }
            Self.index(&state)
        }
        return points
    }

    /// Restarts a monotonic sum that is less than before: the sum of the overflow falls when a series leaves it.
    private func beginAnewWhereLess(_ observed: inout Observed, _ lastNanoseconds: UInt64) {
        defer { observed.previous = observed.current }
        guard temporality == .cumulative, case .sum(isMonotonic: true) = configuration.aggregation, let previous = observed.previous,
            observed.current.isLess(than: previous)
        else { return }
        observed.startNanoseconds = lastNanoseconds
    }

    private func point(_ observed: Observed, _ lastNanoseconds: UInt64, _ time: CollectionTime) -> NumberPoint {
        let start = tellsChanges ? lastNanoseconds : observed.startNanoseconds
        let exemplars =
            makesExemplars ? [Exemplar(value: observed.measured, time: time.timestamp, filteredAttributes: observed.removed)] : []
        return NumberPoint(
            series: observed.series, startTime: time.timestamp(of: start), time: time.timestamp, value: observed.current,
            exemplars: exemplars)
    }

    /// Whether the reader is told by how much sums have changed.
    private var tellsChanges: Bool {
        if case .sum = configuration.aggregation { temporality == .delta } else { false }
    }

    private func sum(_ one: MetricNumber, _ other: MetricNumber) -> MetricNumber {
        let (sum, isOverflow) = one.adding(other)
        if isOverflow { overflowReport.report(descriptor) }
        return sum
    }

    /// The change since an earlier number. A monotonic sum that is less now was restarted.
    private func change(from earlier: MetricNumber, to now: MetricNumber) -> MetricNumber {
        if case .sum(isMonotonic: true) = configuration.aggregation, now.isLess(than: earlier) { return now }
        let (change, isOverflow) = now.subtracting(earlier)
        if isOverflow { overflowReport.report(descriptor) }
        return change
    }
}

extension MetricNumber {
    /// The number as cells hold it.
    fileprivate var bits: UInt64 {
        switch self {
        case .int(let value): UInt64(bitPattern: value)
        case .double(let value): value.bitPattern
        }
    }

    /// The sum; of whole numbers the end of their range where it is beyond, and whether it is.
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
