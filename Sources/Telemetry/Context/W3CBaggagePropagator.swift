// Carries the baggage in the header `baggage`.

import Synchronization

/// Carries the baggage in the header `baggage`. (W3C Baggage.)
///
/// At most 64 members and 8192 bytes are read and written; what is over that is left out whole, from the end.
public struct W3CBaggagePropagator: Propagator {
    /// Members left out since the process started, malformed or over a limit. One count for the process: propagators are
    /// values that anybody makes.
    package static var leftOutMemberCount: Int { leftOut.load(ordering: .relaxed) }

    // Relaxed: a lone number that nothing else depends on.
    private static let leftOut = Atomic(0)

    public init() {}

    public var fields: [String] { [BaggageHeader.name] }

    /// Writes the context's baggage; nothing when it is empty.
    public func inject<Setter: CarrierSetter>(_ context: Context, into carrier: inout Setter.Carrier, using setter: Setter) {
        let baggage = context.baggage
        guard !baggage.isEmpty else { return }
        let written = BaggageHeader.text(baggage)
        Self.report(written, reason: "are no header tokens", direction: "sent")
        guard !written.result.isEmpty else { return }
        setter.setValue(written.result, for: BaggageHeader.name, in: &carrier)
    }

    /// Reads baggage in place of the context's; the context stays as it is when the carrier has none that is valid.
    public func extract<Getter: CarrierGetter>(from carrier: Getter.Carrier, into context: Context, using getter: Getter) -> Context {
        var values: [String] = []
        getter.forEachValue(for: BaggageHeader.name, in: carrier) { values.append($0) }
        guard !values.isEmpty else { return context }
        let read = BaggageHeader.parse(values)
        Self.report(read, reason: "are malformed", direction: "read")
        return read.result.isEmpty ? context : context.with(baggage: read.result)
    }

    /// Counts and reports what was left out; Jaeger's baggage too.
    static func report<Result>(_ outcome: BaggageHeader.Outcome<Result>, reason: String, direction: String) {
        let count = outcome.invalidCount + outcome.overLimitCount
        guard count > 0 else { return }
        leftOut.wrappingAdd(count, ordering: .relaxed)
        // The header's own text is not repeated: it may hold what must not be logged.
        Diagnostics.report(
            .warning, topic: "baggage.\(direction)",
            "\(count) baggage members were not \(direction): \(outcome.invalidCount) \(reason), \(outcome.overLimitCount) are over the "
                + "limit of \(BaggageHeader.maximumMemberCount) members and \(BaggageHeader.maximumLength) bytes.")
    }
}

extension Propagator where Self == W3CBaggagePropagator {
    /// Carries the baggage in the header `baggage`.
    public static var baggage: Self { W3CBaggagePropagator() }
}
