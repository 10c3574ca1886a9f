/// What a dictionary literal of constants and ``AttributeValue``s becomes on its way into a span, a measurement or a log record.
///
/// It need not be named. Methods that are called often accept it besides ``Attributes``: its elements need no conversion, so that a literal
/// of constants is static data of the program, and one with wrapped variables (`.int(count)`) costs an array. A literal with bare
/// variables becomes ``Attributes``.
public struct AttributeLiteral: Sendable, ExpressibleByDictionaryLiteral {
    @usableFromInline let attributes: Attributes

    /// Takes the literal's own storage: nothing is copied or compared until it is read.
    public init(dictionaryLiteral elements: (String, AttributeValue)...) {
        attributes = Attributes(unchecked: elements)
    }
}
