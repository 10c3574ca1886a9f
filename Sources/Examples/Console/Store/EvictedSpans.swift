// Remembers which traces have lost spans.

/// The traces of the last spans that have made room for later ones.
///
/// The columns of evicted blocks are kept as they are: counting by trace costs a query, which needs few traces, less than it would cost each span.
struct EvictedSpans: Sendable {
    /// Spans that are remembered; a trace that lost spans so long ago has nothing left to be shown.
    private static let capacity = 131_072

    /// The last eight bytes of the identifiers of traces, one list for each evicted block, the oldest first.
    private var lists: [[UInt64]] = []
    private var count = 0

    mutating func add(_ traces: [UInt64]) {
        guard !traces.isEmpty else { return }
        lists.append(traces)
        count += traces.count
        while count > Self.capacity, lists.count > 1 { count -= lists.removeFirst().count }
    }

    /// Returns how many spans of each of these traces are gone, as far as it is known.
    func counts(of traces: [TraceKey]) -> [Int] {
        var counts = [Int](repeating: 0, count: traces.count)
        guard count > 0, !traces.isEmpty else { return counts }
        // Only these eight bytes are known, by which traces are told apart here.
        var slots = TraceSlots(capacity: traces.count)
        let numbers = traces.map { slots.slot(TraceKey(high: 0, low: $0.low)) }
        var found = [Int](repeating: 0, count: slots.count)
        for list in lists {
            for low in list {
                if let slot = slots.find(TraceKey(high: 0, low: low)) { found[slot] += 1 }
            }
        }
        for (place, number) in numbers.enumerated() { counts[place] = found[number] }
        return counts
    }
}
