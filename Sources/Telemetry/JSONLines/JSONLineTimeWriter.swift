// Hot: formats times with a cache for the current second.

/// Writes times into lines of JSON.
///
/// Most records have the second of the record before, so its text without the fraction is cached.
struct JSONLineTimeWriter: Sendable {
    private var second: UInt64 = .max
    private var digits = 0
    /// The text of the cached second with its quotes, and with the fraction of the time that was written last.
    private var date: [UInt8] = []
    private var text: [UInt8] = []

    mutating func write(_ nanoseconds: UInt64, as style: JSONLineTime, to writer: inout JSONWriter) {
        switch style {
        case .millisecondsSinceEpoch: writer.value(nanoseconds / 1_000_000)
        case .nanosecondsSinceEpoch: writer.value(nanoseconds)
        case .secondsSinceEpoch(let digits):
            guard digits > 0 else { return writer.value(nanoseconds / 1_000_000_000) }
            text.removeAll(keepingCapacity: true)
            text.append(contentsOf: String(nanoseconds / 1_000_000_000).utf8)
            appendFraction(of: nanoseconds, digits: digits)
            writer.append(encoded: text)
        case .rfc3339(let digits):
            let digits = max(0, min(digits, 9))
            let second = nanoseconds / 1_000_000_000
            if second != self.second || digits != self.digits {
                (self.second, self.digits) = (second, digits)
                let fraction = digits > 0 ? "." + String(repeating: "0", count: digits) : ""
                date = Array("\"\(CivilDate(secondsSinceEpoch: Int(second)).iso8601.dropLast())\(fraction)Z\"".utf8)
            }
            writeFraction(of: nanoseconds)
            date.withUnsafeBytes { writer.append(encoded: $0) }
        }
    }

    /// Writes the digits of the fraction over those of the time before.
    private mutating func writeFraction(of nanoseconds: UInt64) {
        var rest = nanoseconds % 1_000_000_000
        for _ in digits..<9 { rest /= 10 }
        // Behind the fraction are the zone and the closing quote.
        var place = date.count - 2
        for _ in 0..<digits {
            place -= 1
            date[place] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
    }

    /// Writes a point and the first digits of the fraction.
    private mutating func appendFraction(of nanoseconds: UInt64, digits: Int) {
        text.append(UInt8(ascii: "."))
        var rest = nanoseconds % 1_000_000_000
        var unit: UInt64 = 100_000_000
        for _ in 0..<min(digits, 9) {
            text.append(UInt8(ascii: "0") + UInt8(rest / unit))
            rest %= unit
            unit /= 10
        }
    }
}
