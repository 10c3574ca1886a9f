// Counts by bucket index of an exponential histogram for values of one sign, in memory that grows as needed (hot).

/// Counts by bucket index of an exponential histogram for values of one sign.
///
/// The counts of neighbouring indexes lie in one piece of memory, of which there is none before the first value, and then
/// as much as the buckets in use need: at most the largest number of buckets.
struct ExponentialBuckets: ~Copyable {
    private static let smallestCapacity = 8

    private var counts = UnsafeMutableBufferPointer<UInt64>(start: nil, count: 0)
    /// The index of the first count in memory.
    private var base = 0

    init() {}

    deinit {
        counts.deallocate()
    }

    /// Adds one to a bucket; false when it is outside of what there is memory for.
    @inline(__always)
    mutating func increment(_ index: Int) -> Bool {
        let place = index &- base
        guard UInt(bitPattern: place) < UInt(bitPattern: counts.count) else { return false }
        counts[place] &+= 1
        return true
    }

    /// Adds to a bucket for which `reserve` has made room.
    mutating func add(_ count: UInt64, to index: Int) {
        counts[index - base] &+= count
    }

    /// From the first to the last bucket that holds values; nil when none does.
    var occupied: ClosedRange<Int>? {
        guard let first = counts.firstIndex(where: { $0 != 0 }), let last = counts.lastIndex(where: { $0 != 0 }) else { return nil }
        return base + first...base + last
    }

    /// The number of values.
    var total: UInt64 { counts.reduce(0, &+) }

    /// The bytes of memory held for counts.
    var sizeInBytes: Int { counts.count * MemoryLayout<UInt64>.stride }

    /// The buckets from the first to the last that holds values.
    var point: ExponentialHistogramPoint.Buckets {
        guard let occupied else { return .init() }
        return .init(offset: occupied.lowerBound, counts: Array(counts[occupied.lowerBound - base...occupied.upperBound - base]))
    }

    /// Calls the closure with each bucket that holds values.
    func forEach(_ body: (_ index: Int, _ count: UInt64) -> Void) {
        for (place, count) in counts.enumerated() where count != 0 { body(base + place, count) }
    }

    /// Sets all counts to zero and keeps the memory.
    mutating func reset() {
        counts.update(repeating: 0)
    }

    /// Makes room for the buckets of a range besides those in use; together they span at most `maxSize`.
    mutating func reserve(_ range: ClosedRange<Int>, maxSize: Int) {
        let used = occupied ?? range
        let low = min(range.lowerBound, used.lowerBound)
        let high = max(range.upperBound, used.upperBound)
        assert(high - low < maxSize, "The scale is low enough for all values to fit.")
        if low >= base && high < base + counts.count { return }
        var capacity = max(counts.count, min(Self.smallestCapacity, maxSize))
        while capacity <= high - low { capacity = min(capacity * 2, maxSize) }
        // What is left over is room to grow on both sides.
        move(used, to: low - (capacity - (high - low + 1)) / 2, capacity: capacity)
    }

    /// Lays the counts in use out anew from another first index on.
    private mutating func move(_ used: ClosedRange<Int>, to newBase: Int, capacity: Int) {
        // In place as well: the counts move all in one direction, and nothing else is read.
        let isInPlace = capacity == counts.count
        let target = isInPlace ? counts : .allocate(capacity: capacity)
        if !isInPlace { target.initialize(repeating: 0) }
        if let to = target.baseAddress, let from = counts.baseAddress, used.lowerBound >= base, used.upperBound < base + counts.count {
            let start = used.lowerBound - newBase
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

    /// Merges 2^shift neighbouring buckets into one, as a scale lower by `shift` has it.
    mutating func downscale(by shift: Int) {
        let newBase = base >> shift
        for place in counts.indices {
            let count = counts[place]
            // Never further right than where it was: nothing is overwritten that is still to come.
            counts[place] = 0
            counts[(base + place) >> shift - newBase] &+= count
        }
        base = newBase
    }
}
