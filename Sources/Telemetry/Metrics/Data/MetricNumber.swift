// A measured number without its Swift type.

/// A measured value: an integer or a floating-point number.
public enum MetricNumber: Sendable, Hashable {
    case int(Int64)
    case double(Double)

    /// The value as floating-point; integers beyond 2⁵³ lose their last digits.
    public var doubleValue: Double {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        }
    }

    /// The value if it is an integer that an `Int` holds, as it does all of them on 64-bit machines, else nil.
    public var intValue: Int? { if case .int(let value) = self { Int(exactly: value) } else { nil } }
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
