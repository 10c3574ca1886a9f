// What callbacks observed before, for readers of changes.

/// The last numbers that were observed, by attributes: without them the change of each is unknown.
///
/// A series that moves between its own place and the overflow has its earlier number here all the time. The number of entries is
/// bounded; those that were not observed for the longest time are forgotten first, and start from zero when they return.
struct EarlierValues: Sendable {
    /// Far more than one metric should have, and less than one callback may observe at once; twice the cardinality limit if that is more.
    static let capacity = 100_000

    private struct Entry {
        let number: MetricNumber
        let round: Int
    }

    private let capacity: Int
    private var entries: [SeriesKey: Entry] = [:]
    /// The round in which everything that is kept was observed: nothing can be forgotten before the next one.
    private var fullRound: Int?

    init(capacity: Int = Self.capacity) {
        self.capacity = capacity
    }

    /// The number of a series, if it is known.
    func number(of key: SeriesKey) -> MetricNumber? { entries[key]?.number }

    /// Keeps the number that a series had in a round; false when there is no room for it.
    mutating func keep(_ number: MetricNumber, of key: SeriesKey, round: Int) -> Bool {
        if entries.count >= capacity, entries[key] == nil, !makeRoom(in: round) { return false }
        entries[key] = Entry(number: number, round: round)
        return true
    }

    /// Forgets a quarter of the series that were not observed in this round, the longest absent ones first.
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
