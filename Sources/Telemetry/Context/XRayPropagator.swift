// Propagation to and from AWS X-Ray.

/// Propagates the span context in the header `x-amzn-trace-id` of AWS X-Ray, which load balancers and other services of AWS read and write.
///
/// A header without a `Parent` is ignored, since there is no span to continue; so are other fields than `Root`, `Parent` and `Sampled`. The trace state is not
/// propagated, for which the format has no place. (AWS X-Ray developer guide, "Tracing header".)
public struct XRayPropagator: Propagator {
    private static let header = "x-amzn-trace-id"
    private static let maximumHeaderBytes = 1_024

    public init() {}

    public var fields: [String] { [Self.header] }

    /// Writes the span context; nothing if it is invalid.
    public func inject<Setter: CarrierSetter>(_ context: Context, into carrier: inout Setter.Carrier, using setter: Setter) {
        let span = context.spanContext
        guard span.isValid else { return }
        let trace = span.traceID.description
        let root = "1-\(trace.prefix(8))-\(trace.dropFirst(8))"
        setter.setValue("Root=\(root);Parent=\(span.spanID);Sampled=\(span.isSampled ? "1" : "0")", for: Self.header, in: &carrier)
    }

    /// Reads a remote span context; returns the context unchanged without a valid one.
    ///
    /// A request for a decision, `Sampled=?`, and a header without one are read as not sampled.
    public func extract<Getter: CarrierGetter>(from carrier: Getter.Carrier, into context: Context, using getter: Getter) -> Context {
        guard let text = getter.value(for: Self.header, in: carrier), text.utf8.count <= Self.maximumHeaderBytes else { return context }
        var trace: TraceID?
        var parent: SpanID?
        var flags: TraceFlags = []
        for part in text.split(separator: ";") {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2 else { continue }
            let value = sides[1].trimmingSpaces()
            switch sides[0].trimmingSpaces().lowercased() {
            case "root": trace = Self.traceID(value)
            case "parent": parent = SpanID(hexadecimal: value)
            case "sampled": flags = value == "1" ? .sampled : []
            default: continue
            }
        }
        guard let trace, let parent, trace.isValid, parent.isValid else { return context }
        return context.with(spanContext: SpanContext(traceID: trace, spanID: parent, flags: flags, isRemote: true))
    }

    /// Reads `1-`, eight digits of the time, `-`, and 24 digits.
    private static func traceID(_ text: some StringProtocol) -> TraceID? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "1", parts[1].utf8.count == 8, parts[2].utf8.count == 24 else { return nil }
        return TraceID(hexadecimal: "\(parts[1])\(parts[2])")
    }
}

extension Propagator where Self == XRayPropagator {
    /// Propagates the span context in the header of AWS X-Ray.
    public static var xray: Self { XRayPropagator() }
}
