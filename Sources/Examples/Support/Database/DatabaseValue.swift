// The values that go into statements and come back in rows.

/// One value of a statement's parameter or of a row's column.
package enum DatabaseValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case real(Double)
    case boolean(Bool)
    case text(String)

    package init(_ value: Int) { self = .integer(Int64(value)) }
    package init(_ value: Int?) { self = value.map { .integer(Int64($0)) } ?? .null }
    package init(_ value: Double) { self = .real(value) }
    package init(_ value: Double?) { self = value.map { .real($0) } ?? .null }
    package init(_ value: Bool) { self = .boolean(value) }
    package init(_ value: Bool?) { self = value.map { .boolean($0) } ?? .null }
    package init(_ value: String) { self = .text(value) }
    package init(_ value: String?) { self = value.map { .text($0) } ?? .null }
}

extension DatabaseValue: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
    package init(stringLiteral value: String) { self = .text(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(floatLiteral value: Double) { self = .real(value) }
    package init(booleanLiteral value: Bool) { self = .boolean(value) }
    package init(nilLiteral: ()) { self = .null }
}
