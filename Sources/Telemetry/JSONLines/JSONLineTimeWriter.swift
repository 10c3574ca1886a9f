// Hot: formats times with a cache for the current second.

/// Writes times into lines of JSON.
///
/// Most records have the second of the record before, so its text without the fraction is cached.
struct JSONLineTimeWriter: Sendable {
    private var second: UInt64 = .max
    /// The text of the cached second with its opening quote, without the zone.
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
            let second = nanoseconds / 1_000_000_000
            if second != self.second {
                self.second = second
                date = Array("\"\(CivilDate(secondsSinceEpoch: Int(second)).iso8601.dropLast())".utf8)
            }
            text.removeAll(keepingCapacity: true)
            text.append(contentsOf: date)
            if digits > 0 { appendFraction(of: nanoseconds, digits: digits) }
            text.append(UInt8(ascii: "Z"))
            text.append(UInt8(ascii: "\""))
            writer.append(encoded: text)
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
