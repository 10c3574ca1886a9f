// Propagation to and from Jaeger's own clients.

/// Propagates the span context in the header `uber-trace-id`, and each baggage entry in a header `uberctx-…`.
///
/// The specification has deprecated this format; it is for services that still use it. If it is combined with the W3C propagators, put
/// those last: the last extracted span context wins. (Jaeger, "Client Libraries", "Propagation Format".)
public struct JaegerPropagator: Propagator {
    static let headerName = "uber-trace-id"
    static let baggagePrefix = "uberctx-"

    private static let sampled: UInt64 = 1
    private static let debugged: UInt64 = 2

    public init() {}

    /// The names without those of the baggage headers, which depend on the baggage.
    public var fields: [String] { [Self.headerName] }

    /// Writes the span context if it is valid, and the baggage.
    ///
    /// Entries that no header can hold are dropped and counted, as are those over the limits of the `baggage` header.
    public func inject<Setter: CarrierSetter>(_ context: Context, into carrier: inout Setter.Carrier, using setter: Setter) {
        let span = context.spanContext
        if span.isValid {
            // The parent's identifier is deprecated, but its field is mandatory.
            let flags = context.isDebugged ? "3" : span.isSampled ? "1" : "0"
            setter.setValue("\(span.traceID):\(span.spanID):0:\(flags)", for: Self.headerName, in: &carrier)
        }
        let entries = context.baggage.entries
        guard !entries.isEmpty else { return }
        var outcome = BaggageHeader.Outcome(result: ())
        var budget = Budget()
        for entry in entries {
            let value = BaggageHeader.encoded(entry.value)
            if !entry.name.utf8.allSatisfy(TokenCharacters.contains) {
                outcome.invalidCount += 1
            } else if budget.admit(entry.name, value) {
                setter.setValue(value, for: Self.baggagePrefix + entry.name, in: &carrier)
            } else {
                outcome.overLimitCount += 1
            }
        }
        W3CBaggagePropagator.report(outcome, reason: "are no header tokens", direction: "sent")
    }

    /// Reads a remote span context, and adds the baggage to that of the context; ignores what is not valid.
    public func extract<Getter: CarrierGetter>(from carrier: Getter.Carrier, into context: Context, using getter: Getter) -> Context {
        var context = context
        if let (span, isDebugged) = getter.value(for: Self.headerName, in: carrier).flatMap(Self.parse) {
            context = context.continuing(span, isDebugged: isDebugged)
        }
        let baggage = baggage(in: carrier, using: getter, addedTo: context.baggage)
        return baggage == context.baggage ? context : context.with(baggage: baggage)
    }

    private func baggage<Getter: CarrierGetter>(
        in carrier: Getter.Carrier, using getter: Getter, addedTo baggage: Baggage
    ) -> Baggage {
        var entries = baggage.entries
        var outcome = BaggageHeader.Outcome(result: ())
        var budget = Budget()
        for header in getter.names(in: carrier) {
            // Names of headers are case-insensitive: a proxy may have changed their case.
            let name = header.lowercased()
            guard name.hasPrefix(Self.baggagePrefix), name.utf8.count > Self.baggagePrefix.utf8.count,
                let value = getter.value(for: header, in: carrier)
            else { continue }
            let entry = Baggage.Entry(
                name: String(name.dropFirst(Self.baggagePrefix.count)), value: PercentEncoding.decodeLeniently(value.utf8))
            if budget.admit(entry.name, value) {
                entries.update(entry)
            } else {
                outcome.overLimitCount += 1
            }
        }
        W3CBaggagePropagator.report(outcome, reason: "are malformed", direction: "read")
        return Baggage(uniqueEntries: entries)
    }

    /// Parses `traceID:spanID:parentID:flags`. Identifiers may lack leading zeros, and colons may be percent-encoded.
    private static func parse(_ header: String) -> (span: SpanContext, isDebugged: Bool)? {
        // No valid header is longer.
        guard header.utf8.count <= 128 else { return nil }
        let text = header.utf8.contains(UInt8(ascii: ":")) ? header : PercentEncoding.decodeLeniently(header.utf8)
        let parts = text.trimmingSpaces().split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 4, let trace = traceID(parts[0]), let span = number(parts[1], digits: 16).map(SpanID.init),
            let flags = number(parts[3], digits: 2), trace.isValid, span.isValid
        else { return nil }
        let isSampled = flags & sampled != 0
        // The debug flag counts beside the sampled one only: OpenTelemetry's SDK for Python writes W3C's flag for random identifiers in its place.
        let isDebugged = isSampled && flags & debugged != 0
        return (SpanContext(traceID: trace, spanID: span, flags: isSampled ? .sampled : [], isRemote: true), isDebugged)
    }

    private static func traceID(_ text: Substring) -> TraceID? {
        guard text.utf8.count > 16 else { return number(text, digits: 16).map { TraceID(high: 0, low: $0) } }
        guard let high = number(text.dropLast(16), digits: 16), let low = number(text.suffix(16), digits: 16) else { return nil }
        return TraceID(high: high, low: low)
    }

    private static func number(_ text: Substring, digits: Int) -> UInt64? {
        1...digits ~= text.utf8.count ? Hexadecimal.number(text.utf8) : nil
    }

    /// The limits of the `baggage` header, which apply here too since Jaeger defines none.
    private struct Budget {
        private var memberCount = 0
        private var length = 0

        mutating func admit(_ name: String, _ value: String) -> Bool {
            let added = name.utf8.count + value.utf8.count
            guard memberCount < BaggageHeader.maximumMemberCount, length + added <= BaggageHeader.maximumLength else { return false }
            memberCount += 1
            length += added
            return true
        }
    }
}

extension Propagator where Self == JaegerPropagator {
    /// Propagates the span context in the header `uber-trace-id`, and the baggage in headers `uberctx-…`.
    public static var jaeger: Self { JaegerPropagator() }
}
