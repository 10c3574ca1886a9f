// Propagation of baggage by the W3C's format, and the count of dropped members.

import Synchronization

/// Propagates the baggage in the header `baggage`. (W3C Baggage.)
///
/// At most 64 members and 8192 bytes are read and written; members beyond that are dropped whole, from the end.
public struct W3CBaggagePropagator: Propagator {
    /// The number of members dropped since the process started, malformed or over a limit.
    ///
    /// One count for the process, since propagators are values without identity.
    package static var leftOutMemberCount: Int { leftOut.load(ordering: .relaxed) }

    // Relaxed: nothing else depends on the number.
    private static let leftOut = Atomic(0)

    public init() {}

    public var fields: [String] { [BaggageHeader.name] }

    /// Writes the baggage of the context; nothing if it is empty.
    public func inject<Setter: CarrierSetter>(_ context: Context, into carrier: inout Setter.Carrier, using setter: Setter) {
        let baggage = context.baggage
        guard !baggage.isEmpty else { return }
        let written = BaggageHeader.text(baggage)
        Self.report(written, reason: "are no header tokens", direction: "sent")
        guard !written.result.isEmpty else { return }
        setter.setValue(written.result, for: BaggageHeader.name, in: &carrier)
    }

    /// Reads baggage, which replaces that of the context; returns the context unchanged without valid baggage.
    public func extract<Getter: CarrierGetter>(from carrier: Getter.Carrier, into context: Context, using getter: Getter) -> Context {
        var values: [String] = []
        getter.forEachValue(for: BaggageHeader.name, in: carrier) { values.append($0) }
        guard !values.isEmpty else { return context }
        let read = BaggageHeader.parse(values)
        Self.report(read, reason: "are malformed", direction: "read")
        return read.result.isEmpty ? context : context.with(baggage: read.result)
    }

    /// Counts and reports dropped members, of Jaeger's baggage too.
    static func report<Result>(_ outcome: BaggageHeader.Outcome<Result>, reason: String, direction: String) {
        let count = outcome.invalidCount + outcome.overLimitCount
        guard count > 0 else { return }
        leftOut.wrappingAdd(count, ordering: .relaxed)
        // The header is not reported: it may contain secrets.
        Diagnostics.report(
            .warning, topic: "baggage.\(direction)",
            "\(count) baggage members were not \(direction): \(outcome.invalidCount) \(reason), \(outcome.overLimitCount) are over the "
                + "limit of \(BaggageHeader.maximumMemberCount) members and \(BaggageHeader.maximumLength) bytes.")
    }
}

extension Propagator where Self == W3CBaggagePropagator {
    /// Propagates the baggage in the header `baggage`.
    public static var baggage: Self { W3CBaggagePropagator() }
}
