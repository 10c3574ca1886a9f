// Which measurements may become exemplars.

/// Which measurements may become exemplars. (Specification: metrics SDK, "ExemplarFilter".)
public enum ExemplarFilter: String, Sendable, Hashable, CaseIterable {
    /// All of them.
    case alwaysOn = "always_on"
    /// None; then exemplars cost nothing.
    case alwaysOff = "always_off"
    /// Those made in a sampled span.
    case traceBased = "trace_based"
}

extension CellLayout {
    init(_ stream: StreamConfiguration, filter: ExemplarFilter) {
        let isFloatingPoint = stream.isFloatingPoint
        let kind: CellKind
        var (bucketCount, maxSize, maxScale) = (0, 0, 0)
        switch stream.aggregation {
        case .sum: kind = isFloatingPoint ? .doubleSum : .intSum
        case .lastValue: kind = isFloatingPoint ? .doubleLast : .intLast
        case .histogram(let boundaries, _, _):
            kind = .histogram
            bucketCount = boundaries.count + 1
        case .exponentialHistogram(let size, let scale, _, _):
            kind = .exponential
            (maxSize, maxScale) = (size, scale)
        }
        self.init(
            kind: kind, isFloatingPoint: isFloatingPoint, bucketCount: bucketCount, maxSize: maxSize, maxScale: maxScale,
            exemplars: filter == .alwaysOff ? .none : ExemplarPlan(stream.exemplars, bucketCount: bucketCount, maxSize: maxSize))
    }

    /// A number as the cells hold it.
    func number(_ bits: UInt64) -> MetricNumber {
        isFloatingPoint ? .double(Double(bitPattern: bits)) : .int(Int64(bitPattern: bits))
    }
}

extension ExemplarPlan {
    /// What a view says, else the default of the aggregation: one a bucket where there are several, as many as an exponential
    /// histogram has buckets but at most 20, and one for all else. (Specification: metrics SDK, "Exemplar defaults".)
    init(_ choice: ExemplarReservoirChoice?, bucketCount: Int, maxSize: Int) {
        switch choice?.kind {
        case .custom: self = .none
        case .fixedSize(let size): self.init(slotCount: size, isByBucket: false)
        case .alignedToBuckets, nil:
            if bucketCount > 1 {
                self.init(slotCount: bucketCount, isByBucket: true)
            } else {
                self.init(slotCount: maxSize > 0 ? min(20, maxSize) : 1, isByBucket: false)
            }
        }
    }
}

extension SeriesStore {
    /// Whether exemplars are kept by reservoirs that somebody else has made.
    var hasReservoirs: Bool { configuration.makesReservoirs && filter != .alwaysOff }
}

extension StreamConfiguration {
    /// Whether somebody else keeps the exemplars.
    var makesReservoirs: Bool { if case .custom = exemplars?.kind { true } else { false } }

    /// A reservoir for one series, where somebody else keeps the exemplars.
    func makeReservoir() -> (any ExemplarReservoir)? {
        if case .custom(let maker) = exemplars?.kind { maker.make() } else { nil }
    }
}

extension ResolvedAggregation {
    /// The boundaries of explicit buckets, else none.
    var boundaries: [Double] { if case .histogram(let boundaries, _, _) = self { boundaries } else { [] } }
}
