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
    init(_ number: MetricNumber)
}

extension Int: MeasurementValue {
    public var metricNumber: MetricNumber { .int(Int64(self)) }

    /// A floating-point number is cut off after the point, and held at the ends of the range.
    public init(_ number: MetricNumber) {
        switch number {
        case .int(let value): self = Int(value)
        case .double(let value): self = value.isNaN ? 0 : value >= 0x1p63 ? .max : value < -0x1p63 ? .min : Int(value)
        }
    }
}

extension Double: MeasurementValue {
    public var metricNumber: MetricNumber { .double(self) }
    public init(_ number: MetricNumber) { self = number.doubleValue }
}
