// A measured number without its Swift type.

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
