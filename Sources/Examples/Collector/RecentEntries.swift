// The bounded table behind the archives of the collector.

/// Entries by key; the oldest are removed when there are too many or they take too many bytes.
struct RecentEntries<Key: Hashable & Sendable, Entry: Sendable>: Sendable {
    /// The bytes of an entry's places in the tables, in addition to those that it counts itself.
    static var entryBytes: Int { 256 }

    let maximumCount: Int
    let maximumBytes: Int
    private(set) var byteCount = 0
    private(set) var forgottenCount = 0

    private struct Place: Sendable {
        var entry: Entry
        var byteCount: Int
        /// The number of the entry's item in `order`.
        var number: Int
    }

    private var places: [Key: Place] = [:]
    /// Keys in order of arrival. Items with another number than their entry's are obsolete.
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

    /// Changes an entry, a new one unless there is one by that key, and removes the oldest beyond the limits.
    ///
    /// - Parameter change: returns the number of bytes by which the entry has grown.
    mutating func modify(_ key: Key, _ fresh: @autoclosure () -> Entry, _ change: (inout Entry) -> Int) {
        if places[key] == nil {
            let number = append(key)
            places[key] = Place(entry: fresh(), byteCount: Self.entryBytes, number: number)
            byteCount += Self.entryBytes
        }
        // The entry is changed in place: a copy would copy all its elements.
        let growth = Self.grow(&places[key], change)
        byteCount += growth
        while places.count > maximumCount || byteCount > maximumBytes, places.count > 1 { removeOldest(except: key) }
    }

    private static func grow(_ place: inout Place?, _ change: (inout Entry) -> Int) -> Int {
        guard place != nil else { return 0 }
        let growth = change(&place!.entry)
        place!.byteCount += growth
        return growth
    }

    /// Makes an existing entry the newest one.
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

    private mutating func removeOldest(except kept: Key) {
        guard first < order.count else { return }
        let oldest = order[first]
        first += 1
        guard let place = places[oldest.key], place.number == oldest.number else { return }
        // The entry that has just grown is not removed for its growth.
        guard oldest.key != kept else { return renew(kept) }
        places[oldest.key] = nil
        byteCount -= place.byteCount
        forgottenCount += 1
    }
}
