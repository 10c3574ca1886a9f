// Picks the newest of many.

/// The place of an item in a list that has the newest first. Items of the same time are told apart by a number of their own.
struct ListPlace: Comparable, Sendable {
    var time: UInt64
    var number: UInt64
    /// Tells apart what has the same number.
    var second: UInt64 = 0

    static func < (left: ListPlace, right: ListPlace) -> Bool {
        (left.time, left.number, left.second) < (right.time, right.number, right.second)
    }

    /// The text after which a list goes on.
    var text: String { "\(time)-\(String(number, radix: 16))-\(String(second, radix: 16))" }

    init(time: UInt64, number: UInt64, second: UInt64 = 0) {
        self.time = time
        self.number = number
        self.second = second
    }

    /// Reads the text of a place.
    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, let time = UInt64(parts[0]), let number = HexadecimalText.number(parts[1]),
            let second = HexadecimalText.number(parts[2])
        else { return nil }
        self.init(time: time, number: number, second: second)
    }
}

/// Keeps the newest of the items that it is offered, in memory for a few times as many.
struct NewestItems<Item> {
    let limit: Int
    /// Whether more were offered than are kept.
    private(set) var hasMore = false
    private var kept: [(place: ListPlace, item: Item)] = []
    /// Nothing older is kept any more.
    private var oldest: ListPlace?

    init(limit: Int) {
        self.limit = limit
    }

    mutating func offer(_ place: ListPlace, _ item: @autoclosure () -> Item) {
        if let oldest, place < oldest {
            hasMore = true
            return
        }
        kept.append((place, item()))
        if kept.count >= 4 * limit + 64 { trim() }
    }

    private mutating func trim() {
        kept.sort { $0.place > $1.place }
        guard kept.count > limit else { return }
        hasMore = true
        kept.removeLast(kept.count - limit)
        oldest = kept.last?.place
    }

    /// Returns the items, newest first, and the place of the last one if there are more.
    mutating func take() -> (items: [(place: ListPlace, item: Item)], next: ListPlace?) {
        trim()
        return (kept, hasMore ? kept.last?.place : nil)
    }
}
