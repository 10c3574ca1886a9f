// Times as the ledger stores, shows and reads them.

import Telemetry

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
        let date = CivilDate(
            year: numbers[0], month: numbers[1], day: numbers[2], hour: numbers[3], minute: numbers[4], second: numbers[5])
        let seconds = date.secondsSinceEpoch
        // A month without that day, and an hour beyond 23, would be another time than the one that is written.
        guard (1970...2261).contains(date.year), CivilDate(secondsSinceEpoch: seconds) == date else { return nil }
        self.init(stored: seconds * 1_000_000_000 + digits * Self.power(9 - fraction.count))
    }

    private static func power(_ exponent: Int) -> Int { (0..<exponent).reduce(1) { power, _ in power * 10 } }
}

extension LedgerTime: CustomStringConvertible {
    /// The form of RFC 3339, with nine digits.
    var description: String {
        let (seconds, fraction) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        let digits = String(fraction)
        return CivilDate(secondsSinceEpoch: seconds).iso8601.dropLast() + "." + String(repeating: "0", count: 9 - digits.count) + digits
            + "Z"
    }
}
