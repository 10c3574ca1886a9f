// Hot where it is switched on: the span counters of metrics about telemetry itself.

/// Counts the spans of a provider by parent and sampling result, and those that have not ended.
///
/// (Semantic conventions: `otel.sdk.span.started` and `otel.sdk.span.live`.)
struct SpanCounts: Sendable {
    /// The origin of a span's parent.
    enum ParentOrigin: String, CaseIterable {
        case none, local, remote

        @inline(__always)
        fileprivate var index: Int { self == .none ? 0 : self == .local ? 1 : 2 }
    }

    /// The sampler's decision.
    enum SamplingResult: String, CaseIterable {
        case drop = "DROP"
        case recordOnly = "RECORD_ONLY"
        case recordAndSample = "RECORD_AND_SAMPLE"

        @inline(__always)
        fileprivate var index: Int { self == .drop ? 0 : self == .recordOnly ? 1 : 2 }
    }

    /// Behind the counters of started spans, of which there is one for each origin and result.
    private static let firstEndedCounter = 9

    private let counters = LaneCounters()

    /// Counts a span that was started; `lane` is any number, best the processor's.
    @inline(__always)
    func countStart(_ origin: ParentOrigin, _ result: SamplingResult, lane: Int) {
        counters.count(Self.startedCounter(origin, result), lane: lane)
    }

    /// Counts the end of a span that was recorded.
    @inline(__always)
    func countEnd(isSampled: Bool, lane: Int) {
        counters.count(Self.endedCounter(isSampled ? .recordAndSample : .recordOnly), lane: lane)
    }

    @inline(__always)
    private static func startedCounter(_ origin: ParentOrigin, _ result: SamplingResult) -> Int { 3 &* origin.index &+ result.index }

    @inline(__always)
    private static func endedCounter(_ result: SamplingResult) -> Int { firstEndedCounter &+ result.index }

    /// How many spans were started below such a parent with such a result.
    func started(_ origin: ParentOrigin, _ result: SamplingResult) -> Int { counters.sum(Self.startedCounter(origin, result)) }

    /// How many spans with such a result are recorded and have not ended.
    func live(_ result: SamplingResult) -> Int {
        guard result != .drop else { return 0 }
        // Ended spans are read before started ones, so that they are never more.
        let ended = counters.sum(Self.endedCounter(result))
        return ParentOrigin.allCases.reduce(0) { $0 &+ started($1, result) } &- ended
    }
}
