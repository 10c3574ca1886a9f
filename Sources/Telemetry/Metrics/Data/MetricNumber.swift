// The two types of numbers that instruments take.

/// A number as it was measured: whole or floating-point.
public enum MetricNumber: Sendable, Hashable {
    case int(Int64)
    case double(Double)

    /// The number as floating-point; whole numbers beyond 2⁵³ lose their last digits.
    public var doubleValue: Double {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        }
    }

    /// The whole number, if it is one.
    public var intValue: Int64? { if case .int(let value) = self { value } else { nil } }
}

extension MetricNumber: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral {
    public init(integerLiteral value: Int64) { self = .int(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
}

extension MetricNumber: CustomStringConvertible {
    public var description: String {
        switch self {
        case .int(let value): "\(value)"
        case .double(let value): "\(value)"
        }
    }
}

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
