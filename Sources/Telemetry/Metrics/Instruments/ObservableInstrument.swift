// The public handle of observable counters, up-down counters and gauges, and its observer.

/// A counter, up-down counter or gauge whose values callbacks observe at each collection.
///
/// Callbacks are called once for each collection of each reader. (Specification: metrics API, "Asynchronous Instrument".)
public struct ObservableInstrument<Value: MeasurementValue>: Sendable {
    let core: ObservableCore
    private let registrar: any CallbackRegistrar

    init(_ core: ObservableCore, _ registrar: any CallbackRegistrar) {
        self.core = core
        self.registrar = registrar
    }

    /// Whether observations are recorded. A callback whose instruments are all disabled is not called.
    public var isEnabled: Bool { core.isEnabled }

    /// Adds a callback that observes this instrument and is called until it is unregistered.
    ///
    /// It runs on a thread of the SDK. If it throws, or takes longer than the collection allows, its observations are left out.
    @discardableResult
    public func addCallback(_ callback: @escaping @Sendable (MetricObserver<Value>) throws -> Void) -> CallbackRegistration {
        registrar.register(observing: [core]) { [core] observations in
            try callback(MetricObserver(observations: observations, core: core))
        }
    }
}

/// The type of an instrument that ``Meter`` makes by `observableCounter`.
public typealias ObservableCounter<Value: MeasurementValue> = ObservableInstrument<Value>

/// The type of an instrument that ``Meter`` makes by `observableUpDownCounter`.
public typealias ObservableUpDownCounter<Value: MeasurementValue> = ObservableInstrument<Value>

/// The type of an instrument that ``Meter`` makes by `observableGauge`.
public typealias ObservableGauge<Value: MeasurementValue> = ObservableInstrument<Value>

/// Records the observations of a callback for one instrument.
///
/// Has no effect after the callback has returned.
public struct MetricObserver<Value: MeasurementValue>: Sendable {
    let observations: ObservationBatch
    let core: ObservableCore

    /// Observes the current value, which is the running total of a counter.
    ///
    /// The last value of equal attributes counts.
    public func observe(_ value: Value, _ attributes: Attributes = [:]) {
        observations.add(value.metricNumber, attributes, of: core)
    }
}
