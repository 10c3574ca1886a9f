// The figures of calls: how many, how many failed, how long they took.

/// The numbers of calls of one kind: how many, how many failed, and how long they took.
struct CallFigures {
    /// How many calls the spans stand for.
    private(set) var calls = 0.0
    private(set) var errors = 0.0
    private(set) var last: UInt64 = 0
    private(set) var durations = WeightedDurations()

    mutating func add(duration: UInt64, weight: Float, isError: Bool, end: UInt64) {
        calls += Double(weight)
        if isError { errors += Double(weight) }
        last = max(last, end)
        if duration != SpanBlock.open { durations.add(duration, weight: Double(weight)) }
    }

    var errorRate: Double { calls > 0 ? errors / calls : 0 }
}
