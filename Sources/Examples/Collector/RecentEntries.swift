// What came last, within a number of entries and of bytes; the oldest make room.

/// Entries by key, of which the oldest are forgotten when they are too many or take too many bytes.
struct RecentEntries<Key: Hashable & Sendable, Entry: Sendable>: Sendable {
    /// What an entry takes besides what it counts itself: its places in the tables.
    static var entryBytes: Int { 256 }

    let maximumCount: Int
    let maximumBytes: Int
    private(set) var byteCount = 0
    private(set) var forgottenCount = 0

    private struct Place: Sendable {
        var entry: Entry
        var byteCount: Int
        /// Which of the places in `order` is its own.
        var number: Int
    }

    private var places: [Key: Place] = [:]
    /// In order of arrival; those whose numbers are not their entries' are left over.
    private var order: [(key: Key, number: Int)] = []
    private var first = 0
    private var number = 0

    init(maximumCount: Int, maximumBytes: Int) {
        precondition(maximumCount > 0 && maximumBytes > 0, "There is room for at least one entry.")
        self.maximumCount = maximumCount
        self.maximumBytes = maximumBytes
    }

    var count: Int { places.count }

    subscript(key: Key) -> Entry? { places[key]?.entry }

    /// All entries, oldest first.
    var entries: [Entry] {
        order[first...].compactMap { item in
            guard let place = places[item.key], place.number == item.number else { return nil }
            return place.entry
        }
    }

    /// Changes an entry; where there is none, it begins with `fresh`.
    ///
    /// - Parameter change: returns how many bytes the entry has grown by.
    mutating func modify(_ key: Key, _ fresh: @autoclosure () -> Entry, _ change: (inout Entry) -> Int) {
        if places[key] == nil {
            let number = append(key)
            places[key] = Place(entry: fresh(), byteCount: Self.entryBytes, number: number)
            byteCount += Self.entryBytes
        }
        // In its place: a copy would copy all that the entry holds.
        let growth = Self.grow(&places[key], change)
        byteCount += growth
        while places.count > maximumCount || byteCount > maximumBytes, places.count > 1 { forgetOldest(but: key) }
    }

    private static func grow(_ place: inout Place?, _ change: (inout Entry) -> Int) -> Int {
        guard place != nil else { return 0 }
        let growth = change(&place!.entry)
        place!.byteCount += growth
        return growth
    }

    /// Makes an entry that is there the newest one.
    mutating func renew(_ key: Key) {
        guard places[key] != nil else { return }
        let number = append(key)
        places[key]?.number = number
    }

    private mutating func append(_ key: Key) -> Int {
        if first > 64 + places.count || order.count > 64 + 4 * places.count {
            order = order[first...].filter { places[$0.key]?.number == $0.number }
            first = 0
        }
        number += 1
        order.append((key, number))
        return number
    }

    private mutating func forgetOldest(but kept: Key) {
        guard first < order.count else { return }
        let oldest = order[first]
        first += 1
        guard let place = places[oldest.key], place.number == oldest.number else { return }
        // What has just grown is not forgotten for it.
        guard oldest.key != kept else { return renew(kept) }
        places[oldest.key] = nil
        byteCount -= place.byteCount
        forgottenCount += 1
    }
}
