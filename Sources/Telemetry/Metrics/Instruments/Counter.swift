// Hot: counters, and handles that are bound to one series of a counter.

/// Counts a value that only increases: requests, bytes sent. (Specification: metrics API, "Counter".)
public struct Counter<Value: MeasurementValue>: Sendable {
    @usableFromInline let instrument: SynchronousInstrument

    init(_ instrument: SynchronousInstrument) {
        self.instrument = instrument
    }

    /// Whether measurements are recorded.
    public var isEnabled: Bool { instrument.isEnabled }

    /// Adds a number that is not negative; a negative one is dropped and counted.
    ///
    /// - Parameters:
    ///   - attributes: the attributes of the series. Keep a set that is used repeatedly.
    ///   - context: the context of the measurement; by default the current one.
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

    /// Returns a counter of one series, which is looked up once: the fastest way to count.
    ///
    /// The series is kept as long as the handle.
    public func bind(_ attributes: Attributes = [:]) -> BoundCounter<Value> { BoundCounter(Binding(instrument, attributes)) }
}

/// A counter that is bound to one series. (Specification: metrics API, "Bind", in development.)
///
/// Adding takes the lock of a lane at most, and touches one cell.
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

/// The name of ``Counter`` for files that import swift-metrics too, which has a type of that name.
public typealias TelemetryCounter<Value: MeasurementValue> = Counter<Value>
