// Defines the memory of a cell by aggregation.

/// The content of a cell.
enum CellKind: Sendable {
    case intSum, doubleSum, intLast, doubleLast, histogram, exponential
}

/// The size and content of the cells of a store.
struct CellLayout: Sendable {
    /// The bytes before the content: `updates`, `skipUntilCount` and the pointer to the exemplars.
    static let contentOffset = 3 * MemoryLayout<UInt64>.stride

    let kind: CellKind
    let isFloatingPoint: Bool
    /// The number of explicit buckets; 0 for other aggregations.
    let bucketCount: Int
    let maxSize: Int
    let maxScale: Int
    let exemplars: ExemplarPlan

    var stride: Int {
        let content =
            switch kind {
            // A cell fills one cache line, and a measurement touches one.
            case .intSum: 5 * MemoryLayout<UInt64>.stride
            case .doubleSum: MemoryLayout<UInt64>.stride
            case .intLast, .doubleLast: 2 * MemoryLayout<UInt64>.stride
            // The pointer to the queue stands last, and outlasts the measurements.
            case .histogram: (4 + bucketCount) * MemoryLayout<UInt64>.stride
            case .exponential: MemoryLayout<UnsafeRawPointer>.stride
            }
        return Self.contentOffset + content
    }
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

    /// Returns the value of a histogram whose bits a measurement has.
    @inline(__always)
    func double(_ bits: UInt64) -> Double { isFloatingPoint ? Double(bitPattern: bits) : Double(Int64(bitPattern: bits)) }

    /// Returns the number whose bits a cell holds.
    func number(_ bits: UInt64) -> MetricNumber {
        isFloatingPoint ? .double(Double(bitPattern: bits)) : .int(Int64(bitPattern: bits))
    }
}
