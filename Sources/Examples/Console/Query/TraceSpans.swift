// The spans of a trace, each once, from whatever blocks they lie in.

/// The kept spans of one trace.
struct TraceSpans {
    /// Where a span lies: the number of its block, and its row.
    struct Place {
        let block: Int
        let row: Int
    }

    let key: TraceKey
    let blocks: [SpanBlock]
    /// In the order of their start times.
    private(set) var places: [Place] = []
    /// Spans that were received again, and are left out here.
    private(set) var duplicates = 0
    /// Spans that have made room for later ones.
    let evicted: Int

    /// Returns the spans of traces, in the order of the keys.
    static func collect(_ keys: [TraceKey], _ blocks: [SpanBlock], evicted: EvictedSpans) -> [TraceSpans] {
        var slots = TraceSlots(capacity: keys.count)
        for key in keys { _ = slots.slot(key) }
        var found = [[Place]](repeating: [], count: keys.count)
        for (number, block) in blocks.enumerated() {
            // The number of each wanted trace, by its number in the block.
            var wanted = [Int32](repeating: -1, count: block.traces.count)
            var hasAny = false
            for (slot, key) in slots.keys.enumerated() {
                guard let trace = block.traces.find(key) else { continue }
                wanted[trace] = Int32(slot)
                hasAny = true
            }
            guard hasAny else { continue }
            for row in 0..<block.count {
                let slot = Int(wanted[Int(block.trace[row])])
                if slot >= 0 { found[slot].append(Place(block: number, row: row)) }
            }
        }
        let lost = evicted.counts(of: keys)
        return keys.indices.map { TraceSpans(keys[$0], blocks, found[$0], evicted: lost[$0]) }
    }

    private init(_ key: TraceKey, _ blocks: [SpanBlock], _ found: [Place], evicted: Int) {
        self.key = key
        self.blocks = blocks
        self.evicted = evicted
        var numbers: [UInt64: Int] = [:]
        numbers.reserveCapacity(found.count)
        for place in found {
            let id = blocks[place.block].spanID[place.row]
            guard let known = numbers[id] else {
                numbers[id] = places.count
                places.append(place)
                continue
            }
            duplicates += 1
            // A span that has ended says more than the same one that had not, and the later one more than the earlier one.
            let isOpen = blocks[place.block].duration[place.row] == SpanBlock.open
            if !isOpen || self.isOpen(places[known]) { places[known] = place }
        }
        let order = places.map { (place: $0, start: start($0), end: end($0)) }
        places = order.sorted { $0.start == $1.start ? $0.end > $1.end : $0.start < $1.start }.map(\.place)
    }

    func start(_ place: Place) -> UInt64 { blocks[place.block].start[place.row] }

    /// When a span ended; its start if it has not.
    func end(_ place: Place) -> UInt64 {
        let (start, duration) = (self.start(place), blocks[place.block].duration[place.row])
        guard duration != SpanBlock.open else { return start }
        let (end, overflow) = start.addingReportingOverflow(duration)
        return overflow ? .max : end
    }

    func isOpen(_ place: Place) -> Bool { blocks[place.block].duration[place.row] == SpanBlock.open }

    func id(_ place: Place) -> UInt64 { blocks[place.block].spanID[place.row] }

    func parent(_ place: Place) -> UInt64 { blocks[place.block].parent[place.row] }

    /// Which spans begin a tree of their own though they have a parent: it is not kept, or it is below the span itself.
    var orphans: [Bool] {
        var numbers: [UInt64: Int] = [:]
        numbers.reserveCapacity(places.count)
        for (number, place) in places.enumerated() { numbers[id(place)] = number }
        let parents = places.map { parent($0) == 0 ? nil : numbers[parent($0)] }
        var orphans = places.indices.map { parent(places[$0]) != 0 && parents[$0] == nil }
        // Each span is followed upwards until a span that was seen before: in the same walk it closes a circle.
        var seen = [Int](repeating: -1, count: places.count)
        for start in places.indices {
            var number = start
            while seen[number] < 0 {
                seen[number] = start
                guard let parent = parents[number] else { break }
                if seen[parent] == start {
                    // Of the spans of the circle the first one that is met begins the tree.
                    orphans[parent] = true
                    break
                }
                number = parent
            }
        }
        return orphans
    }
}
