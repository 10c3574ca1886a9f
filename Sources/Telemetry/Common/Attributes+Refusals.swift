// Refuses wrong values of attributes by a message that says what to write.

extension Attributes {
    /// Refuses a value that is not convertible.
    @_disfavoredOverload
    @available(
        *, unavailable, message: "A type of your own conforms to AttributeValueConvertible; a UUID or URL is given as its text, \"\\(id)\"."
    )
    public subscript<Value>(key: String) -> Value? {
        get { nil }
        set {}
    }
}
