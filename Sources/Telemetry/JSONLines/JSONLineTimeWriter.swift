// Hot: formats times with a cache for the current second.

/// Writes times into lines of JSON.
///
/// Most records have the second of the record before, so its text without the fraction is cached.
struct JSONLineTimeWriter: Sendable {
    private var second: UInt64 = .max
    /// The text of the cached second with the quote before it, up to the fraction.
    private var date: [UInt8] = []

    /// The most that a time takes.
    static let longest = 40

    mutating func write(_ nanoseconds: UInt64, as style: JSONLineTime, to cursor: inout JSONCursor) {
        switch style {
        case .millisecondsSinceEpoch: cursor.unsigned(nanoseconds / 1_000_000)
        case .nanosecondsSinceEpoch: cursor.unsigned(nanoseconds)
        case .secondsSinceEpoch(let digits):
            cursor.unsigned(nanoseconds / 1_000_000_000)
            Self.writeFraction(of: nanoseconds, digits: digits, to: &cursor)
        case .rfc3339(let digits):
            let second = nanoseconds / 1_000_000_000
            if second != self.second {
                self.second = second
                date = Array("\"\(CivilDate(secondsSinceEpoch: Int(second)).iso8601.dropLast())".utf8)
            }
            date.withUnsafeBytes { cursor.copy($0) }
            Self.writeFraction(of: nanoseconds, digits: digits, to: &cursor)
            cursor.byte(UInt8(ascii: "Z"))
            cursor.byte(UInt8(ascii: "\""))
        }
    }

    /// Writes a point and the first digits of the fraction; nothing for no digits.
    private static func writeFraction(of nanoseconds: UInt64, digits: Int, to cursor: inout JSONCursor) {
        let digits = max(0, min(digits, 9))
        guard digits > 0 else { return }
        var rest = nanoseconds % 1_000_000_000
        for _ in digits..<9 { rest /= 10 }
        cursor.byte(UInt8(ascii: "."))
        cursor.digits(rest, count: digits)
    }
}
