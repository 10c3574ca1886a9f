// Functions that put the points of a range together.

enum OverTimeFunctions {
    static func sum(_ points: RangePoints) -> Double {
        var sum = CompensatedSum()
        for value in points.values { sum.add(value) }
        return sum.value
    }

    static func average(_ points: RangePoints) -> Double {
        let total = sum(points)
        if !total.isInfinite { return total / Double(points.count) }
        return runningMean(points.values)
    }

    /// Returns the mean of values whose sum is beyond the range of doubles.
    static func runningMean(_ values: some Sequence<Double>) -> Double {
        var (mean, count) = (0.0, 0.0)
        for value in values {
            count += 1
            if mean.isInfinite {
                // Infinity stays, unless the other infinity or NaN comes.
                if value.isInfinite, (mean > 0) == (value > 0) { continue }
                if !value.isInfinite, !value.isNaN { continue }
            }
            mean += value / count - mean / count
        }
        return mean
    }

    static func minimum(_ points: RangePoints) -> Double {
        var result = points.values[0]
        for value in points.values where value < result || result.isNaN { result = value }
        return result
    }

    static func maximum(_ points: RangePoints) -> Double {
        var result = points.values[0]
        for value in points.values where value > result || result.isNaN { result = value }
        return result
    }

    static func variance(_ points: RangePoints) -> Double { variance(of: points.values) }

    /// Returns the variance of a population. (Welford 1962.)
    static func variance(of values: some Sequence<Double>) -> Double {
        var (count, mean, squares) = (0.0, CompensatedSum(), CompensatedSum())
        for value in values {
            count += 1
            let delta = value - mean.value
            mean.add(delta / count)
            squares.add(delta * (value - mean.value))
        }
        return squares.value / count
    }

    /// Returns the value below which a share of the values lies, interpolated; the values are sorted in place.
    static func quantile(_ share: Double, _ values: inout [Double]) -> Double {
        guard !values.isEmpty, !share.isNaN else { return .nan }
        if share < 0 { return -.infinity }
        if share > 1 { return .infinity }
        // NaN is the least, as it is in Prometheus.
        values.sort { $0 < $1 || ($0.isNaN && !$1.isNaN) }
        let rank = share * Double(values.count - 1)
        let lower = max(0, rank.rounded(.down))
        let upper = min(Double(values.count - 1), lower + 1)
        let weight = rank - lower
        return values[Int(lower)] * (1 - weight) + values[Int(upper)] * weight
    }
}
