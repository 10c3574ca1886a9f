// Hot: propagation by the W3C's format, the default.

/// Propagates the span context in the headers `traceparent` and `tracestate`. (W3C Trace Context Level 2.)
///
/// Accesses to the carrier are inlined into the caller, which knows its type: looking that up at run time takes as long as parsing the
/// headers.
public struct W3CTraceContextPropagator: Propagator {
    public init() {}

    public var fields: [String] { ["traceparent", "tracestate"] }

    /// Writes the span context; nothing if it is invalid.
    @inlinable
    public func inject<Setter: CarrierSetter>(_ context: Context, into carrier: inout Setter.Carrier, using setter: Setter) {
        guard let headers = Self.headers(of: context) else { return }
        setter.setValue(headers.parent, for: "traceparent", in: &carrier)
        guard !headers.state.isEmpty else { return }
        setter.setValue(headers.state, for: "tracestate", in: &carrier)
    }

    /// Reads a remote span context; returns the context unchanged without exactly one valid `traceparent`.
    @inlinable
    public func extract<Getter: CarrierGetter>(from carrier: Getter.Carrier, into context: Context, using getter: Getter) -> Context {
        var span: SpanContext?
        var count = 0
        getter.forEachValue(for: "traceparent", in: carrier) { value in
            count += 1
            if count == 1 { span = Self.remoteSpan(value) }
        }
        guard let span, count == 1 else { return context }
        // Several headers form one list.
        var state = ""
        getter.forEachValue(for: "tracestate", in: carrier) { value in
            if state.isEmpty {
                state = value
            } else {
                state.append(",")
                state.append(value)
            }
        }
        return Self.context(context, with: span, state)
    }

    /// Returns the values of the headers; nil if the span context is invalid.
    @usableFromInline
    static func headers(of context: Context) -> (parent: String, state: String)? {
        guard let span = context.node?.spanContext, span.isValid else { return nil }
        let parent = TraceParent.text(traceID: span.traceID, spanID: span.spanID, flags: span.flags)
        return (parent, span.traceState.headerValue)
    }

    @usableFromInline
    static func remoteSpan(_ parent: String) -> SpanContext? {
        guard let (traceID, spanID, flags) = TraceParent.parse(parent) else { return nil }
        return SpanContext(traceID: traceID, spanID: spanID, flags: flags, isRemote: true)
    }

    /// An invalid `tracestate` is dropped whole, and does not affect the `traceparent`.
    @usableFromInline
    static func context(_ context: Context, with span: SpanContext, _ state: String) -> Context {
        guard let traceState = state.isEmpty ? .empty : TraceState(headerValue: state) else { return context.with(spanContext: span) }
        return context.with(
            spanContext: SpanContext(
                traceID: span.traceID, spanID: span.spanID, flags: span.flags, traceState: traceState, isRemote: true))
    }
}

extension Propagator where Self == W3CTraceContextPropagator {
    /// Propagates the span context in the headers `traceparent` and `tracestate`.
    public static var traceContext: Self { W3CTraceContextPropagator() }
}
