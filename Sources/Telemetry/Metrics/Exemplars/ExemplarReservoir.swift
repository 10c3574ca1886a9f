// A protocol for reservoirs outside of the SDK.

/// Samples the measurements of one series for export as exemplars.
///
/// Each series has a reservoir of its own, made by ``ExemplarReservoirChoice/custom(_:)``. Any thread calls it while it records, several at
/// a time: it has to return quickly. (Specification: metrics SDK, "ExemplarReservoir".)
public protocol ExemplarReservoir: Sendable {
    /// Keeps or ignores a measurement that the exemplar filter accepts.
    ///
    /// - Parameters:
    ///   - attributes: all attributes of the measurement, including those that a view removes.
    ///   - context: the context of the measurement, with its span and baggage.
    ///   - time: the time of the measurement.
    func offer(_ value: MetricNumber, attributes: Attributes, context: Context, time: Timestamp)

    /// Returns the exemplars kept since the last call, and removes them.
    ///
    /// An exemplar belongs to one collection.
    ///
    /// Their `filteredAttributes` are all attributes of the measurement: the SDK removes those that the series has. It also clamps their
    /// times to the time window of the point, which matters if the wall clock was set.
    func collect() -> [Exemplar]
}
