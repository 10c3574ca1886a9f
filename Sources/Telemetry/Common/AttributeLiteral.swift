/// What a dictionary literal of constants and ``AttributeValue``s becomes on its way into a span, a measurement or a log record.
///
/// It need not be named. Methods that are called often accept it besides ``Attributes``: its elements need no conversion, so that a literal
/// of constants is static data of the program, and one with wrapped variables (`.int(count)`) costs an array, which a measurement has on
/// the stack. A literal with bare variables becomes ``Attributes``, or ``ConvertibleAttributeLiteral`` in a measurement.
public struct AttributeLiteral: Sendable, ExpressibleByDictionaryLiteral {
    @usableFromInline let elements: [(String, AttributeValue)]

    /// Takes the literal's own storage: nothing is copied or compared until it is read.
    ///
    /// Inlinable, so that the compiler sees where the array ends and puts it on the stack.
    @inlinable
    public init(dictionaryLiteral elements: (String, AttributeValue)...) {
        self.elements = elements
    }

    @usableFromInline
    var attributes: Attributes { Attributes(unchecked: elements) }
}
