// Hot: converts `Int` and `Double` to the number that instruments record.

/// What an instrument can measure: `Int` and `Double`, and nothing else.
public protocol MeasurementValue: Sendable, Comparable {
    /// The same number without its type.
    var metricNumber: MetricNumber { get }
    /// Whether numbers of this type may have a fraction.
    static var isFloatingPoint: Bool { get }
}

// Inlinable, so that recording is one call for programs that know the type: without that it takes three times as long.

extension Int: MeasurementValue {
    @inlinable public var metricNumber: MetricNumber { .int(Int64(self)) }
    public static var isFloatingPoint: Bool { false }
}

extension Double: MeasurementValue {
    @inlinable public var metricNumber: MetricNumber { .double(self) }
    public static var isFloatingPoint: Bool { true }
}
