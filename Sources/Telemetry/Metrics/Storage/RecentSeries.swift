// Hot: finds the series of a measurement by the bits of its attributes, without looking at their content.

/// The series that were last measured in one lane, by the words that their attributes consist of.
///
/// A string is two words, which hold its bytes or point to an object; a value is two words and a tag. Equal words are equal attributes, as
/// long as the objects that they point to are the same: the entries that are compared with are kept here or by the series. Attributes
/// made once, constants, and short strings have equal words at each call: a measurement then takes about 50 instructions for three attributes
/// to find its series, where hashing and comparing their content takes 240. Unequal words say nothing, and the content decides.
///
/// `@unchecked`: must be used with the lock of the lane held.
struct RecentSeries: @unchecked Sendable {
    typealias Entries = SeriesEquality.Entries

    private struct Slot {
        /// 0 if the slot is free.
        var key: UInt64 = 0
        var entries: UnsafePointer<(String, AttributeValue)>?
        /// The cell of the series in this lane; cells stay where they are.
        var cell: UnsafeMutableRawPointer?
        var count: Int32 = 0
        /// Whether the entries are a copy that the slot keeps, and not those of the record.
        var isOwner = false
    }

    /// A power of two; 128 KiB at most.
    private static let largestCapacity = 4096
    /// How many slots there are for each series, so that seldom more than two share a pair.
    private static let slotsForEach = 4
    /// Of the series that find their pair taken, one in so many is kept: if three take turns, two of them stay.
    private static let replacementInterval: UInt8 = 8

    private var slots: UnsafeMutablePointer<Slot>?
    private var mask = 0
    /// How many more sets of attributes are copied until the next collection, so that ever new strings do not cost an allocation each time.
    private var remainingCopies = 0
    private var refusals: UInt8 = 0

    /// Returns a number that equal words have in common and other words seldom; never 0.
    ///
    /// The keys are left out: series differ by their values.
    @inline(__always)
    static func key(of entries: Entries) -> UInt64 {
        var key = UInt64(truncatingIfNeeded: entries.count)
        guard var place = UnsafeRawPointer(entries.baseAddress) else { return 1 }
        for _ in 0..<entries.count {
            let (first, second) = (place.load(fromByteOffset: 16, as: UInt64.self), place.load(fromByteOffset: 24, as: UInt64.self))
            // The two multipliers are odd and without a pattern: the golden ratio and the root of two.
            key = (key &<< 23 | key &>> 41) &+ (first &* 0x9E37_79B9_7F4A_7C15) &+ (second &* 0x6A09_E667_F3BC_C909)
            place += stride
        }
        return (key ^ key &>> 29) | 1
    }

    /// Returns the cell of attributes that have the words of earlier ones; nil says nothing.
    @inline(__always)
    func find(_ key: UInt64, _ entries: Entries) -> UnsafeMutableRawPointer? {
        guard let slots else { return nil }
        let place = Self.place(of: key, mask)
        if slots[place].key == key, Self.isSame(slots[place], entries) { return slots[place].cell }
        if slots[place ^ 1].key == key, Self.isSame(slots[place ^ 1], entries) { return slots[place ^ 1].cell }
        return nil
    }

    @inline(__always)
    private static func place(of key: UInt64, _ mask: Int) -> Int { Int(truncatingIfNeeded: key &>> 32) & mask }

    @inline(__always)
    private static func isSame(_ slot: Slot, _ entries: Entries) -> Bool {
        guard Int(slot.count) == entries.count, let known = slot.entries else { return entries.count == 0 && slot.count == 0 }
        return haveSameWords(known, entries)
    }

