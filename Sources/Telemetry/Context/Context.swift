// Carries the current span, baggage and values of the host across calls and tasks.

/// Carries the current span, baggage and values of the host. Immutable; follows `async`/`await` and child tasks.
///
/// (Specification: context.) Attaching and detaching is one scoped call, `run`: it cannot be left in
/// the wrong order.
public struct Context: Sendable {
    /// Nil is the empty context, so that it costs nothing.
    @usableFromInline
    let node: ContextNode?

    @inline(__always)
    init(node: ContextNode?) {
        self.node = node
    }

    /// The context without span, baggage and values: what a root span is started from.
    public static var root: Context { Context(node: nil) }

    /// The context of the running task.
    public static var current: Context { Context(node: CurrentContext.node) }

    /// The identity of the span in this context; invalid when there is none.
    public var spanContext: SpanContext { node?.spanContext ?? .invalid }

    /// The baggage in this context.
    public var baggage: Baggage { node?.extras?.baggage ?? .empty }

    /// This context with another span identity and no recording span.
    public func with(spanContext: SpanContext) -> Context {
        Context(node: ContextNode(spanContext: isSuppressed ? .invalid : spanContext, extras: node?.extras))
    }

    /// This context with other baggage; empty baggage clears it.
    public func with(baggage: Baggage) -> Context {
        with(ContextExtras(baggage: baggage, values: node?.extras?.values ?? [:], isSuppressed: isSuppressed))
    }

    /// The value that the host keeps under a key, or the key's default.
    public subscript<Value>(key: ContextKey<Value>) -> Value {
        node?.extras?.values[ObjectIdentifier(key)]?.value as? Value ?? key.defaultValue
    }

    /// This context with a value of the host under a key.
    public func with<Value>(_ value: Value, for key: ContextKey<Value>) -> Context {
        var values = node?.extras?.values ?? [:]
        values[ObjectIdentifier(key)] = ContextExtras.Entry(key: key, value: value)
        return with(ContextExtras(baggage: baggage, values: values, isSuppressed: isSuppressed))
    }

    private func with(_ extras: ContextExtras) -> Context {
        let extras = extras.baggage.isEmpty && extras.values.isEmpty && !extras.isSuppressed ? nil : extras
        return Context(
            node: DerivedContextNode(
                spanContext: spanContext, extras: extras, recording: node?.recording, anchor: node?.anchor ?? .none))
    }
}

extension Context {
    /// Makes this the current context while the operation runs.
    @inlinable
    public func run<Result, Failure: Error>(_ operation: () throws(Failure) -> Result) throws(Failure) -> Result {
        try CurrentContext.with(self, operation)
    }

    /// Makes this the current context while the operation runs, in child tasks too; keeps the caller's actor.
    @inlinable
    public nonisolated(nonsending) func run<Result, Failure: Error>(
        _ operation: nonisolated(nonsending) () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        try await CurrentContext.with(self, operation)
    }
}

/// A key under which the host keeps a value in a context.
///
/// Two keys are different even when their names are equal. (Specification: context, "Create a key".)
public final class ContextKey<Value: Sendable>: Sendable {
    /// For people only.
    public let name: String
    public let defaultValue: Value

    public init(_ name: String, default defaultValue: Value) {
        self.name = name
        self.defaultValue = defaultValue
    }
}

/// Baggage and values of the host: rarely there, so they share one reference.
final class ContextExtras: Sendable {
    struct Entry: Sendable {
        /// Kept alive, so that no other key can take over the identity of one in use.
        let key: any AnyObject & Sendable
        let value: any Sendable
    }

    let baggage: Baggage
    let values: [ObjectIdentifier: Entry]
    /// Whether nothing is recorded in the context; it then holds no span, so that only who finds none has to look here.
    let isSuppressed: Bool

    init(baggage: Baggage, values: [ObjectIdentifier: Entry], isSuppressed: Bool = false) {
        self.baggage = baggage
        self.values = values
        self.isSuppressed = isSuppressed
    }
}
