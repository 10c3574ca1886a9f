// OpenTelemetry's own member of a trace state: `ot=th:…;rv:…`.

/// The parsed member `ot` of a trace state: the threshold and the randomness of a trace, and unknown subkeys.
/// <https://opentelemetry.io/docs/specs/otel/trace/tracestate-handling/>
struct OpenTelemetryTraceState: Sendable, Hashable {
    static let key = "ot"
    /// A longer list is not written. (Specification: trace state handling, "Value".)
    static let maximumLength = 256

    /// `th`: the threshold that the trace was kept by.
    var threshold: SamplingThreshold?
    /// `rv`: 56 bits that count as the trace's randomness in place of its identifier's.
    private(set) var randomness: UInt64?
    /// Unknown subkeys as they were written, separated by semicolons.
    private var others = ""

    /// Parses the member; keeps unknown subkeys as they are, and drops a `th` or `rv` with an invalid value.
    init(_ state: TraceState) {
        guard !state.isEmpty, let text = state[Self.key], text.utf8.count <= Self.maximumLength else { return }
        for part in text.split(separator: ";") {
            // Spaces are no part of the grammar, and one at the end would make the whole member invalid.
            let pair = part.trimmingSpaces()
            guard !pair.isEmpty else { continue }
            if pair.hasPrefix("th:") {
                threshold = SamplingThreshold(text: pair.dropFirst(3))
            } else if pair.hasPrefix("rv:") {
                randomness = pair.utf8.count == 17 ? SamplingThreshold.number(pair.dropFirst(3)) : nil
            } else {
                others += others.isEmpty ? pair : ";" + pair
            }
        }
    }

    /// The randomness of a trace: the explicit one if there is any, else the last 56 bits of the identifier.
    @inline(__always)
    func randomness(of traceID: TraceID) -> UInt64 { randomness ?? traceID.low & SamplingThreshold.randomnessMask }

    /// Sets the explicit randomness, unless there is one: it is never overwritten. Does nothing if the list would become too long.
    mutating func insertRandomness(_ number: UInt64) {
        guard randomness == nil else { return }
        randomness = number & SamplingThreshold.randomnessMask
        // The threshold may be set later: there must be room for it too.
        if text.utf8.count + (threshold == nil ? 18 : 0) > Self.maximumLength {
            randomness = nil
            reportLength("rv")
        }
    }

    /// The trace state with this member in place of its own one; the same state when nothing has changed.
    ///
    /// A list that is too long loses the threshold rather than the subkeys of others.
    func written(to state: TraceState) -> TraceState {
        var text = text
        if text.utf8.count > Self.maximumLength {
            reportLength("th")
            text = withoutThreshold.text
        }
        if text == state[Self.key] ?? "" { return state }
        return text.isEmpty ? state.removing(Self.key) : state.setting(Self.key, to: text)
    }

    private var withoutThreshold: OpenTelemetryTraceState {
        var other = self
        other.threshold = nil
        return other
    }

    private var text: String {
        var text = ""
        if let threshold { text += "th:\(threshold.text)" }
        if let randomness {
            if !text.isEmpty { text += ";" }
            text += "rv:\(SamplingThreshold.fourteenDigits(randomness))"
        }
        if !text.isEmpty, !others.isEmpty { text += ";" }
        return text + others
    }

    private func reportLength(_ key: String) {
        Diagnostics.report(
            .warning, topic: "tracestate.ot", every: .seconds(3600),
            "The sampler could not set \(key) in the tracestate member ot: with what others keep there it would be longer than "
                + "\(Self.maximumLength) characters. Backends cannot tell how many spans such a span stands for.")
    }
}
