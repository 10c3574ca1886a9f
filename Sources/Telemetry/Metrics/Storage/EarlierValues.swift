// Bounded memory for the differences that delta temporality exports.

/// The last observations by attributes, from which the next changes are computed.
///
/// A series that moves between its own point and the overflow keeps its earlier number here. The number of entries is bounded; those that
/// were not observed for the longest time are dropped first, and start from zero when they return.
struct EarlierValues: Sendable {
    /// The default capacity. The limit is twice the cardinality limit if that is more.
    ///
    /// It is more than one metric should have, and less than one callback may observe at once.
    static let capacity = 100_000

    private struct Entry {
        let number: MetricNumber
        let round: Int
    }

    private let capacity: Int
    private var entries: [SeriesKey: Entry] = [:]
    /// The round in which every entry was observed: none can be dropped before the next round.
    private var fullRound: Int?

    init(capacity: Int = Self.capacity) {
        self.capacity = capacity
    }

    /// Returns the earlier number of a series; nil if it is unknown.
    func number(of key: SeriesKey) -> MetricNumber? { entries[key]?.number }

    /// Keeps the number of a series in a round; returns false if there is no room for it.
    mutating func keep(_ number: MetricNumber, of key: SeriesKey, round: Int) -> Bool {
        if entries.count >= capacity, entries[key] == nil, !makeRoom(in: round) { return false }
        entries[key] = Entry(number: number, round: round)
        assert(entries.count <= capacity, "The number of entries is bounded.")
        return true
    }

    /// Drops a quarter of the series not observed in this round, those absent for the longest time first.
    private mutating func makeRoom(in round: Int) -> Bool {
        guard fullRound != round else { return false }
        let absent = entries.filter { $0.value.round != round }.sorted { $0.value.round < $1.value.round }
        guard !absent.isEmpty else {
            fullRound = round
            return false
        }
        for (key, _) in absent.prefix(max(1, absent.count / 4)) { entries[key] = nil }
        return true
    }
}
