// Finds attributes of an item that has many.

/// Where the attributes of an item under construction lie, by the hashes of their keys.
///
/// Without it a key that may be known is compared with all others, so that the time for all grows with the square of their number.
final class AttributeIndex {
    /// The attributes from which on an item may have an index.
    static let leastCount: Int32 = 16
    /// The searches without an index after which it is made.
    static let leastSearches: UInt8 = 4

    /// The upper half of a hash, and where the attribute begins, plus one; 0 where there is none. Linear probing, at most half full.
    private var slots = [UInt64](repeating: 0, count: 64)
    /// Leaves as many bits of a hash as a place has: the upper ones, which depend on all bytes that the hash does.
    private var shift: UInt64 = 58
    private var count = 0
    /// Where the bytes begin that are not in the index yet.
    private var end = 0

    /// Returns where an attribute begins whose key has the hash, and which is accepted.
    @inline(__always)
    func position(of hash: UInt64, where isWanted: (Int) -> Bool) -> Int? {
        var place = place(hash)
        while slots[place] != 0 {
            if slots[place] >> 32 == hash >> 32 {
                let position = Int(truncatingIfNeeded: slots[place] & 0xFFFF_FFFF) - 1
                if isWanted(position) { return position }
            }
            place = (place + 1) & (slots.count - 1)
        }
        return nil
    }

    /// Adds the attributes that were appended since the last time.
    ///
    /// - Parameter next: returns the hash of the key of the attribute that begins at a position, if one does, and where the next field begins.
    func update(to end: Int, _ next: (Int) -> (hash: UInt64?, next: Int)) {
        while self.end < end {
            let field = next(self.end)
            if let hash = field.hash { insert(hash, at: self.end) }
            self.end = field.next
        }
    }

    /// Moves what lies behind a position, where the value of an attribute has become longer or shorter.
    func move(after position: Int, by distance: Int) {
        guard distance != 0 else { return }
        end += distance
        for place in slots.indices where Int(truncatingIfNeeded: slots[place] & 0xFFFF_FFFF) - 1 > position {
            slots[place] = UInt64(bitPattern: Int64(bitPattern: slots[place]) + Int64(distance))
        }
    }

    private func place(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash >> shift) }

    private func insert(_ hash: UInt64, at position: Int) {
        assert(position < UInt32.max, "An item has less than 4 GiB.")
        if count * 2 >= slots.count { grow() }
        put((hash & ~0xFFFF_FFFF) | UInt64(truncatingIfNeeded: position + 1))
        count += 1
    }

    private func put(_ slot: UInt64) {
        var place = place(slot)
        while slots[place] != 0 { place = (place + 1) & (slots.count - 1) }
        slots[place] = slot
    }

    private func grow() {
        let old = slots
        slots = [UInt64](repeating: 0, count: old.count * 2)
        shift -= 1
        for slot in old where slot != 0 { put(slot) }
    }
}
