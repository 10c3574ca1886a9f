// A time as queries and agents write it.

import Telemetry

/// Reads times: nanoseconds since 1970, `now`, or a time before now such as `-15m`.
enum QueryTime {
    private static let units: [Character: UInt64] = [
        "s": 1_000_000_000, "m": 60_000_000_000, "h": 3_600_000_000_000, "d": 86_400_000_000_000,
    ]

    /// Returns the time that a text names, up to the largest that signed numbers have, in the year 2262; nil if it names none.
    ///
    /// A time before 1970 is 1970.
    static func read(_ text: String, now: UInt64) -> UInt64? {
        if text == "now" { return now }
        guard text.hasPrefix("-") else { return number(text[...], digits: 19).flatMap { $0 <= UInt64(Int64.max) ? $0 : nil } }
        guard let unit = text.last.flatMap({ units[$0] }), let number = number(text.dropFirst().dropLast(), digits: 9) else { return nil }
        let (nanoseconds, overflow) = number.multipliedReportingOverflow(by: unit)
        return overflow || nanoseconds > now ? 0 : now - nanoseconds
    }

    private static func number(_ text: Substring, digits: Int) -> UInt64? {
        text.utf8.count <= digits && text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt64(text) : nil
    }
}
