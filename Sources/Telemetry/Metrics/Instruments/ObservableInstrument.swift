// The public handle of observable counters, up-down counters and gauges, and its observer.

/// A counter, up-down counter or gauge whose values come from callbacks, at each collection of each reader.
///
/// (Specification: metrics API, "Asynchronous Instrument".)
public struct ObservableInstrument<Value: MeasurementValue>: Sendable {
    let core: ObservableCore
    private let registrar: any CallbackRegistrar

    init(_ core: ObservableCore, _ registrar: any CallbackRegistrar) {
        self.core = core
        self.registrar = registrar
    }

    /// Whether anything is kept of what is observed; else callbacks that observe nothing else are not called.
    public var isEnabled: Bool { core.isEnabled }

    /// Adds a callback that observes this instrument; it is called until it is unregistered.
    ///
    /// It runs on a thread of the SDK's own. One that throws, or takes longer than the collection may, is left out of the collection.
    @discardableResult
    public func addCallback(_ callback: @escaping @Sendable (MetricObserver<Value>) throws -> Void) -> CallbackRegistration {
        registrar.register(observing: [core]) { [core] observations in try callback(MetricObserver(observations: observations, core: core)) }
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
