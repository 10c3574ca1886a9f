// The member of a trace state that belongs to OpenTelemetry: `ot=th:…;rv:…`.

/// The member `ot` of a trace state, taken apart: the threshold and the randomness of a trace, and what others keep there.
/// <https://opentelemetry.io/docs/specs/otel/trace/tracestate-handling/>
struct OpenTelemetryTraceState: Sendable, Hashable {
    static let key = "ot"
    /// A longer list is not written. (Specification: trace state handling, "Value".)
    static let maximumLength = 256

    /// `th`: the threshold that the trace was kept by.
    var threshold: SamplingThreshold?
    /// `rv`: 56 bits that count as the trace's randomness in place of its identifier's.
    private(set) var randomness: UInt64?
    /// What is neither, as it was written, with semicolons between.
    private var others = ""

    /// Reads the member; what is not `th` or `rv` is kept as it is, and one of those with a value that breaks the grammar is not.
    init(_ state: TraceState) {
        guard !state.isEmpty, let text = state[Self.key], text.utf8.count <= Self.maximumLength else { return }
        for part in text.split(separator: ";") {
            // Spaces are no part of the grammar, and one that came to stand at the end would make the whole member invalid.
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

    /// Gives the trace a randomness of its own, unless it has one: that is never overwritten. Does nothing when the list
    /// would become too long.
    mutating func insertRandomness(_ number: UInt64) {
        guard randomness == nil else { return }
        randomness = number & SamplingThreshold.randomnessMask
        // The threshold comes and goes: there must be room for it too.
        if text.utf8.count + (threshold == nil ? 18 : 0) > Self.maximumLength {
            randomness = nil
            reportLength("rv")
        }
    }

    /// The trace state with this member in place of its own one; the same state when nothing has changed.
    ///
    /// Of a list that is too long the threshold is left out, rather than what belongs to others.
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
