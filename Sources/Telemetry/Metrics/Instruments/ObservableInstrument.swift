// Instruments whose values are asked for at each collection.

import Synchronization

/// A counter, up-down counter or gauge whose values come from callbacks, at each collection of each reader.
///
/// (Specification: metrics API, "Asynchronous Instrument".)
public struct ObservableInstrument<Value: MeasurementValue>: Sendable {
    let core: ObservableCore
    private let meter: Meter

    init(_ core: ObservableCore, _ meter: Meter) {
        self.core = core
        self.meter = meter
    }

    /// Whether anything is kept of what is observed; else callbacks that observe nothing else are not called.
    public var isEnabled: Bool { core.isEnabled }

    /// Adds a callback that observes this instrument; it is called until it is unregistered.
    ///
    /// It runs on a thread of the SDK's own. One that throws, or takes longer than the collection may, is left out of the collection.
    @discardableResult
    public func addCallback(_ callback: @escaping @Sendable (MetricObserver<Value>) throws -> Void) -> CallbackRegistration {
        meter.register(observing: [core]) { [core] observations in try callback(MetricObserver(observations: observations, core: core)) }
    }
}

/// Takes what a callback observes of one instrument; of no use once the callback has returned.
public struct MetricObserver<Value: MeasurementValue>: Sendable {
    let observations: ObservationBatch
    let core: ObservableCore

    /// Tells the present value: of counters the sum so far. Of two with the same attributes the last one counts.
    public func observe(_ value: Value, _ attributes: Attributes = [:]) {
        observations.add(value.metricNumber, attributes, of: core)
    }
}

/// Takes what a callback observes of several instruments; of no use once the callback has returned.
public struct MetricObservations: Sendable {
    let batch: ObservationBatch

    /// Tells the present value of one of the instruments that the callback was registered for; others are disregarded.
    public func observe<Value>(_ instrument: ObservableInstrument<Value>, _ value: Value, _ attributes: Attributes = [:]) {
        batch.add(value.metricNumber, attributes, of: instrument.core)
    }
}

/// A callback that was registered.
public final class CallbackRegistration: Sendable {
    private let action: Locked<(@Sendable () -> Void)?>

    init(_ action: @escaping @Sendable () -> Void) {
        self.action = Locked(action)
    }

    /// Has the callback not called any more; one that is running is not waited for.
    public func unregister() {
        let action = action.withLock { action in
            defer { action = nil }
            return action
        }
        action?()
    }
}

/// What is kept of an observable instrument, for each reader.
final class ObservableCore: Sendable {
    let descriptor: InstrumentDescriptor
    /// By the number of the reader.
    let streams: [[ObservedStream]]
    private let isOn: Atomic<Bool>
    private let refusals: RefusedMeasurements
    private let takesAll: Bool

    init(_ descriptor: InstrumentDescriptor, streams: [[ObservedStream]], isOn: Bool, refusals: RefusedMeasurements) {
        self.descriptor = descriptor
        self.streams = streams
        self.isOn = Atomic(isOn)
        self.refusals = refusals
        // A last value may be anything; what is added up or counted in buckets would be spoilt for ever.
        takesAll = descriptor.kind == .observableGauge && streams.joined().allSatisfy(\.keepsLastValue)
    }

    var isEnabled: Bool { isOn.load(ordering: .relaxed) && streams.contains { !$0.isEmpty } }

    func setEnabled(_ isEnabled: Bool) { isOn.store(isEnabled, ordering: .relaxed) }

    /// Whether the instrument takes a number; one that it does not is counted.
    func accepts(_ number: MetricNumber) -> Bool {
        let value = number.doubleValue
        if takesAll { return true }
        guard value.isFinite, !descriptor.kind.isMonotonic || value >= 0 else {
            refusals.count(isNegative: value.isFinite, of: descriptor)
            return false
        }
        return true
    }
}

/// What one callback observed in one round.
final class ObservationBatch: Sendable {
    /// A callback that observes without end must not take all memory.
    static let capacity = 1_000_000

    private struct State {
        var isOpen = true
        var observations: [ObjectIdentifier: [Observation]] = [:]
        var count = 0
    }

    private let state = Locked(State())
    private let instruments: Set<ObjectIdentifier>

    init(_ instruments: Set<ObjectIdentifier>) {
        self.instruments = instruments
    }

    func add(_ number: MetricNumber, _ attributes: Attributes, of core: ObservableCore) {
        guard instruments.contains(ObjectIdentifier(core)), core.accepts(number) else { return }
        let isTaken = state.withLock { state in
            guard state.isOpen else { return true }
            guard state.count < Self.capacity else { return false }
            state.count += 1
            state.observations[ObjectIdentifier(core), default: []].append(Observation(number: number, attributes: attributes))
            return true
        }
        guard !isTaken else { return }
        Diagnostics.report(
            .warning, topic: "metrics.callback.\(core.descriptor.name)",
            "A callback of \"\(core.descriptor.name)\" observes more than \(Self.capacity) values at once: the rest is dropped. Observe sums."
        )
    }

    /// Takes nothing any more from now on; returns what there is.
    func close() -> [ObjectIdentifier: [Observation]] {
        state.withLock { state in
            state.isOpen = false
            defer { state.observations = [:] }
            return state.observations
        }
    }
}
