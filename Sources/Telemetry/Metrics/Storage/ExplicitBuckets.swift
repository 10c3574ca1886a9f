// Hot: the lookup for explicit bucket histograms.

/// Finds the explicit bucket of a value; a boundary belongs to the bucket below it.
///
/// The index is the number of boundaries less than the value. The leading bits of a number, its exponent and some of the significand, divide
/// the numbers into sections in rising order. Where no section holds more than one boundary, which is so for boundaries chosen by hand
/// and for geometric ones, a table tells how many lie in the sections before, and one comparison does the rest: 12 instructions for
/// any number of boundaries. Otherwise up to 16 boundaries are all compared, eight at a time and without a branch on the value; among more,
/// a binary search leaves 16. (Specification: metrics SDK, "Explicit Bucket Histogram Aggregation".)
///
/// `@unchecked`: the memory is never changed after it was made; the owner calls `deallocate` after the last use.
struct ExplicitBuckets: @unchecked Sendable {
    private static let window = 16
    /// More sections would not stay in the cache beside what else a measurement touches.
    private static let largestSection: Int64 = 1023

    /// The number of boundaries, one less than there are buckets.
    let boundaryCount: Int
    /// The boundaries and then infinities, which no value exceeds.
    ///
    /// So eight numbers can be read from every boundary on.
    private let padded: UnsafePointer<Double>
    /// How many boundaries lie in the sections before each; nil if a section holds several.
    ///
    /// The first section stands for all numbers below that of the least positive boundary, and the last for all above that of the greatest.
    private let countsBefore: UnsafePointer<UInt16>?
    /// A bit pattern without its last `shift` bits, less `firstSection`, is the number of the section.
    private let shift: Int64
    private let firstSection: Int64
    private let lastSection: Int64

    /// - Parameter boundaries: finite and strictly increasing.
    init(boundaries: [Double]) {
        assert(Aggregation.areValid(boundaries), "Boundaries are finite, and each is greater than the one before.")
        boundaryCount = boundaries.count
        let memory = UnsafeMutableRawPointer.allocate(byteCount: (boundaries.count + 8) * 8, alignment: 64)
            .bindMemory(to: Double.self, capacity: boundaries.count + 8)
        memory.initialize(repeating: .infinity, count: boundaries.count + 8)
        for (place, boundary) in boundaries.enumerated() { memory[place] = boundary }
        padded = UnsafePointer(memory)
        let sections = Self.sections(boundaries)
        (countsBefore, shift, firstSection, lastSection) = sections ?? (nil, 0, 0, 0)
    }

    /// Returns a division into sections of which none holds two boundaries, the coarsest one; nil if all take too many.
    private static func sections(_ boundaries: [Double]) -> (UnsafePointer<UInt16>?, Int64, Int64, Int64)? {
        let positive = boundaries.filter { $0 > 0 }
        // Numbers that are not positive share the first section.
        guard boundaries.count - positive.count <= 1, let least = positive.first, let greatest = positive.last else { return nil }
        for shift in stride(from: Int64(52), to: 40, by: -1) {
            // Bit patterns of positive numbers are in the order of the numbers.
            func section(_ number: Double) -> Int64 { Int64(bitPattern: number.bitPattern) >> shift }
            let (first, last) = (section(least) - 1, section(greatest) - section(least) + 2)
            // Zero, which may be a boundary itself, lies before the least positive one's section.
            if first < 0 || last > largestSection { return nil }
            let numbers = boundaries.map { $0 > 0 ? section($0) - first : 0 }
            guard Set(numbers).count == numbers.count else { continue }
            let counts = UnsafeMutablePointer<UInt16>.allocate(capacity: Int(last) + 1)
            for section in 0...last { counts[Int(section)] = UInt16(numbers.count { $0 < section }) }
            return (UnsafePointer(counts), shift, first, last)
        }
        return nil
    }

    /// Frees the memory.
    func deallocate() {
        padded.deallocate()
        countsBefore?.deallocate()
    }

    var boundaries: [Double] { Array(UnsafeBufferPointer(start: padded, count: boundaryCount)) }

    /// Whether boundaries are found by sections. For tests.
    var hasSections: Bool { countsBefore != nil }

    /// Returns the bucket of a value, from 0.
    @inline(__always)
    func index(of value: Double) -> Int {
        guard let countsBefore else { return Self.searchedIndex(of: value, padded, boundaryCount) }
        // Negative numbers have negative patterns, and come to the first section.
        let section = min(max((Int64(bitPattern: value.bitPattern) &>> shift) &- firstSection, 0), lastSection)
        let before = Int(countsBefore[Int(truncatingIfNeeded: section)])
        assert(before <= boundaryCount, "An infinity stands behind the last boundary.")
        return before &+ (padded[before] < value ? 1 : 0)
    }

    @inline(never)
    private static func searchedIndex(of value: Double, _ padded: UnsafePointer<Double>, _ boundaryCount: Int) -> Int {
        var start = 0
        var length = boundaryCount
        while length > window {
            let half = length &>> 1
            assert(start + half - 1 < boundaryCount, "Halving stays within the boundaries.")
            start = padded[start &+ half &- 1] < value ? start &+ half : start
            length = length &- half
        }
        let values = SIMD8(repeating: value)
        var place = UnsafeRawPointer(padded + start)
        var counts = SIMD8<Int64>()
        assert(start >= 0 && start + length <= boundaryCount, "The window begins at a boundary: eight infinities follow the last one.")
        while length > 0 {
            let isBelow = place.loadUnaligned(as: SIMD8<Double>.self) .< values
            // A true lane of the mask is -1.
            counts &-= unsafeBitCast(isBelow, to: SIMD8<Int64>.self)
            place += 64
            length = length &- 8
        }
        return start &+ Int(truncatingIfNeeded: counts.wrappedSum())
    }
}
