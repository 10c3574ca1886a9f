// The context API.

/// Carries the current span, baggage and values of the host. Immutable; follows `async`/`await` and child tasks.
///
/// (Specification: context.) Attaching and detaching is one scoped call, `run`: it cannot be left in
/// the wrong order.
public struct Context: Sendable {
    /// Nil for the empty context, so that it costs nothing.
    @usableFromInline
    let node: ContextNode?

    @inline(__always)
    init(node: ContextNode?) {
        self.node = node
    }

    /// The context without span, baggage and values: what a root span is started from.
    public static var root: Context { Context(node: nil) }

    /// The span context in this context; invalid if there is none.
    public var spanContext: SpanContext { node?.spanContext ?? .invalid }

    /// The baggage in this context.
    public var baggage: Baggage { node?.extras?.baggage ?? .empty }

    /// Returns the context with another span context and no recording span.
    public func with(spanContext: SpanContext) -> Context {
        Context(node: ContextNode(spanContext: isSuppressed ? .invalid : spanContext, extras: node?.extras))
    }

    /// Returns the context with other baggage; empty baggage removes it.
    public func with(baggage: Baggage) -> Context {
        with(ContextExtras(baggage: baggage, values: node?.extras?.values ?? [:], attributes: attributes, isSuppressed: isSuppressed))
    }

    /// The attributes that telemetry recorded in this context gets.
    public var attributes: Attributes { node?.extras?.attributes ?? [:] }

    /// The most attributes that a context holds.
    static let maximumAttributes = 128

    /// Returns the context with further attributes, for everything that is recorded in it; the value of a key that it has is replaced.
    ///
    /// Spans that are started below the context and log records that are emitted in it get the attributes, unless they have the key
    /// themselves; samplers and processors see them. Measurements get those that ``MetricOptions`` selects. The attributes are never sent to
    /// another process, as ``Baggage`` is. A context holds at most 128; further ones are left out and reported.
    /// (Specification: OTEP 4931, context-scoped attributes.)
    ///
    /// ```swift
    /// try await Context.current.with(attributes: ["tenant.id": tenant]).run {
    ///     try await handle(request)
    /// }
    /// ```
    public func with(attributes added: Attributes) -> Context {
        var joined = attributes.merging(added).canonical
        if joined.count > Self.maximumAttributes {
            joined = Attributes(joined.prefix(Self.maximumAttributes))
            Diagnostics.report(
                .warning, topic: "context.attributes",
                "a context was given more than \(Self.maximumAttributes) attributes: further ones are left out. Give them to the spans that need them."
            )
        }
        return with(
            ContextExtras(baggage: baggage, values: node?.extras?.values ?? [:], attributes: joined, isSuppressed: isSuppressed))
    }

    /// The value that the host keeps under a key, or the key's default.
    public subscript<Value>(key: ContextKey<Value>) -> Value {
        node?.extras?.values[ObjectIdentifier(key)]?.value as? Value ?? key.defaultValue
    }

    /// Returns the context with a value of the host under a key.
    public func with<Value>(_ value: Value, for key: ContextKey<Value>) -> Context {
        var values = node?.extras?.values ?? [:]
        values[ObjectIdentifier(key)] = ContextExtras.Entry(key: key, value: value)
        return with(ContextExtras(baggage: baggage, values: values, attributes: attributes, isSuppressed: isSuppressed))
    }

    private func with(_ extras: ContextExtras) -> Context {
        let extras = extras.isEmpty ? nil : extras
        return Context(
            node: DerivedContextNode(
                spanContext: spanContext, extras: extras, recording: node?.recording, start: node?.start ?? .none))
    }
}

extension Context {
    /// This context without its span, and in which nothing is recorded: spans started in it do nothing.
    ///
    /// For code that exports telemetry with a client that is itself instrumented: the requests of that client would otherwise be
    /// recorded and exported too, for ever. Exporters and the flush and shutdown of processors run in such a context
    /// already; make one current in work that they pass to their own threads or detached tasks.
    ///
    /// A span that is set in it is ignored, so that no trace is propagated either. Baggage and values are kept.
    public var suppressed: Context {
        Context(
            node: ContextNode(
                spanContext: .invalid,
                extras: ContextExtras(
                    baggage: baggage, values: node?.extras?.values ?? [:], attributes: attributes, isSuppressed: true),
                mayBringSpan: false))
    }

    /// Whether nothing is recorded in this context.
    public var isSuppressed: Bool { node?.extras?.isSuppressed ?? false }
}
