// Hot: up-down counters, and handles that are bound to one series of one.

/// Counts a value that increases and decreases: open connections, items in a queue.
///
/// (Specification: metrics API, "UpDownCounter".)
public struct UpDownCounter<Value: MeasurementValue>: Sendable {
    @usableFromInline let instrument: SynchronousInstrument

    init(_ instrument: SynchronousInstrument) {
        self.instrument = instrument
    }

    /// Whether measurements are recorded.
    public var isEnabled: Bool { instrument.isEnabled }

    /// Adds a number, which may be negative. To undo an addition, subtract with the same attributes.
    @inlinable
    public func add(_ value: Value, _ attributes: AttributeLiteral = [:], context: Context? = nil) {
        guard instrument.isEnabled else { return }
        attributes.elements.withUnsafeBufferPointer { instrument.record(value.metricNumber, $0, context) }
    }

    /// Adds a number to the series of any convertible attributes.
    @inlinable @_disfavoredOverload
    public func add(_ value: Value, _ attributes: Attributes, context: Context? = nil) {
        if instrument.isEnabled { instrument.record(value.metricNumber, attributes, context) }
    }

    /// Adds a number to the series of a literal with variables, without an allocation.
    @inlinable @_disfavoredOverload
    public func add(_ value: Value, _ attributes: ConvertibleAttributeLiteral) {
        attributes.elements.withUnsafeBufferPointer { instrument.record(value.metricNumber, converting: $0) }
    }

    /// Refuses a bare array or map of several types; see ``MixedAttributeLiteral``.
    @_disfavoredOverload
    @available(*, unavailable, message: "An array or a map of several types is written .array([…]) or .map([…]), of convertible values.")
    public func add(_ value: Value, _ attributes: MixedAttributeLiteral) {}

    /// Returns an up-down counter of one series, which is looked up once.
    public func bind(_ attributes: Attributes = [:]) -> BoundUpDownCounter<Value> {
        BoundUpDownCounter(Binding(instrument, attributes))
    }
}

/// An up-down counter that is bound to one series.
public struct BoundUpDownCounter<Value: MeasurementValue>: Sendable {
    @usableFromInline let binding: Binding

    init(_ binding: Binding) {
        self.binding = binding
    }

    /// Whether there was no room for a series of these attributes.
    var isOverflow: Bool { binding.isOverflow }

    /// Adds a number, which may be negative.
    @inlinable
    public func add(_ value: Value, context: Context? = nil) {
        binding.record(value.metricNumber, context)
    }
}
