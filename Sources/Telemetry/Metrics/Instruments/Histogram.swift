// Hot: histograms, and handles that are bound to one series of a histogram.

/// Records the distribution of values: durations, sizes. (Specification: metrics API, "Histogram".)
public struct Histogram<Value: MeasurementValue>: Sendable {
    @usableFromInline let instrument: SynchronousInstrument

    init(_ instrument: SynchronousInstrument) {
        self.instrument = instrument
    }

    /// Whether measurements are recorded.
    public var isEnabled: Bool { instrument.isEnabled }

    /// Records a value that is not negative; a negative one is dropped and counted.
    @inlinable
    public func record(_ value: Value, _ attributes: AttributeLiteral = [:], context: Context? = nil) {
        guard instrument.isEnabled else { return }
        attributes.elements.withUnsafeBufferPointer { instrument.record(value.metricNumber, $0, context) }
    }

    /// Records a value in the series of any convertible attributes.
    @inlinable @_disfavoredOverload
    public func record(_ value: Value, _ attributes: Attributes, context: Context? = nil) {
        if instrument.isEnabled { instrument.record(value.metricNumber, attributes, context) }
    }

    /// Records a value in the series of a literal with variables, without an allocation.
    @inlinable @_disfavoredOverload
    public func record(_ value: Value, _ attributes: ConvertibleAttributeLiteral) {
        attributes.elements.withUnsafeBufferPointer { instrument.record(value.metricNumber, converting: $0) }
    }

    /// Refuses a bare array or map of several types; see ``MixedAttributeLiteral``.
    @_disfavoredOverload
    @available(*, unavailable, message: "An array or a map of several types is written .array([…]) or .map([…]), of convertible values.")
    public func record(_ value: Value, _ attributes: MixedAttributeLiteral) {}

    /// Returns a histogram of one series, which is looked up once.
    public func bind(_ attributes: Attributes = [:]) -> BoundHistogram<Value> { BoundHistogram(Binding(instrument, attributes)) }
}

/// A histogram that is bound to one series.
public struct BoundHistogram<Value: MeasurementValue>: Sendable {
    @usableFromInline let binding: Binding

    init(_ binding: Binding) {
        self.binding = binding
    }

    /// Whether there was no room for a series of these attributes.
    var isOverflow: Bool { binding.isOverflow }

    /// Records a value that is not negative; a negative one is dropped and counted.
    @inlinable
    public func record(_ value: Value, context: Context? = nil) {
        binding.record(value.metricNumber, context)
    }
}
