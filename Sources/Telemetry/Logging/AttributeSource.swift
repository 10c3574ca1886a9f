// The collections that log attributes are written from.

/// A collection of attributes that a record is encoded from: ``Attributes``, or that of another package.
protocol AttributeSource {
    /// Calls the closure for each attribute; the last value of a repeated key counts, and an empty key nothing.
    func forEachEntry(_ body: (String, AttributeValue) -> Void)
    /// The same attributes for processors, which may change them.
    var canonical: Attributes { get }
}

extension Attributes: AttributeSource {}
