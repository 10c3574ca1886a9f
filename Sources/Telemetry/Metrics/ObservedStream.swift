// What callbacks have observed, for one reader of one stream.

import Synchronization

/// One number that a callback observed.
struct Observation: Sendable {
    let number: MetricNumber
    let attributes: Attributes
}

/// The series of an observable instrument's stream, for one reader.
///
/// Callbacks tell sums so far: a reader that wants changes gets the difference to what it was told before. Only series that
/// were observed in a collection are told of. (Specification: metrics SDK, "MetricReader".)
final class ObservedStream: Sendable {
    private struct Observed {
        let series: Series
        let startNanoseconds: UInt64
        var current: MetricNumber
        /// The attributes of the last observation that the series does not have.
        var removed: Attributes
        /// What the reader was told before.
        var previous: MetricNumber?
        /// The collection in which it was last observed.
        var round: Int
    }

    private struct State {
        var places: [SeriesKey: Int] = [:]
        var observed: [Observed] = []
        var overflow: Observed?
        var round = 0
        /// When the last collection was; at first when the instrument was made. On the monotonic clock, as all times here.
        var lastNanoseconds: UInt64
    }

    let descriptor: MetricDescriptor
    private let configuration: StreamConfiguration
    private let temporality: Temporality
    private let makesExemplars: Bool
    private let state: Mutex<State>
    /// For distributions of what is observed.
    private let store: (store: SeriesStore, reader: Int)?

