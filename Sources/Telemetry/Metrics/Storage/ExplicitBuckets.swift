// Hot: the lookup for explicit bucket histograms.

/// Finds the explicit bucket of a value; a boundary belongs to the bucket below it.
///
/// The index is the number of boundaries less than the value. Up to 16 boundaries are all compared, eight at a time and without a branch on
/// the value; among more, a binary search leaves 16. (Specification: metrics SDK, "Explicit Bucket Histogram Aggregation".)
///
/// `@unchecked`: the memory is never changed after it was made; the owner calls `deallocate` after the last use.
struct ExplicitBuckets: @unchecked Sendable {
    private static let window = 16

    /// The number of boundaries, one less than there are buckets.
    let boundaryCount: Int
    /// The boundaries and then infinities, which no value exceeds.
    ///
    /// So eight numbers can be read from every boundary on.
    private let padded: UnsafePointer<Double>

    /// - Parameter boundaries: finite and strictly increasing.
    init(boundaries: [Double]) {
        assert(Aggregation.areValid(boundaries), "Boundaries are finite, and each is greater than the one before.")
        boundaryCount = boundaries.count
        let memory = UnsafeMutableRawPointer.allocate(byteCount: (boundaries.count + 8) * 8, alignment: 64)
            .bindMemory(to: Double.self, capacity: boundaries.count + 8)
        memory.initialize(repeating: .infinity, count: boundaries.count + 8)
        for (place, boundary) in boundaries.enumerated() { memory[place] = boundary }
        padded = UnsafePointer(memory)
    }

    /// Frees the memory.
    func deallocate() {
        padded.deallocate()
    }

    var boundaries: [Double] { Array(UnsafeBufferPointer(start: padded, count: boundaryCount)) }

    /// Returns the bucket of a value, from 0.
    @inline(__always)
    func index(of value: Double) -> Int {
        var start = 0
        var length = boundaryCount
        while length > Self.window {
            let half = length &>> 1
            assert(start + half - 1 < boundaryCount, "Halving stays within the boundaries.")
            start = padded[start &+ half &- 1] < value ? start &+ half : start
            length = length &- half
        }
        let values = SIMD8(repeating: value)
        var window = UnsafeRawPointer(padded + start)
        var counts = SIMD8<Int64>()
        assert(start >= 0 && start + length <= boundaryCount, "The window begins at a boundary: eight infinities follow the last one.")
        while length > 0 {
            let isBelow = window.loadUnaligned(as: SIMD8<Double>.self) .< values
            // A true lane of the mask is -1.
            counts &-= unsafeBitCast(isBelow, to: SIMD8<Int64>.self)
            window += 64
            length = length &- 8
        }
        return start &+ Int(truncatingIfNeeded: counts.wrappedSum())
    }
}
