// Hot: counters, and handles that are bound to one series of a counter.

/// Counts what only grows: requests, bytes sent. (Specification: metrics API, "Counter".)
public struct Counter<Value: MeasurementValue>: Sendable {
    @usableFromInline let instrument: SynchronousInstrument

    init(_ instrument: SynchronousInstrument) {
        self.instrument = instrument
    }

    /// Whether anything is kept of what is added.
    public var isEnabled: Bool { instrument.isEnabled }

    /// Adds a number that is not negative; a negative one is dropped and counted.
    ///
    /// - Parameters:
    ///   - attributes: what tells series apart. A set that is used again and again is better kept than written anew.
    ///   - context: where the measurement belongs; by default the current context.
    @inlinable
    public func add(_ value: Value, _ attributes: AttributeLiteral = [:], context: Context? = nil) {
        instrument.record(value.metricNumber, attributes.attributes, context)
    }

    /// Adds a number in the series of any convertible attributes.
    @inlinable @_disfavoredOverload
    public func add(_ value: Value, _ attributes: Attributes, context: Context? = nil) {
        instrument.record(value.metricNumber, attributes, context)
    }

    /// A counter of one series, which is looked up now and never again: the quickest way to count.
    ///
    /// The series stays as long as the handle does.
    public func bind(_ attributes: Attributes = [:]) -> BoundCounter<Value> { BoundCounter(Binding(instrument, attributes)) }
}

/// A counter of one series.
public struct BoundCounter<Value: MeasurementValue>: Sendable {
    @usableFromInline let binding: Binding

    init(_ binding: Binding) {
        self.binding = binding
    }

    /// Adds a number that is not negative; a negative one is dropped and counted.
    @inlinable
    public func add(_ value: Value, context: Context? = nil) {
        binding.record(value.metricNumber, context)
    }
}
