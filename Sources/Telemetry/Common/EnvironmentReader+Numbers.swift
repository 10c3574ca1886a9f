// Numbers and durations in environment variables.

extension EnvironmentReader {
    /// Returns a whole number in a range; nil if the variable is unset, or has no such value, which is reported.
    public func integer(_ name: String, in range: ClosedRange<Int>) -> Int? {
        value([name], expected: { _ in Self.expectation(range) }, else: (nil, Self.unset)) {
            Self.integer($0, in: range).map(Optional.some)
        }
    }

    /// Returns a whole number in a range, or the default if the variable is unset, or has no such value, which is reported.
    public func integer(_ name: String, in range: ClosedRange<Int>, default number: Int) -> Int {
        value([name], expected: { _ in Self.expectation(range) }, else: (number, "\(number) is used")) { Self.integer($0, in: range) }
    }

    /// Returns a number in a range; nil if the variable is unset, or has no such value, which is reported.
    public func number(_ name: String, in range: ClosedRange<Double>) -> Double? {
        value([name], expected: { _ in Self.expectation(range) }, else: (nil, Self.unset)) { Self.number($0, in: range).map(Optional.some) }
    }

    /// Returns a number in a range, or the default if the variable is unset, or has no such value, which is reported.
    ///
    /// - Parameter meaning: what the default means, for the report.
    public func number(_ name: String, in range: ClosedRange<Double>, default number: Double, meaning: String? = nil) -> Double {
        let used = "\(number) is used\(meaning.map { ": \($0)" } ?? "")"
        return value([name], expected: { _ in Self.expectation(range) }, else: (number, used)) { Self.number($0, in: range) }
    }

    /// Returns a duration, which the variable gives in whole milliseconds; nil if it is unset, or has no such value, which is reported.
    public func duration(_ name: String) -> Duration? {
        value([name], expected: { Self.expectation($0, 0) }, else: (nil, Self.unset)) { Self.milliseconds($0).map(Optional.some) }
    }

    /// Returns a duration, which the variable gives in whole milliseconds, or the default if it is unset, or has no such value, which is
    /// reported.
    ///
    /// - Parameter least: the least number of milliseconds.
    public func duration(_ name: String, atLeast least: Int = 0, default duration: Duration) -> Duration {
        value([name], expected: { Self.expectation($0, least) }, else: (duration, Self.use(of: duration))) {
            Self.milliseconds($0, atLeast: least)
        }
    }

    /// Returns the duration of the first variable that has one in whole milliseconds, where 0 means no limit: some thirty years.
    func timeout(_ names: String..., default duration: Duration) -> Duration {
        value(names[...], expected: { Self.expectation($0, 0) }, else: (duration, Self.use(of: duration))) {
            Self.milliseconds($0).map { $0 == .zero ? .seconds(1_000_000_000) : $0 }
        }
    }

    private static let unset = "it counts as not set"
    private static let mostMilliseconds = Int.max / 1_000_000

    private static func integer(_ text: String, in range: ClosedRange<Int>) -> Int? {
        Int(text).flatMap { range.contains($0) ? $0 : nil }
    }

    private static func number(_ text: String, in range: ClosedRange<Double>) -> Double? {
        Double(text).flatMap { range.contains($0) ? $0 : nil }
    }

    private static func milliseconds(_ text: String, atLeast least: Int = 0) -> Duration? {
        integer(text, in: least...mostMilliseconds).map { .milliseconds($0) }
    }

    private static func expectation(_ range: ClosedRange<Int>) -> String {
        "a whole number from \(range.lowerBound)" + (range.upperBound == .max ? "" : " to \(range.upperBound)")
    }

    private static func expectation(_ range: ClosedRange<Double>) -> String {
        "a number from \(range.lowerBound) to \(range.upperBound)"
    }

    /// Returns what is expected of milliseconds; only a number that is too large needs their upper bound.
    private static func expectation(_ text: String, _ least: Int) -> String {
        let isTooLarge =
            !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) } && Int(text).map { $0 > mostMilliseconds } ?? true
        return "milliseconds, a whole number from \(least)" + (isTooLarge ? " to \(mostMilliseconds)" : "")
    }

    private static func use(of duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        return "\(seconds * 1000 + attoseconds / 1_000_000_000_000_000) is used"
    }
}