    init(_ configuration: StreamConfiguration, temporality: Temporality, filter: ExemplarFilter, clock: TelemetryClock) {
        self.configuration = configuration
        self.temporality = temporality
        // Without a span there is nothing that a trace could be the base of.
        makesExemplars = filter == .alwaysOn
        let now = clock.monotonicNanoseconds()
        state = Mutex(State(lastNanoseconds: now))
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

    /// An observation, and the series that it belongs to.
    private struct Taken {
        let key: SeriesKey
        let kept: Attributes
        let removed: Attributes
        let observation: Observation
    }

    private func take(_ observations: [Observation], _ state: inout State) {
        let taken = effective(observations).map { observation in
            let attributes = observation.attributes.canonical
            let (kept, removed) = configuration.filter?.apply(to: attributes) ?? (attributes, [:])
            return Taken(key: SeriesKey(kept), kept: kept, removed: removed, observation: observation)
        }
        if state.observed.count + taken.count > configuration.cardinalityLimit { makeRoom(for: taken, &state) }
        for taken in taken { take(taken, &state) }
    }

    /// Where a view makes several observations one series, they are added up: but of two with the same attributes the last counts.
    private func effective(_ observations: [Observation]) -> [Observation] {
        guard configuration.filter != nil && configuration.kind.isAdditive && observations.count > 1 else { return observations }
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

    private func take(_ taken: Taken, _ state: inout State) {
        let number = taken.observation.number
        if let place = state.places[taken.key] {
            // What a view makes the same is added up; else the last of two observations counts.
            let isAddition = state.observed[place].round == state.round && configuration.filter != nil && configuration.kind.isAdditive
            state.observed[place].current = isAddition ? state.observed[place].current.adding(number) : number
            state.observed[place].removed = taken.removed
            state.observed[place].round = state.round
        } else if state.observed.count < configuration.cardinalityLimit {
            state.places[taken.key] = state.observed.count
            state.observed.append(
                Observed(
                    series: Series(taken.kept), startNanoseconds: state.lastNanoseconds, current: number, removed: taken.removed,
                    round: state.round))
        } else {
            takeBeyondLimit(taken.observation, &state)
        }
    }

    /// Forgets series for those that are observed first in this collection, and no more than it takes: a reader of changes has to know
    /// what it was told before.
    private func makeRoom(for taken: [Taken], _ state: inout State) {
        var wanted: Set<SeriesKey> = []
        for taken in taken where wanted.count < configuration.cardinalityLimit { wanted.insert(taken.key) }
        let newCount = wanted.count { state.places[$0] == nil }
        let excess = state.observed.count + newCount - configuration.cardinalityLimit
        guard excess > 0 else { return }
        let dispensable = state.observed.indices.filter { !wanted.contains(SeriesKey(state.observed[$0].series.attributes)) }
        let forgotten = Set(dispensable.sorted { state.observed[$0].round < state.observed[$1].round }.prefix(excess))
        state.observed = state.observed.indices.filter { !forgotten.contains($0) }.map { state.observed[$0] }
        Self.index(&state)
    }

    private func takeBeyondLimit(_ observation: Observation, _ state: inout State) {
        guard var overflow = state.overflow else {
            state.overflow = Observed(
                series: .overflow, startNanoseconds: state.lastNanoseconds, current: observation.number,
                removed: observation.attributes, round: state.round)
            return
        }
        let isAddition = overflow.round == state.round && configuration.kind.isAdditive
        overflow.current = isAddition ? overflow.current.adding(observation.number) : observation.number
        overflow.removed = observation.attributes
        overflow.round = state.round
        state.overflow = overflow
    }

    private static func index(_ state: inout State) {
        state.places.removeAll(keepingCapacity: true)
        for (place, observed) in state.observed.enumerated() { state.places[SeriesKey(observed.series.attributes)] = place }
    }

    private func points(_ state: inout State, _ time: CollectionTime, _ accepts: (@Sendable (Attributes) -> Bool)?) -> [NumberPoint] {
        var points: [NumberPoint] = []
        points.reserveCapacity(state.observed.count)
        for place in state.observed.indices where state.observed[place].round == state.round {
            if accepts?(state.observed[place].series.attributes) ?? true {
                points.append(point(state.observed[place], state, time))
            }
            state.observed[place].previous = state.observed[place].current
        }
        if let overflow = state.overflow, overflow.round == state.round {
            if accepts?(overflow.series.attributes) ?? true { points.append(point(overflow, state, time)) }
            state.overflow?.previous = overflow.current
        }
        // What has vanished begins anew when it is back; for a reader of changes it goes on from where it was.
        let round = state.round
        if temporality == .cumulative, state.observed.contains(where: { $0.round != round }) {
            state.observed.removeAll { $0.round != round }
            Self.index(&state)
        }
        return points
    }

    private func point(_ observed: Observed, _ state: State, _ time: CollectionTime) -> NumberPoint {
        var (value, start) = (observed.current, observed.startNanoseconds)
        if temporality == .delta, case .sum(let isMonotonic) = configuration.aggregation {
            value = observed.current.subtracting(observed.previous, isMonotonic: isMonotonic)
            start = state.lastNanoseconds
        }
        let exemplars =
            makesExemplars ? [Exemplar(value: observed.current, time: time.timestamp, filteredAttributes: observed.removed)] : []
        return NumberPoint(
            series: observed.series, startTime: time.timestamp(of: start), time: time.timestamp, value: value,
            exemplars: exemplars)
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

    fileprivate func adding(_ other: MetricNumber) -> MetricNumber {
        if case .int(let one) = self, case .int(let two) = other { return .int(one &+ two) }
        return .double(doubleValue + other.doubleValue)
    }

    /// The change since an earlier number. One that may only grow and is less now has begun anew.
    fileprivate func subtracting(_ earlier: MetricNumber?, isMonotonic: Bool) -> MetricNumber {
        guard let earlier else { return self }
        if case .int(let now) = self, case .int(let before) = earlier {
            return isMonotonic && now < before ? self : .int(now &- before)
        }
        return isMonotonic && doubleValue < earlier.doubleValue ? self : .double(doubleValue - earlier.doubleValue)
    }
}

/// Attributes as a key: by type and value, whatever their order.
struct SeriesKey: Hashable {
    private let attributes: Attributes

    /// - Parameter attributes: in their canonical form.
    init(_ attributes: Attributes) {
        self.attributes = attributes
    }

    static func == (left: SeriesKey, right: SeriesKey) -> Bool {
        left.attributes.withEntries { one in right.attributes.withEntries { two in SeriesEquality.areSame(one, two) } }
    }

    func hash(into hasher: inout Hasher) { hasher.combine(SeriesHash.shared.hash(of: attributes)) }
}
