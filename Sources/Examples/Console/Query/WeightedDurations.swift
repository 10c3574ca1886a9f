// Percentiles of durations that stand for more than one.

/// Durations in groups whose bounds differ by less than two percent, each with the number that it stands for.
struct WeightedDurations {
    /// Groups for each power of two, as a power of two.
    private static let bits = 6

    private var counts: [Int: Double] = [:]
    private var total = 0.0
    private var least = UInt64.max
    private var most = UInt64.min

    mutating func add(_ duration: UInt64, weight: Double) {
        counts[Self.group(of: duration), default: 0] += weight
        total += weight
        least = min(least, duration)
        most = max(most, duration)
    }

    /// Returns the duration that this share of all does not exceed; zero without any.
    func percentile(_ share: Double) -> UInt64 {
        guard total > 0 else { return 0 }
        var rest = share * total
        for (group, count) in counts.sorted(by: { $0.key < $1.key }) {
            rest -= count
            // Weights are sums of fractions: what is left of rounding is nothing.
            if rest <= 1e-9 * total { return min(most, max(least, Self.middle(of: group))) }
        }
        return most
    }

    private static func group(of duration: UInt64) -> Int {
        guard duration >= 1 << bits else { return Int(duration) }
        let exponent = 63 - duration.leadingZeroBitCount - bits
        return (exponent + 1) << bits + Int(duration >> UInt64(exponent)) - 1 << bits
    }

    private static func middle(of group: Int) -> UInt64 {
        guard group >= 1 << bits else { return UInt64(group) }
        let exponent = group >> bits - 1
        let base = UInt64(group & (1 << bits - 1) + 1 << bits) << UInt64(exponent)
        return base + (1 << UInt64(exponent)) / 2
    }
}
