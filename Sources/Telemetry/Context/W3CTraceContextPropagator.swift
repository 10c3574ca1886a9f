// Hot: carries the span's identity in the headers `traceparent` and `tracestate`.

/// Carries the span's identity in the headers `traceparent` and `tracestate`. (W3C Trace Context Level 2.)
public struct W3CTraceContextPropagator: Propagator {
    static let traceStateName = "tracestate"

    public init() {}

    public var fields: [String] { [TraceParent.headerName, Self.traceStateName] }

    /// Writes the identity of the context's span; nothing when that is not valid.
    public func inject<Setter: CarrierSetter>(_ context: Context, into carrier: inout Setter.Carrier, using setter: Setter) {
        guard let node = context.node, node.spanContext.isValid else { return }
        let parent = TraceParent.text(traceID: node.spanContext.traceID, spanID: node.spanContext.spanID, flags: node.spanContext.flags)
        setter.setValue(parent, for: TraceParent.headerName, in: &carrier)
        guard !node.spanContext.traceState.isEmpty else { return }
        setter.setValue(node.spanContext.traceState.headerValue, for: Self.traceStateName, in: &carrier)
    }

    /// Reads the identity of a remote span; without exactly one valid `traceparent` the context stays as it is.
    public func extract<Getter: CarrierGetter>(from carrier: Getter.Carrier, into context: Context, using getter: Getter) -> Context {
        guard let (traceID, spanID, flags) = parent(in: carrier, using: getter) else { return context }
        let remote = SpanContext(
            traceID: traceID, spanID: spanID, flags: flags, traceState: traceState(in: carrier, using: getter), isRemote: true)
        return context.with(spanContext: remote)
    }

    private func parent<Getter: CarrierGetter>(
        in carrier: Getter.Carrier, using getter: Getter
    ) -> (traceID: TraceID, spanID: SpanID, flags: TraceFlags)? {
        var parent: (traceID: TraceID, spanID: SpanID, flags: TraceFlags)?
        var count = 0
        getter.forEachValue(for: TraceParent.headerName, in: carrier) { value in
            count += 1
            if count == 1 { parent = TraceParent.parse(value) }
        }
        return count == 1 ? parent : nil
    }

    /// Several headers are one list. One that is not valid is dropped whole, and does no harm to the `traceparent`.
    private func traceState<Getter: CarrierGetter>(in carrier: Getter.Carrier, using getter: Getter) -> TraceState {
        var list: String?
        getter.forEachValue(for: Self.traceStateName, in: carrier) { value in
            if list == nil {
                list = value
            } else {
                list?.append(",")
                list?.append(value)
            }
        }
        guard let list else { return .empty }
        return TraceState(headerValue: list) ?? .empty
    }
}

extension Propagator where Self == W3CTraceContextPropagator {
    /// Carries the span's identity in the headers `traceparent` and `tracestate`.
    public static var traceContext: Self { W3CTraceContextPropagator() }
}
