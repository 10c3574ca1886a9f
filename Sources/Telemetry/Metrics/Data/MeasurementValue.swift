// Hot: converts `Int` and `Double` to the number that instruments record.

/// A type of values that instruments record: `Int` or `Double`, and no other.
public protocol MeasurementValue: Sendable, Comparable {
    /// The value without its type.
    var metricNumber: MetricNumber { get }
    /// Whether values of the type are floating-point.
    static var isFloatingPoint: Bool { get }
}

// The conversions are inlinable, so that recording is one call if the caller knows the type: without that it takes three times as long.

extension Int: MeasurementValue {
    @inlinable public var metricNumber: MetricNumber { .int(Int64(self)) }
    public static var isFloatingPoint: Bool { false }
}

extension Double: MeasurementValue {
    @inlinable public var metricNumber: MetricNumber { .double(self) }
    public static var isFloatingPoint: Bool { true }
}

extension MetricNumber {
    /// The number of a variable, to compare with: `metrics.value(of: "orders") == MetricNumber(count)`.
    public init(_ value: some MeasurementValue) { self = value.metricNumber }
}
