// Hot: a number for each of many traces.

/// Numbers traces in the order in which they are first seen.
struct TraceSlots {
    private(set) var keys: [TraceKey] = []
    /// The numbers by hash, with open addressing; -1 for a free place.
    private var places: [Int32]

    init(capacity: Int = 64) {
        var size = 128
        while size < capacity * 2 { size *= 2 }
        places = [Int32](repeating: -1, count: size)
    }

    var count: Int { keys.count }

    @inline(__always)
    func find(_ key: TraceKey) -> Int? {
        var place = Int(truncatingIfNeeded: Self.hash(key)) & (places.count &- 1)
        while true {
            let slot = Int(places[place])
            if slot < 0 { return nil }
            if keys[slot].low == key.low, keys[slot].high == key.high { return slot }
            place = (place &+ 1) & (places.count &- 1)
        }
    }

    @inline(__always)
    mutating func slot(_ key: TraceKey) -> Int {
        if let known = find(key) { return known }
        return add(key)
    }

    /// Both halves count: senders may have put what they like into either.
    @inline(__always)
    private static func hash(_ key: TraceKey) -> UInt64 { ByteHash.hash(ByteHash.hash(key.high) ^ key.low) }

    private mutating func add(_ key: TraceKey) -> Int {
        if keys.count * 2 >= places.count { grow() }
        let slot = keys.count
        keys.append(key)
        put(slot)
        return slot
    }

    private mutating func put(_ slot: Int) {
        var place = Int(truncatingIfNeeded: Self.hash(keys[slot])) & (places.count &- 1)
        while places[place] >= 0 { place = (place &+ 1) & (places.count &- 1) }
        places[place] = Int32(slot)
    }

    private mutating func grow() {
        places = [Int32](repeating: -1, count: places.count * 4)
        for slot in keys.indices { put(slot) }
    }
}
