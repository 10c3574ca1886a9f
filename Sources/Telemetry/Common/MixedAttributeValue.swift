// Makes a bare literal of several types the value of an attribute, where nothing stands around it.

/// An array or a map literal of convertible values of several types, on its way into one attribute.
///
/// It need not be named: `span["list"] = [count, name]`, `span["map"] = ["count": count, "name": name]`. A missing element keeps its place,
/// a missing entry is left out. Within a literal of attributes it is written `.array([…])` or `.map([…])`; see ``MixedAttributeLiteral``.
public struct MixedAttributeValue: Sendable, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    let value: AttributeValue

    public init(arrayLiteral elements: (any AttributeValueConvertible)...) {
        value = .array(elements.map { $0.attributeValue ?? .empty })
    }

    public init(dictionaryLiteral elements: (String, any AttributeValueConvertible)...) {
        value = .map(
            elements.reduce(into: [:]) { entries, element in
                if let value = element.1.attributeValue { entries[element.0] = value }
            })
    }

    /// Compares an attribute with a literal of several types: `span.attributes["list"] == [count, name]`.
    public static func == (left: AttributeValue?, right: MixedAttributeValue) -> Bool { left == right.value }

    /// Compares an attribute with a literal of several types.
    public static func != (left: AttributeValue?, right: MixedAttributeValue) -> Bool { left != right.value }
}
