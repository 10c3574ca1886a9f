// Hot where it is switched on: counts spans for the SDK's own metrics, each processor on cache lines of its own.

import Synchronization

/// Counts the spans of a provider by what was above them and what the sampler said, and those that have not ended.
///
/// (Semantic conventions: `otel.sdk.span.started` and `otel.sdk.span.live`.)
///
/// `@unchecked`: the lanes are memory that is made in `init` and freed in `deinit`, and only its atomics are written.
final class SpanCounts: @unchecked Sendable {
    /// What was above a span when it started.
    enum ParentOrigin: String, CaseIterable {
        case none, local, remote
    }

    /// What the sampler said.
    enum SamplingResult: String, CaseIterable {
        case drop = "DROP"
        case recordOnly = "RECORD_ONLY"
        case recordAndSample = "RECORD_AND_SAMPLE"
    }

    /// The counters of a lane: two cache lines, which are fetched together.
    private static let countersPerLane = 16
    /// Behind the counters of started spans, one for each origin and result.
    private static let firstLiveCounter = 9

    private let lanes: UnsafeMutablePointer<Atomic<Int>>
    private let mask: Int
    private let processor = ProcessorLane()

    init() {
        let count = ProcessorLane.count
        mask = count - 1
        lanes = UnsafeMutableRawPointer.allocate(byteCount: count * Self.countersPerLane * MemoryLayout<Atomic<Int>>.stride, alignment: 128)
            .bindMemory(to: Atomic<Int>.self, capacity: count * Self.countersPerLane)
        for index in 0..<(count * Self.countersPerLane) { (lanes + index).initialize(to: Atomic(0)) }
    }

    deinit {
        lanes.deinitialize(count: (mask + 1) * Self.countersPerLane)
        lanes.deallocate()
    }

    /// Counts a span that was started.
    func countStart(of span: TraceSpan, below parent: SpanContext) {
        let context = span.context
        // Where nothing was started, in a suppressed context, nothing is counted.
        guard context.isValid else { return }
        let result: SamplingResult = context.isSampled ? .recordAndSample : span.recorder == nil ? .drop : .recordOnly
        let origin: ParentOrigin = !parent.isValid ? .none : parent.isRemote ? .remote : .local
        let lane = lanes + (processor.current & mask) &* Self.countersPerLane
        // Relaxed: each number is read for itself, at any time.
        lane[Self.startedCounter(origin, result)].wrappingAdd(1, ordering: .relaxed)
        if result != .drop { lane[Self.liveCounter(result)].wrappingAdd(1, ordering: .relaxed) }
    }

    /// Counts the end of a span that was recorded.
    func countEnd(isSampled: Bool) {
        let lane = lanes + (processor.current & mask) &* Self.countersPerLane
        lane[Self.liveCounter(isSampled ? .recordAndSample : .recordOnly)].wrappingSubtract(1, ordering: .relaxed)
    }

    private static func startedCounter(_ origin: ParentOrigin, _ result: SamplingResult) -> Int { 3 &* origin.index &+ result.index }

    private static func liveCounter(_ result: SamplingResult) -> Int { firstLiveCounter &+ result.index }

    /// How many spans were started below such a parent with such a result.
    func started(_ origin: ParentOrigin, _ result: SamplingResult) -> Int { sum(Self.startedCounter(origin, result)) }

    /// How many spans with such a result are recorded and have not ended.
    func live(_ result: SamplingResult) -> Int {
        // A span may end on another lane than it started on while they are read one after the other.
        max(0, sum(Self.liveCounter(result)))
    }

    private func sum(_ counter: Int) -> Int {
        (0...mask).reduce(0) { $0 &+ lanes[$1 &* Self.countersPerLane &+ counter].load(ordering: .relaxed) }
    }
}

extension SpanCounts.ParentOrigin {
    fileprivate var index: Int {
        switch self {
        case .none: 0
        case .local: 1
        case .remote: 2
        }
    }
}

extension SpanCounts.SamplingResult {
    fileprivate var index: Int {
        switch self {
        case .drop: 0
        case .recordOnly: 1
        case .recordAndSample: 2
        }
    }
}
