// Numbers of some of many records, evenly chosen.

/// Numbers by place, of each record at first, and of each second, fourth… when there are many.
struct NumberSample {
    static let maximum = 8_192

    private var stride = 1
    private var seen = 0
    private var kept: [(turn: Int, place: Int, number: Double)] = []

    /// Counts a record; true if its number is to be read.
    mutating func wantsNext() -> Bool {
        defer { seen += 1 }
        return seen % stride == 0
    }

    /// Takes the number of the record that was counted last.
    mutating func add(_ number: Double, at place: Int) {
        kept.append((seen - 1, place, number))
        guard kept.count >= Self.maximum else { return }
        stride *= 2
        kept.removeAll { $0.turn % stride != 0 }
    }

    /// The share of the records that was looked at is one of this number.
    var oneOf: Int { stride }

    /// The numbers by place, in rising order.
    var numbers: [Int: [Double]] { Dictionary(grouping: kept, by: \.place).mapValues { $0.map(\.number).sorted() } }
}
