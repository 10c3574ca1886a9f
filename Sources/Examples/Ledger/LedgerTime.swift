// Times as the ledger stores, shows and reads them.

/// A time to the nanosecond, from 1970 to 2262, in UTC.
struct LedgerTime: Sendable, Hashable {
    let nanoseconds: Int

    /// Nil beyond the range of the column.
    init?(nanoseconds: UInt64) {
        guard let nanoseconds = Int(exactly: nanoseconds) else { return nil }
        self.nanoseconds = nanoseconds
    }

    init(stored nanoseconds: Int) {
        self.nanoseconds = nanoseconds
    }

    /// Reads `2026-01-17T09:30:00Z`, with a fraction of up to nine digits or without, or nanoseconds since 1970; nil for every other text.
    init?(_ text: String) {
        if let nanoseconds = UInt64(text) {
            self.init(nanoseconds: nanoseconds)
            return
        }
        let parts = text.split(omittingEmptySubsequences: false) { "-T:Z.".contains($0) }
        let shape = text.filter { !("0"..."9").contains($0) }
        guard ["--T::Z", "--T::.Z"].contains(shape), parts.prefix(6).map(\.count) == [4, 2, 2, 2, 2, 2], parts.last == "" else {
            return nil
        }
        let numbers = parts.prefix(6).compactMap { Int($0) }
        let fraction = shape.count == 7 ? parts[6] : "0"
        guard numbers.count == 6, (1...9).contains(fraction.count), let digits = Int(fraction) else { return nil }
        let (year, month, day, hour, minute, second) = (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5])
        guard (1970...2261).contains(year), (1...12).contains(month), hour < 24, minute < 60, second < 60, day >= 1,
            day <= Self.days(of: month, in: year)
        else { return nil }
        let days =
            (1970..<year).reduce(0) { $0 + (Self.isLeap($1) ? 366 : 365) } + (1..<month).reduce(0) { $0 + Self.days(of: $1, in: year) }
        let seconds = ((days + day - 1) * 24 + hour) * 3600 + minute * 60 + second
        self.init(stored: seconds * 1_000_000_000 + digits * Self.power(9 - fraction.count))
    }

    private static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    private static func days(of month: Int, in year: Int) -> Int {
        month == 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    private static func power(_ exponent: Int) -> Int { (0..<exponent).reduce(1) { power, _ in power * 10 } }
}

extension LedgerTime: CustomStringConvertible {
    /// The form of RFC 3339, with nine digits.
    var description: String {
        var (days, rest) = (nanoseconds / 86_400_000_000_000, nanoseconds % 86_400_000_000_000)
        var year = 1970
        while case let length = Self.isLeap(year) ? 366 : 365, days >= length { (days, year) = (days - length, year + 1) }
        var month = 1
        while case let length = Self.days(of: month, in: year), days >= length { (days, month) = (days - length, month + 1) }
        let fraction = rest % 1_000_000_000
        rest /= 1_000_000_000
        func digits(_ number: Int, _ count: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        return "\(digits(year, 4))-\(digits(month, 2))-\(digits(days + 1, 2))T"
            + "\(digits(rest / 3600, 2)):\(digits(rest / 60 % 60, 2)):\(digits(rest % 60, 2)).\(digits(fraction, 9))Z"
    }
}
