// Finds the bucket of a value among given boundaries (hot).

/// Finds the bucket of a value among given boundaries, each of which belongs to the bucket below it.
///
/// The index is the number of boundaries less than the value. Up to 16 boundaries are all compared, eight at a time and without a
/// branch that depends on the value; of more than that, halving leaves 16. (Specification: metrics SDK, "Explicit Bucket Histogram Aggregation".)
///
/// Sendable because the memory is never changed after it was made; the owner calls `deallocate` when nobody uses it any more.
struct ExplicitBuckets: @unchecked Sendable {
    private static let window = 16

    /// The number of boundaries: there is one bucket more.
    let boundaryCount: Int
    /// The boundaries and then infinities, which no value exceeds, so that eight can be read from any of them on.
    private let padded: UnsafePointer<Double>

    /// - Parameter boundaries: finite, and each greater than the one before.
    init(boundaries: [Double]) {
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

    /// The bucket of a value: 0 for the one up to the first boundary.
    @inline(__always)
    func index(of value: Double) -> Int {
        var start = 0
        var length = boundaryCount
        while length > Self.window {
            let half = length &>> 1
            start = padded[start &+ half &- 1] < value ? start &+ half : start
            length = length &- half
        }
        let values = SIMD8(repeating: value)
        var window = UnsafeRawPointer(padded + start)
        var counts = SIMD8<Int64>()
        while length > 0 {
            let isBelow = window.loadUnaligned(as: SIMD8<Double>.self) .< values
            // A comparison that holds is -1 in every bit.
            counts &-= unsafeBitCast(isBelow, to: SIMD8<Int64>.self)
            window += 64
            length = length &- 8
        }
        return start &+ Int(truncatingIfNeeded: counts.wrappedSum())
    }
}
