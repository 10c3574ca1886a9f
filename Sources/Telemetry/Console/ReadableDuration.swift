// Writes a duration as a person says it: three digits and a fitting unit.

/// A duration as text: `250 ns`, `1.25 ms`, `12.5 s`, `2 min 05 s`.
enum ReadableDuration {
    static func text(nanoseconds: UInt64) -> String {
        if nanoseconds < 1_000 { return "\(nanoseconds) ns" }
        let units: [(name: String, nanoseconds: UInt64)] = [("µs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000)]
        for unit in units {
            if let digits = threeDigits(of: nanoseconds, in: unit.nanoseconds, below: unit.name == "s" ? 60 : 1_000) {
                return "\(digits) \(unit.name)"
            }
        }
        let seconds = nanoseconds / 1_000_000_000 + (nanoseconds % 1_000_000_000 >= 500_000_000 ? 1 : 0)
        if seconds < 3_600 { return "\(seconds / 60) min \(twoDigits(seconds % 60)) s" }
        return "\(seconds / 3_600) h \(twoDigits(seconds % 3_600 / 60)) min"
    }

    /// The number in a unit, rounded to three digits; nil when that reaches the next unit.
    private static func threeDigits(of nanoseconds: UInt64, in unit: UInt64, below limit: UInt64) -> String? {
        for (decimals, scale) in [(2, UInt64(100)), (1, 10), (0, 1)] {
            let step = unit / scale
            let rounded = nanoseconds / step + (nanoseconds % step >= (step + 1) / 2 ? 1 : 0)
            // With two decimals the number stays below 10, with one below 100: three digits each time.
            guard rounded < 1_000 else { continue }
            guard rounded < limit * scale else { return nil }
            guard decimals > 0 else { return "\(rounded)" }
            let fraction = String(rounded % scale)
            return "\(rounded / scale)." + String(repeating: "0", count: decimals - fraction.count) + fraction
        }
        return nil
    }

    private static func twoDigits(_ number: UInt64) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}
