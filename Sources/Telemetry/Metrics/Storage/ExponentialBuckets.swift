// Hot: the bucket counts of an exponential histogram.

/// The bucket counts of an exponential histogram for values of one sign.
///
/// The counts of consecutive indexes share one allocation: none before the first value, then as much as the buckets in use need, up to the
/// largest number of buckets.
struct ExponentialBuckets: ~Copyable {
    private static let smallestCapacity = 8

    private var counts = UnsafeMutableBufferPointer<UInt64>(start: nil, count: 0)
    /// The bucket index of the first count.
    private var base = 0

    init() {}

    deinit {
        counts.deallocate()
    }

    /// Increments a bucket; returns false if no memory is allocated for it.
    @inline(__always)
    mutating func increment(_ index: Int) -> Bool {
        let place = index &- base
        guard UInt(bitPattern: place) < UInt(bitPattern: counts.count) else { return false }
        counts[place] &+= 1
        return true
    }

    /// Adds to a bucket for which `reserve` has made room.
    mutating func add(_ count: UInt64, to index: Int) {
        assert(counts.indices.contains(index - base), "There is room for the bucket.")
        counts[index - base] &+= count
    }

    /// The range from the first to the last bucket that is not empty; nil if all are.
    var occupied: ClosedRange<Int>? {
        guard let first = counts.firstIndex(where: { $0 != 0 }), let last = counts.lastIndex(where: { $0 != 0 }) else { return nil }
        return base + first...base + last
    }

    /// The number of values.
    var total: UInt64 { counts.reduce(0, &+) }

    /// The allocated bytes.
    var sizeInBytes: Int { counts.count * MemoryLayout<UInt64>.stride }

    /// The buckets from the first to the last that is not empty.
    var point: ExponentialHistogramPoint.Buckets {
        guard let occupied else { return .init() }
        return .init(offset: occupied.lowerBound, counts: Array(counts[occupied.lowerBound - base...occupied.upperBound - base]))
    }

    /// Calls the closure with each bucket that is not empty.
    func forEach(_ body: (_ index: Int, _ count: UInt64) -> Void) {
        for (place, count) in counts.enumerated() where count != 0 { body(base + place, count) }
    }

    /// Sets all counts to zero and keeps the memory.
    mutating func reset() {
        counts.update(repeating: 0)
    }

    /// Makes room for a range of buckets besides those in use; together they span at most `maxSize`.
    mutating func reserve(_ range: ClosedRange<Int>, maxSize: Int) {
        let used = occupied ?? range
        let low = min(range.lowerBound, used.lowerBound)
        let high = max(range.upperBound, used.upperBound)
        assert(high - low < maxSize, "The scale is low enough for all values to fit.")
        if low >= base && high < base + counts.count { return }
        var capacity = max(counts.count, min(Self.smallestCapacity, maxSize))
        while capacity <= high - low { capacity = min(capacity * 2, maxSize) }
        // The remaining room is split between both sides.
        move(used, to: low - (capacity - (high - low + 1)) / 2, capacity: capacity)
    }

    /// Moves the counts in use to memory that begins at another bucket.
    private mutating func move(_ used: ClosedRange<Int>, to newBase: Int, capacity: Int) {
        // This works in place as well: all counts move in one direction.
        let isInPlace = capacity == counts.count
        let target = isInPlace ? counts : .allocate(capacity: capacity)
        if !isInPlace { target.initialize(repeating: 0) }
        if let to = target.baseAddress, let from = counts.baseAddress, used.lowerBound >= base, used.upperBound < base + counts.count {
            let start = used.lowerBound - newBase
            assert(start >= 0 && start + used.count <= target.count, "The buckets in use fit into the new memory.")
            (to + start).update(from: from + (used.lowerBound - base), count: used.count)
            target[..<start].update(repeating: 0)
            target[(start + used.count)...].update(repeating: 0)
        }
        if !isInPlace {
            counts.deallocate()
            counts = target
        }
        base = newBase
    }

    /// Merges 2^shift neighbouring buckets into one, which lowers the scale by `shift`.
    mutating func downscale(by shift: Int) {
        assert(shift >= 0, "The scale falls.")
        let newBase = base >> shift
        for place in counts.indices {
            let count = counts[place]
            // The target is never to the right of the source, so no count is overwritten before it is read.
            counts[place] = 0
            counts[(base + place) >> shift - newBase] &+= count
        }
        base = newBase
    }
}
