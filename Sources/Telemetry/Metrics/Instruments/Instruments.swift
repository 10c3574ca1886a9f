// The instruments that are called with each measurement.

// The calls are inlinable for the sake of the number's type alone: see `MeasurementValue`.

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

/// Counts what grows and shrinks: open connections, items in a queue. (Specification: metrics API, "UpDownCounter".)
public struct UpDownCounter<Value: MeasurementValue>: Sendable {
    @usableFromInline let instrument: SynchronousInstrument

    init(_ instrument: SynchronousInstrument) {
        self.instrument = instrument
    }

    /// Whether anything is kept of what is added.
    public var isEnabled: Bool { instrument.isEnabled }

    /// Adds a number, which may be negative. What is taken off again needs the attributes it was added with.
    @inlinable
    public func add(_ value: Value, _ attributes: AttributeLiteral = [:], context: Context? = nil) {
        instrument.record(value.metricNumber, attributes.attributes, context)
    }

    /// Adds a number in the series of any convertible attributes.
    @inlinable @_disfavoredOverload
    public func add(_ value: Value, _ attributes: Attributes, context: Context? = nil) {
        instrument.record(value.metricNumber, attributes, context)
    }

    /// An up-down counter of one series, which is looked up now and never again.
    public func bind(_ attributes: Attributes = [:]) -> BoundUpDownCounter<Value> {
        BoundUpDownCounter(Binding(instrument, attributes))
    }
}

/// Shows how values are distributed: durations, sizes. (Specification: metrics API, "Histogram".)
public struct Histogram<Value: MeasurementValue>: Sendable {
    @usableFromInline let instrument: SynchronousInstrument

    init(_ instrument: SynchronousInstrument) {
        self.instrument = instrument
    }

    /// Whether anything is kept of what is recorded.
    public var isEnabled: Bool { instrument.isEnabled }

    /// Records a value that is not negative; a negative one is dropped and counted.
    @inlinable
    public func record(_ value: Value, _ attributes: AttributeLiteral = [:], context: Context? = nil) {
        instrument.record(value.metricNumber, attributes.attributes, context)
    }

    /// Records a value in the series of any convertible attributes.
    @inlinable @_disfavoredOverload
    public func record(_ value: Value, _ attributes: Attributes, context: Context? = nil) {
        instrument.record(value.metricNumber, attributes, context)
    }

    /// A histogram of one series, which is looked up now and never again.
    public func bind(_ attributes: Attributes = [:]) -> BoundHistogram<Value> { BoundHistogram(Binding(instrument, attributes)) }
}

/// Keeps the last value of what cannot be added up: a temperature, a version. (Specification: metrics API, "Gauge".)
public struct Gauge<Value: MeasurementValue>: Sendable {
    @usableFromInline let instrument: SynchronousInstrument

    init(_ instrument: SynchronousInstrument) {
        self.instrument = instrument
    }

    /// Whether anything is kept of what is recorded.
    public var isEnabled: Bool { instrument.isEnabled }

    /// Replaces the value.
    @inlinable
    public func record(_ value: Value, _ attributes: AttributeLiteral = [:], context: Context? = nil) {
        instrument.record(value.metricNumber, attributes.attributes, context)
    }

    /// Records a value in the series of any convertible attributes.
    @inlinable @_disfavoredOverload
    public func record(_ value: Value, _ attributes: Attributes, context: Context? = nil) {
        instrument.record(value.metricNumber, attributes, context)
    }

    /// A gauge of one series, which is looked up now and never again.
    public func bind(_ attributes: Attributes = [:]) -> BoundGauge<Value> { BoundGauge(Binding(instrument, attributes)) }
}
