// The observer of callbacks that observe several instruments.

/// Records the observations of a callback for several instruments.
///
/// Has no effect after the callback has returned.
public struct MetricObservations: Sendable {
    let batch: ObservationBatch

    /// Observes the current value of an instrument that the callback is registered for; others are ignored.
    public func observe<Value>(_ instrument: ObservableInstrument<Value>, _ value: Value, _ attributes: Attributes = [:]) {
        batch.add(value.metricNumber, attributes, of: instrument.core)
    }
}
