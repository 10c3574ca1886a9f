// Remembers which traces have lost spans.

/// How many spans of which traces have made room for later ones, for the last traces that lost some.
struct EvictedSpans: Sendable {
    /// Traces that are remembered; a trace that lost spans so long ago has nothing left to be shown.
    private static let capacity = 65_536

    private var traces: [UInt64] = []
    private var numbers: [UInt32] = []
    /// The place of the oldest entry once there are as many as are remembered.
    private var next = 0

    mutating func add(_ counts: [UInt64: Int]) {
        for (trace, count) in counts {
            let number = UInt32(clamping: count)
            if traces.count < Self.capacity {
                traces.append(trace)
                numbers.append(number)
            } else {
                traces[next] = trace
                numbers[next] = number
                next = (next + 1) % Self.capacity
            }
        }
    }

    /// The counts by the last eight bytes of the trace's identifier.
    var counts: [UInt64: Int] {
        var counts: [UInt64: Int] = [:]
        counts.reserveCapacity(traces.count)
        for (trace, number) in zip(traces, numbers) { counts[trace, default: 0] += Int(number) }
        return counts
    }
}
