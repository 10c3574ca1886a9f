// Finds the newest traces that have a span as searched for.

/// A search for traces over blocks of spans.
struct TraceSearch {
    struct Result {
        var traces: [TraceSummary] = []
        /// Traces that match, beyond those that are returned too.
        var matched = 0
        /// Spans that were looked at.
        var scanned = 0
        /// Whether the time was up before all spans were looked at.
        var isPartial = false
        /// The place after which the next page begins; nil at the end.
        var next: ListPlace?
    }

    let blocks: [SpanBlock]
    let term: SearchTerm
    let window: TimeWindow
    let runs: RunNames
    /// Spans of a trace that have made room for later ones.
    let evicted: EvictedSpans

    /// Returns the newest traces that started before a place.
    func newest(_ limit: Int, before place: ListPlace?, within duration: Duration) -> Result {
        var deadline = QueryDeadline(duration)
        var slots = TraceSlots(capacity: 1_024)
        find(&slots, &deadline)
        let starts = self.starts(slots)
        var result = Result()
        var newest = NewestItems<Int>(limit: limit)
        for (slot, key) in slots.keys.enumerated() where window.contains(starts[slot]) {
            result.matched += 1
            let at = ListPlace(time: starts[slot], number: key.high, second: key.low)
            if place.map({ at < $0 }) ?? true { newest.offer(at, slot) }
        }
        let (chosen, next) = newest.take()
        result.traces = summaries(chosen.map { slots.keys[$0.item] })
        result.next = next
        result.scanned = deadline.scanned
        result.isPartial = deadline.hasPassed
        return result
    }

    /// Numbers the traces that have a matching span.
    private func find(_ slots: inout TraceSlots, _ deadline: inout QueryDeadline) {
        for block in blocks.reversed() {
            let filter = ItemFilter(term, block, runs: runs.numbers)
            if filter.takesNone { continue }
            if filter.takesAll {
                guard deadline.counts(block.count) else { return }
                for key in block.traces.keys { _ = slots.slot(key) }
                continue
            }
            // One span is enough for a trace: its others are not looked at.
            var isFound = [Bool](repeating: false, count: block.traces.count)
            defer { for (number, key) in block.traces.keys.enumerated() where isFound[number] { _ = slots.slot(key) } }
            for row in 0..<block.count {
                guard deadline.countsRow() else { return }
                let trace = Int(block.trace[row])
                if !isFound[trace], filter.passes(row) { isFound[trace] = true }
            }
        }
    }

    /// Returns when each trace started, by all of its spans.
    private func starts(_ slots: TraceSlots) -> [UInt64] {
        var starts = [UInt64](repeating: .max, count: slots.count)
        guard slots.count > 0 else { return starts }
        for block in blocks {
            for (number, key) in block.traces.keys.enumerated() {
                guard let slot = slots.find(key) else { continue }
                starts[slot] = min(starts[slot], block.traceStarts[number])
            }
        }
        return starts
    }

    private func summaries(_ keys: [TraceKey]) -> [TraceSummary] {
        guard !keys.isEmpty else { return [] }
        return TraceSpans.collect(keys, blocks, evicted: evicted).map { TraceSummary($0, runs: runs) }
    }
}
