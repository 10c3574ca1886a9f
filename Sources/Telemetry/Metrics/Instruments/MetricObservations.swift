// The observer of callbacks that observe several instruments.

/// Takes what a callback observes of several instruments; of no use once the callback has returned.
public struct MetricObservations: Sendable {
    let batch: ObservationBatch

    /// Tells the present value of one of the instruments that the callback was registered for; others are disregarded.
    public func observe<Value>(_ instrument: ObservableInstrument<Value>, _ value: Value, _ attributes: Attributes = [:]) {
        batch.add(value.metricNumber, attributes, of: instrument.core)
    }
}
