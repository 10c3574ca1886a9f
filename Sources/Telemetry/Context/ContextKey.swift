// Keys for values of the host in a context.

/// A key under which the host keeps a value in a context.
///
/// Two keys are different even when their names are equal. (Specification: context, "Create a key".)
public final class ContextKey<Value: Sendable>: Sendable {
    /// A name for debugging only.
    public let name: String
    public let defaultValue: Value

    public init(_ name: String, default defaultValue: Value) {
        self.name = name
        self.defaultValue = defaultValue
    }
}
