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
        var parent = ""
        var count = 0
        getter.forEachValue(for: "traceparent", in: carrier) { value in
            count += 1
            parent = value
        }
        guard count == 1 else { return context }
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
        return Self.context(context, below: parent, state)
    }

    /// Returns the values of the headers; nil if the span context is invalid.
    @usableFromInline
    static func headers(of context: Context) -> (parent: String, state: String)? {
        guard let span = context.node?.spanContext, span.isValid else { return nil }
        let parent = TraceParent.text(traceID: span.traceID, spanID: span.spanID, flags: span.flags)
        return (parent, span.traceState.headerValue)
    }

    /// Returns the context with the span of the headers; the context unchanged if the `traceparent` is invalid.
    ///
    /// An invalid `tracestate` is dropped whole, and does not affect the `traceparent`. Both headers are read here: to pass a context without
    /// state to the caller's code and back takes 150 instructions.
    @usableFromInline
    static func context(_ context: Context, below parent: String, _ state: String) -> Context {
        guard let (traceID, spanID, flags) = TraceParent.parse(parent) else { return context }
        let traceState = state.isEmpty ? nil : TraceState(headerValue: state)
        return context.with(
            spanContext: SpanContext(traceID: traceID, spanID: spanID, flags: flags, traceState: traceState ?? .empty, isRemote: true))
    }
}

extension Propagator where Self == W3CTraceContextPropagator {
    /// Propagates the span context in the headers `traceparent` and `tracestate`.
    public static var traceContext: Self { W3CTraceContextPropagator() }
}