    @inline(__always)
    private static func haveSameWords(_ known: UnsafePointer<(String, AttributeValue)>, _ entries: Entries) -> Bool {
        guard var one = UnsafeRawPointer(entries.baseAddress) else { return true }
        var other = UnsafeRawPointer(known)
        var difference = SIMD2<UInt64>()
        var tagDifference: UInt8 = 0
        for _ in 0..<entries.count {
            // 33 bytes: key, value, tag. What pads them to the next entry is not defined.
            difference |= one.load(as: SIMD2<UInt64>.self, at: 0) ^ other.load(as: SIMD2<UInt64>.self, at: 0)
            difference |= one.load(as: SIMD2<UInt64>.self, at: 16) ^ other.load(as: SIMD2<UInt64>.self, at: 16)
            tagDifference |= one.load(fromByteOffset: 32, as: UInt8.self) ^ other.load(fromByteOffset: 32, as: UInt8.self)
            one += stride
            other += stride
        }
        return difference[0] | difference[1] | UInt64(tagDifference) == 0
    }

    private static let stride = 40

    /// Whether the words are where they are looked for. Tests check it.
    static let areWordsKnown = MemoryLayout<(String, AttributeValue)>.size == 33 && MemoryLayout<(String, AttributeValue)>.stride == stride
}

extension RecentSeries {
    /// Keeps the cell of a series that was found by the content of these entries.
    ///
    /// - Parameter seriesCapacity: room for that many series, up to a limit.
    @inline(never)
    mutating func insert(
        _ key: UInt64, _ entries: Entries, _ record: UnsafeMutablePointer<SeriesRecord>, cell: UnsafeMutableRawPointer, seriesCapacity: Int
    ) {
        assert(record.pointee.entries.count == entries.count, "The series has these attributes.")
        guard Self.areWordsKnown, let slots = slots(for: seriesCapacity) else { return }
        let place = Self.place(of: key, mask)
        if slots[place].key != 0, slots[place ^ 1].key != 0 {
            refusals &+= 1
            if refusals % Self.replacementInterval != 0 { return }
        }
        var (known, isOwner) = (record.pointee.entries.baseAddress, false)
        if let own = known, !Self.haveSameWords(own, entries) {
            guard remainingCopies > 0 else { return }
            remainingCopies -= 1
            let copy = UnsafeMutableBufferPointer<(String, AttributeValue)>.allocate(capacity: entries.count)
            let end = copy.initialize(fromContentsOf: entries)
            assert(end == copy.endIndex, "All entries are copied.")
            (known, isOwner) = (UnsafePointer(copy.baseAddress), true)
        }
        let made = Slot(key: key, entries: known, cell: cell, count: Int32(entries.count), isOwner: isOwner)
        let isFirstTaken = slots[place].key != 0
        if isFirstTaken && slots[place ^ 1].key != 0 {
            // The latest is first of its pair, and the one before it second.
            Self.release(slots[place ^ 1])
            slots[place ^ 1] = slots[place]
            slots[place] = made
        } else {
            slots[isFirstTaken ? place ^ 1 : place] = made
        }
    }

    private mutating func slots(for seriesCapacity: Int) -> UnsafeMutablePointer<Slot>? {
        let capacity = min(Self.slotsForEach * seriesCapacity, Self.largestCapacity)
        assert(capacity & (capacity - 1) == 0, "The capacity is a power of two.")
        if let slots, mask + 1 >= capacity { return slots }
        deallocate()
        let made = UnsafeMutablePointer<Slot>.allocate(capacity: capacity)
        made.initialize(repeating: Slot(), count: capacity)
        slots = made
        mask = capacity - 1
        allowCopies()
        return made
    }

    /// Allows as many copies as there are slots, once more.
    mutating func allowCopies() { remainingCopies = slots == nil ? 0 : mask + 1 }

    /// Forgets all series; must be called before the record of one is freed.
    mutating func deallocate() {
        guard let slots else { return }
        for place in 0...mask { Self.release(slots[place]) }
        slots.deallocate()
        self.slots = nil
    }

    private static func release(_ slot: Slot) {
        guard slot.isOwner else { return }
        let copy = UnsafeMutableBufferPointer(mutating: UnsafeBufferPointer(start: slot.entries, count: Int(slot.count)))
        copy.deinitialize()
        copy.deallocate()
    }
}

extension UnsafeRawPointer {
    @inline(__always)
    fileprivate func load(as type: SIMD2<UInt64>.Type, at offset: Int) -> SIMD2<UInt64> {
        loadUnaligned(fromByteOffset: offset, as: SIMD2<UInt64>.self)
    }
}
