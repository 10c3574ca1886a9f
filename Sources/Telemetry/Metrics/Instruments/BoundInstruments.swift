// Instruments of one series each: looked up once, then called without attributes.

// Adding through one of these takes the lock of a lane and touches one cell. (Specification: metrics API, "Bind", in development.)

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

/// An up-down counter of one series.
public struct BoundUpDownCounter<Value: MeasurementValue>: Sendable {
    @usableFromInline let binding: Binding

    init(_ binding: Binding) {
        self.binding = binding
    }

    /// Adds a number, which may be negative.
    @inlinable
    public func add(_ value: Value, context: Context? = nil) {
        binding.record(value.metricNumber, context)
    }
}

/// A histogram of one series.
public struct BoundHistogram<Value: MeasurementValue>: Sendable {
    @usableFromInline let binding: Binding

    init(_ binding: Binding) {
        self.binding = binding
    }

    /// Records a value that is not negative; a negative one is dropped and counted.
    @inlinable
    public func record(_ value: Value, context: Context? = nil) {
        binding.record(value.metricNumber, context)
    }
}

/// A gauge of one series.
public struct BoundGauge<Value: MeasurementValue>: Sendable {
    @usableFromInline let binding: Binding

    init(_ binding: Binding) {
        self.binding = binding
    }

    /// Replaces the value.
    @inlinable
    public func record(_ value: Value, context: Context? = nil) {
        binding.record(value.metricNumber, context)
    }
}
