// Propagation to and from Zipkin.

/// Propagates the span context in Zipkin's B3 headers: in a single one, `b3`, or in one for each part, `x-b3-…`.
///
/// Both forms are read, the single header first; only one of them is written. The identifier of the parent is neither read nor
/// written. (Specification: context propagators API, "B3 Requirements"; openzipkin/b3-propagation.)
public struct B3Propagator: Propagator {
    /// The format that is injected; both are extracted.
    public enum Format: Sendable, Hashable {
        /// The header `b3`.
        case single
        /// The headers `x-b3-traceid`, `x-b3-spanid` and `x-b3-sampled`, or `x-b3-flags` for a trace that is being debugged.
        case multi
    }

    private let format: Format

    public init(_ format: Format = .single) {
        self.format = format
    }

    public var fields: [String] {
        switch format {
        case .single: [Header.single]
        case .multi: [Header.traceID, Header.spanID, Header.sampled, Header.flags]
        }
    }

    /// Writes the span context; nothing if it is invalid.
    public func inject<Setter: CarrierSetter>(_ context: Context, into carrier: inout Setter.Carrier, using setter: Setter) {
        let span = context.spanContext
        guard span.isValid else { return }
        switch format {
        case .single:
            let state = context.isDebugged ? "d" : span.isSampled ? "1" : "0"
            setter.setValue("\(span.traceID)-\(span.spanID)-\(state)", for: Header.single, in: &carrier)
        case .multi:
            setter.setValue(span.traceID.description, for: Header.traceID, in: &carrier)
            setter.setValue(span.spanID.description, for: Header.spanID, in: &carrier)
            // The flag implies that the trace is sampled; the two are not sent together. (B3, "Debug Flag".)
            if context.isDebugged {
                setter.setValue("1", for: Header.flags, in: &carrier)
            } else {
                setter.setValue(span.isSampled ? "1" : "0", for: Header.sampled, in: &carrier)
            }
        }
    }

    /// Reads a remote span context; returns the context unchanged without a valid one.
    ///
    /// A sampling decision without identifiers, such as `b3: 0`, is ignored: there is no span to continue.
    public func extract<Getter: CarrierGetter>(from carrier: Getter.Carrier, into context: Context, using getter: Getter) -> Context {
        if let header = getter.value(for: Header.single, in: carrier) {
            switch B3SingleHeader(header) {
            case .span(let span, let isDebugged): return context.continuing(span, isDebugged: isDebugged)
            case .decision: return context
            case .malformed: break
            }
        }
        guard let traceID = getter.value(for: Header.traceID, in: carrier).flatMap({ B3Identifier.traceID($0.trimmingSpaces()) }),
            let spanID = getter.value(for: Header.spanID, in: carrier).flatMap({ B3Identifier.spanID($0.trimmingSpaces()) })
        else { return context }
        let isDebugged = getter.value(for: Header.flags, in: carrier)?.trimmingSpaces() == "1"
        let isSampled = isDebugged || getter.value(for: Header.sampled, in: carrier).map(Self.isTrue) ?? false
        let span = SpanContext(traceID: traceID, spanID: spanID, flags: isSampled ? .sampled : [], isRemote: true)
        return context.continuing(span, isDebugged: isDebugged)
    }

    /// Tracers older than the description of B3 write `true` instead of `1`.
    private static func isTrue(_ text: String) -> Bool {
        let word = text.trimmingSpaces()
        return word == "1" || word.lowercased() == "true"
    }

    private enum Header {
        static let single = "b3"
        static let traceID = "x-b3-traceid"
        static let spanID = "x-b3-spanid"
        static let sampled = "x-b3-sampled"
        static let flags = "x-b3-flags"
    }
}

extension Propagator where Self == B3Propagator {
    /// Propagates the span context in Zipkin's header `b3`.
    public static var b3: Self { B3Propagator(.single) }

    /// Propagates the span context in Zipkin's headers `x-b3-…`.
    public static var b3Multi: Self { B3Propagator(.multi) }
}

/// The header `b3`: `traceID-spanID-state-parentID`, of which the last two may be missing.
private enum B3SingleHeader {
    case span(SpanContext, isDebugged: Bool)
    /// A sampling decision alone.
    case decision
    case malformed

    init(_ text: String) {
        let parts = text.trimmingSpaces().split(separator: "-", omittingEmptySubsequences: false)
        if parts.count == 1, Self.flags(parts[0]) != nil {
            self = .decision
            return
        }
        guard 2...4 ~= parts.count, let traceID = B3Identifier.traceID(parts[0]), let spanID = B3Identifier.spanID(parts[1]),
            let flags = parts.count > 2 ? Self.flags(parts[2]) : [], parts.count < 4 || B3Identifier.spanID(parts[3]) != nil
        else {
            self = .malformed
            return
        }
        let span = SpanContext(traceID: traceID, spanID: spanID, flags: flags, isRemote: true)
        self = .span(span, isDebugged: parts.count > 2 && parts[2] == "d")
    }

    private static func flags(_ state: Substring) -> TraceFlags? {
        switch state {
        case "0": []
        // The debug flag implies that the trace is sampled.
        case "1", "d": .sampled
        default: nil
        }
    }
}

/// Parses the identifiers of B3, which have lower-case digits.
private enum B3Identifier {
    /// Returns the trace identifier of 32 digits, or of 16, which are its right-most half.
    static func traceID(_ text: Substring) -> TraceID? {
        guard isLowerCase(text) else { return nil }
        let trace = text.utf8.count == 16 ? SpanID(hexadecimal: text).map { TraceID(high: 0, low: $0.number) } : TraceID(hexadecimal: text)
        return trace?.isValid == true ? trace : nil
    }

    static func spanID(_ text: Substring) -> SpanID? {
        guard isLowerCase(text), let span = SpanID(hexadecimal: text), span.isValid else { return nil }
        return span
    }

    private static func isLowerCase(_ text: Substring) -> Bool { text.utf8.allSatisfy { $0 < 0x41 || $0 > 0x5a } }
}

extension Context {
    private static let isDebuggedKey = ContextKey("debugged trace", default: false)

    /// The debug flag of B3 and Jaeger, which is propagated: the caller wants the trace to be sampled in any case.
    var isDebugged: Bool { self[Self.isDebuggedKey] }

    /// Returns the context with a remote span, and with or without the debug flag.
    func continuing(_ remote: SpanContext, isDebugged: Bool) -> Context {
        let flagged = isDebugged == self.isDebugged ? self : with(isDebugged, for: Self.isDebuggedKey)
        return flagged.with(spanContext: remote)
    }
}
