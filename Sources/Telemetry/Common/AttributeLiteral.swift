/// What a dictionary literal of constants and ``AttributeValue``s becomes on its way into a span, a measurement or a log record.
///
/// Nobody has to name it. Methods that are called often take it besides ``Attributes``: its elements need no conversion, so that a literal
/// of constants lies ready made in the program, and one with wrapped variables (`.int(count)`) costs an array. A literal with bare
/// variables becomes ``Attributes``.
public struct AttributeLiteral: Sendable, ExpressibleByDictionaryLiteral {
    @usableFromInline let attributes: Attributes

    /// Takes the literal's own storage: nothing is copied or compared until somebody asks for it.
    public init(dictionaryLiteral elements: (String, AttributeValue)...) {
        attributes = Attributes(unchecked: elements)
    }
}
