// The collections that log attributes are written from.

/// What gives a record its attributes: ``Attributes``, or what another package keeps them in.
protocol AttributeSource {
    /// Calls the closure for each attribute; the last value of a repeated key counts, and an empty key nothing.
    func forEachEntry(_ body: (String, AttributeValue) -> Void)
    /// The same for processors, which may change them.
    var canonical: Attributes { get }
}

extension Attributes: AttributeSource {}
