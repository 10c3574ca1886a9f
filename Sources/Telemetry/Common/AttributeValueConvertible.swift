/// A value that can be given as the value of an attribute as it is, in literals and subscripts.
///
/// Texts, numbers, truth values, and optionals, arrays and dictionaries of them are convertible. An enumeration with raw values becomes
/// so by naming the protocol, any other type by providing the value:
///
/// ```swift
/// enum Tier: String, AttributeValueConvertible { case free, paid }
///
/// extension Money: AttributeValueConvertible {
///     public var attributeValue: AttributeValue? { .double(amount) }
/// }
///
/// span["user.id"] = user.id
/// tracer.withSpan("checkout", ["user.tier": user.tier, "cart.total": cart.total, "coupon": cart.coupon]) { span in … }
/// ```
public protocol AttributeValueConvertible {
    /// The attribute value; nil leaves the attribute out.
    var attributeValue: AttributeValue? { get }
}

extension AttributeValue: AttributeValueConvertible {
    @inlinable public var attributeValue: AttributeValue? { self }
}

extension AttributeValue {
    /// The attribute value of a convertible value; ``empty`` if it has none.
    @inlinable
    public init(_ value: some AttributeValueConvertible) { self = value.attributeValue ?? .empty }
}

extension String: AttributeValueConvertible {
    @inlinable public var attributeValue: AttributeValue? { .string(self) }
}

extension Substring: AttributeValueConvertible {
    @inlinable public var attributeValue: AttributeValue? { .string(String(self)) }
}

extension Character: AttributeValueConvertible {
    @inlinable public var attributeValue: AttributeValue? { .string(String(self)) }
}

extension Bool: AttributeValueConvertible {
    @inlinable public var attributeValue: AttributeValue? { .bool(self) }
}

extension Double: AttributeValueConvertible {
    @inlinable public var attributeValue: AttributeValue? { .double(self) }
}

extension Float: AttributeValueConvertible {
    @inlinable public var attributeValue: AttributeValue? { .double(Double(self)) }
}

extension Int: AttributeValueConvertible {}
extension Int8: AttributeValueConvertible {}
extension Int16: AttributeValueConvertible {}
extension Int32: AttributeValueConvertible {}
extension Int64: AttributeValueConvertible {}
extension Int128: AttributeValueConvertible {}
extension UInt: AttributeValueConvertible {}
extension UInt8: AttributeValueConvertible {}
extension UInt16: AttributeValueConvertible {}
extension UInt32: AttributeValueConvertible {}
extension UInt64: AttributeValueConvertible {}
extension UInt128: AttributeValueConvertible {}

extension AttributeValueConvertible where Self: BinaryInteger {
    /// The number; one beyond the range of `Int64` becomes its decimal digits as a string, so that nothing is lost.
    @inlinable public var attributeValue: AttributeValue? {
        if let number = Int64(exactly: self) { .int(number) } else { .string(String(self)) }
    }
}

extension AttributeValueConvertible where Self: RawRepresentable, RawValue: AttributeValueConvertible {
    @inlinable public var attributeValue: AttributeValue? { rawValue.attributeValue }
}

extension Optional: AttributeValueConvertible where Wrapped: AttributeValueConvertible {
    @inlinable public var attributeValue: AttributeValue? { self?.attributeValue }
}

extension Array: AttributeValueConvertible where Element: AttributeValueConvertible {
    /// An array of the elements' values, in which a missing one keeps its place; bytes if the elements are `UInt8`.
    public var attributeValue: AttributeValue? {
        // The type is checked first: an empty array can be cast to any other.
        if Element.self == UInt8.self, let bytes = self as? [UInt8] { return .bytes(bytes) }
        return .array(map { $0.attributeValue ?? .empty })
    }
}

extension ArraySlice: AttributeValueConvertible where Element: AttributeValueConvertible {
    public var attributeValue: AttributeValue? { Array(self).attributeValue }
}

extension Dictionary: AttributeValueConvertible where Key == String, Value: AttributeValueConvertible {
    /// A map of the values, without the missing ones.
    public var attributeValue: AttributeValue? { .map(compactMapValues(\.attributeValue)) }
}

/// The cases by name where any convertible value may stand, as in `["body": .bytes(read), "size": read.count]`.
///
/// Disfavoured: where an ``AttributeValue`` is expected its own cases are meant.
extension AttributeValueConvertible where Self == AttributeValue {
    @_disfavoredOverload public static func string(_ value: String) -> AttributeValue { AttributeValue.string(value) }
    @_disfavoredOverload public static func bool(_ value: Bool) -> AttributeValue { AttributeValue.bool(value) }
    /// A whole number.
    @inlinable @_disfavoredOverload public static func int(_ value: Int) -> AttributeValue { AttributeValue.int(Int64(value)) }
    /// The whole number of a variable of any such type; one beyond the range of `Int64` becomes a string of its decimal digits.
    @inlinable @_disfavoredOverload
    public static func int(_ value: some BinaryInteger & AttributeValueConvertible) -> AttributeValue { AttributeValue(value) }
    @_disfavoredOverload public static func double(_ value: Double) -> AttributeValue { AttributeValue.double(value) }
    @_disfavoredOverload public static func bytes(_ value: [UInt8]) -> AttributeValue { AttributeValue.bytes(value) }
    @_disfavoredOverload public static func array(_ value: [AttributeValue]) -> AttributeValue { AttributeValue.array(value) }
    @_disfavoredOverload public static func map(_ value: [String: AttributeValue]) -> AttributeValue { AttributeValue.map(value) }

    /// An array of any convertible values, as in `.array([user.id, user.name, "text"])`; a missing one keeps its place.
    @_disfavoredOverload public static func array(_ values: [any AttributeValueConvertible]) -> AttributeValue {
        .array(values.map { $0.attributeValue ?? .empty })
    }

    /// A map of any convertible values, as in `.map(["id": user.id, "name": user.name])`, without the missing ones.
    @_disfavoredOverload public static func map(_ values: [String: any AttributeValueConvertible]) -> AttributeValue {
        .map(values.compactMapValues(\.attributeValue))
    }

    @_disfavoredOverload public static var empty: AttributeValue { AttributeValue.empty }
}
