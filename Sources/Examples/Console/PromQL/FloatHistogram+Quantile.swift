// Quantiles of exponential histograms.

import Glibc

extension FloatHistogram {
    fileprivate struct Bucket {
        var lower: Double
        var upper: Double
        let count: Double
    }

    /// All buckets that have something, from the lowest bound up.
    private var buckets: [Bucket] {
        var result: [Bucket] = []
        for (place, count) in negative.counts.enumerated().reversed() where count != 0 {
            result.append(
                .init(lower: -bound(below: negative.offset + place + 1), upper: -bound(below: negative.offset + place), count: count))
        }
        if zeroCount != 0 {
            // Without values of one sign the zero bucket does not reach to that side.
            result.append(
                .init(
                    lower: negative.counts.isEmpty && !positive.counts.isEmpty ? 0 : -zeroThreshold,
                    upper: positive.counts.isEmpty && !negative.counts.isEmpty ? 0 : zeroThreshold, count: zeroCount))
        }
        for (place, count) in positive.counts.enumerated() where count != 0 {
            result.append(
                .init(lower: bound(below: positive.offset + place), upper: bound(below: positive.offset + place + 1), count: count))
        }
        return result
    }

    /// Returns a quantile, interpolated in the logarithm of the values as Prometheus 3 does.
    func quantile(_ share: Double) -> Double {
        if share < 0 { return -.infinity }
        if share > 1 { return .infinity }
        guard count != 0, !share.isNaN else { return .nan }
        // From the nearer end, since sums from the other one have larger rounding errors.
        let isForward = sum.isNaN || share < 0.5
        var rank = isForward ? share * count : (1 - share) * count
        var (total, found): (Double, Bucket?) = (0, nil)
        for bucket in isForward ? buckets : buckets.reversed() {
            found = bucket
            total += bucket.count
            if total >= rank { break }
        }
        guard let found else { return .nan }
        total = min(total, count)
        if total < rank { return found.upper }
        rank = isForward ? rank - (total - found.count) : total - rank
        return found.value(at: rank / found.count)
    }

    /// Returns the share of the values between two bounds, interpolated.
    func fraction(from lower: Double, to upper: Double) -> Double {
        guard count != 0, !lower.isNaN, !upper.isNaN else { return .nan }
        if lower >= upper { return 0 }
        func rank(_ value: Double) -> Double {
            var below = 0.0
            for bucket in buckets {
                if value <= bucket.lower { return below }
                if value < bucket.upper { return below + bucket.count * bucket.share(below: value) }
                below += bucket.count
            }
            return below
        }
        return (rank(upper) - rank(lower)) / count
    }
}

extension FloatHistogram.Bucket {
    /// Returns the value below which a share of the bucket lies.
    fileprivate func value(at share: Double) -> Double {
        if lower <= 0, upper >= 0 { return lower + (upper - lower) * share }
        let (low, high) = (log2(lower.magnitude), log2(upper.magnitude))
        if lower > 0 { return exp2(low + (high - low) * share) }
        return -exp2(high + (low - high) * (1 - share))
    }

    /// Returns the share of the bucket below a value inside of it.
    fileprivate func share(below value: Double) -> Double {
        if lower <= 0, upper >= 0 { return (value - lower) / (upper - lower) }
        let (low, high, place) = (log2(lower.magnitude), log2(upper.magnitude), log2(value.magnitude))
        return lower > 0 ? (place - low) / (high - low) : 1 - (place - high) / (low - high)
    }
}

extension FloatHistogram {
    /// A bucket as answers list it.
    struct ListedBucket {
        /// Which bounds belong to the bucket: 0 the upper, 1 the lower, 3 both. (Prometheus: HTTP API, "Native histograms".)
        let inclusion: Int
        let lower: Double
        let upper: Double
        let count: Double
    }

    /// The buckets that have something, from the lowest bound up.
    var listedBuckets: [ListedBucket] {
        var result: [ListedBucket] = []
        for (place, count) in negative.counts.enumerated().reversed() where count != 0 {
            let index = negative.offset + place
            result.append(.init(inclusion: 1, lower: -bound(below: index + 1), upper: -bound(below: index), count: count))
        }
        if zeroCount != 0 { result.append(.init(inclusion: 3, lower: -zeroThreshold, upper: zeroThreshold, count: zeroCount)) }
        for (place, count) in positive.counts.enumerated() where count != 0 {
            let index = positive.offset + place
            result.append(.init(inclusion: 0, lower: bound(below: index), upper: bound(below: index + 1), count: count))
        }
        return result
    }
}
