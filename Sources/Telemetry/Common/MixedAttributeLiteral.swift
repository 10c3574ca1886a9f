// Refuses a literal with a bare array or map of several types by a message that says how it is written.

/// A dictionary literal with an array or a dictionary of several types, or of values that are not convertible, which no available method takes.
///
/// It need not be named. Methods that take it are unavailable, with a message that says what to write: `.array([…])` or `.map([…])`, of
/// convertible values. Without them the compiler finds no type for the inner literal and names no reason.
public struct MixedAttributeLiteral: ExpressibleByDictionaryLiteral {
    /// A convertible value of this library or the standard library, or an array or a dictionary of anything.
    public protocol Member {}

    public init(dictionaryLiteral elements: (String, any Member)...) {}

    /// Refuses a comparison with a bare array or map of several types.
    @_disfavoredOverload
    @available(*, unavailable, message: "An array or a map of several types is written .array([…]) or .map([…]), of convertible values.")
    public static func == (left: Attributes, right: MixedAttributeLiteral) -> Bool { false }

    /// Refuses a comparison with a bare array or map of several types.
    @_disfavoredOverload
    @available(*, unavailable, message: "An array or a map of several types is written .array([…]) or .map([…]), of convertible values.")
    public static func != (left: Attributes, right: MixedAttributeLiteral) -> Bool { true }
}

extension AttributeValue: MixedAttributeLiteral.Member {}
extension String: MixedAttributeLiteral.Member {}
extension Substring: MixedAttributeLiteral.Member {}
extension Character: MixedAttributeLiteral.Member {}
extension Bool: MixedAttributeLiteral.Member {}
extension Double: MixedAttributeLiteral.Member {}
extension Float: MixedAttributeLiteral.Member {}
extension Int: MixedAttributeLiteral.Member {}
extension Int8: MixedAttributeLiteral.Member {}
extension Int16: MixedAttributeLiteral.Member {}
extension Int32: MixedAttributeLiteral.Member {}
extension Int64: MixedAttributeLiteral.Member {}
extension Int128: MixedAttributeLiteral.Member {}
extension UInt: MixedAttributeLiteral.Member {}
extension UInt8: MixedAttributeLiteral.Member {}
extension UInt16: MixedAttributeLiteral.Member {}
extension UInt32: MixedAttributeLiteral.Member {}
extension UInt64: MixedAttributeLiteral.Member {}
extension UInt128: MixedAttributeLiteral.Member {}
extension Optional: MixedAttributeLiteral.Member where Wrapped: MixedAttributeLiteral.Member {}
extension Array: MixedAttributeLiteral.Member {}
extension ArraySlice: MixedAttributeLiteral.Member {}
extension Dictionary: MixedAttributeLiteral.Member where Key == String {}
