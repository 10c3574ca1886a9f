// The extension point for reservoirs of the user.

/// Chooses, among the measurements of one series, those that are exported as exemplars.
///
/// Each series has a reservoir of its own, made by ``ExemplarReservoirChoice/custom(_:)``. It is called from any thread, several at a
/// time, and on the path of the measurement: it has to be quick. (Specification: metrics SDK, "ExemplarReservoir".)
public protocol ExemplarReservoir: Sendable {
    /// Takes a measurement that the exemplar filter lets through, or leaves it.
    ///
    /// - Parameters:
    ///   - attributes: all that the measurement came with, also those that a view takes away.
    ///   - context: the context of the measurement, with its span and baggage.
    ///   - time: when it was measured.
    func offer(_ value: MetricNumber, attributes: Attributes, context: Context, time: Timestamp)

    /// Returns what was taken since the last time, and forgets it: an exemplar belongs to one collection.
    ///
    /// As `filteredAttributes` they have all attributes of the measurement; the SDK takes away those that the series has itself. It holds
    /// their times between start and time of the point, which is of use when the wall clock was set.
    func collect() -> [Exemplar]
}
