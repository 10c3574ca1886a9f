// Quantiles of histograms, with bounds and exponential ones.

/// Evaluates `histogram_quantile` and `histogram_fraction`.
struct HistogramEvaluation {
    private let steps: QuerySteps

    init(_ steps: QuerySteps) {
        self.steps = steps
    }

    private struct Group {
        let labels: LabelSet
        var buckets: [(bound: Double, series: Int)] = []
    }

    /// - Parameter fractionTo: the upper bounds if fractions are wanted; the shares are the lower bounds then.
    func series(_ series: [VectorSeries], _ shares: [Double], fractionTo upper: [Double]?) -> [VectorSeries] {
        var places: [LabelSet: Int] = [:]
        var groups: [Group] = []
        var results: [VectorSeries] = []
        for (index, one) in series.enumerated() {
            if let histograms = one.histograms {
                var result = VectorSeries(one.labels.withoutMetricName, count: steps.count)
                for step in 0..<steps.count {
                    guard let histogram = histograms[step] else { continue }
                    result.values[step] =
                        upper.map { histogram.fraction(from: shares[step], to: $0[step]) } ?? histogram.quantile(shares[step])
                }
                results.append(result)
                continue
            }
            guard let bound = GoNumber.value(one.labels["le"]) else { continue }
            let labels = one.labels.removing([LabelSet.nameLabel, "le"])
            let place = places[labels] ?? groups.count
            if place == groups.count {
                places[labels] = place
                groups.append(Group(labels: labels))
            }
            groups[place].buckets.append((bound, index))
        }
        for var group in groups {
            group.buckets.sort { $0.bound < $1.bound }
            var result = VectorSeries(group.labels, count: steps.count)
            var buckets: [ClassicBuckets.Bucket] = []
            for step in 0..<steps.count {
                buckets.removeAll(keepingCapacity: true)
                for (bound, index) in group.buckets where series[index].hasValue(step) {
                    buckets.append(.init(bound: bound, count: series[index].values[step]))
                }
                guard !buckets.isEmpty else { continue }
                result.values[step] =
                    upper.map { ClassicBuckets.fraction(from: shares[step], to: $0[step], buckets) }
                    ?? ClassicBuckets.quantile(shares[step], &buckets)
            }
            if !result.isEmpty { results.append(result) }
        }
        return results
    }
}

/// Calculations with cumulative buckets.
enum ClassicBuckets {
    struct Bucket {
        let bound: Double
        var count: Double
    }

    /// Differences of neighbouring counts by less than this share are rounding errors.
    private static let tolerance = 1e-12

    /// Returns a quantile, interpolated within its bucket; the buckets are in the order of their bounds and are mended in place.
    static func quantile(_ share: Double, _ buckets: inout [Bucket]) -> Double {
        if share.isNaN { return .nan }
        if share < 0 { return -.infinity }
        if share > 1 { return .infinity }
        guard buckets.last?.bound == .infinity else { return .nan }
        mend(&buckets)
        guard buckets.count >= 2, let observations = buckets.last?.count, observations != 0 else { return .nan }
        var rank = share * observations
        let place = buckets.dropLast().firstIndex { $0.count >= rank } ?? buckets.count - 1
        if place == buckets.count - 1 { return buckets[buckets.count - 2].bound }
        if place == 0, buckets[0].bound <= 0 { return buckets[0].bound }
        var (start, count) = (0.0, buckets[place].count)
        if place > 0 {
            start = buckets[place - 1].bound
            count -= buckets[place - 1].count
            rank -= buckets[place - 1].count
        }
        return start + (buckets[place].bound - start) * (rank / count)
    }

    /// Joins buckets of one bound, and raises counts that are below the one before.
    private static func mend(_ buckets: inout [Bucket]) {
        var kept = 0
        for bucket in buckets {
            if kept > 0, buckets[kept - 1].bound == bucket.bound {
                buckets[kept - 1].count += bucket.count
            } else {
                buckets[kept] = bucket
                kept += 1
            }
        }
        buckets.removeLast(buckets.count - kept)
        var previous = buckets.first?.count ?? 0
        for place in buckets.indices.dropFirst() {
            let current = buckets[place].count
            let isClose = (current - previous).magnitude <= tolerance * max(current.magnitude, previous.magnitude)
            if isClose || current < previous { buckets[place].count = previous } else { previous = current }
        }
    }

    /// Returns the share of the values between two bounds, interpolated.
    ///
    /// The lowest bucket begins at zero, as it does for quantiles; Prometheus 3.5 gives NaN for a bound inside of it.
    static func fraction(from lower: Double, to upper: Double, _ buckets: [Bucket]) -> Double {
        guard !lower.isNaN, !upper.isNaN, buckets.last?.bound == .infinity else { return .nan }
        var buckets = buckets
        mend(&buckets)
        guard let total = buckets.last?.count, total != 0 else { return .nan }
        if lower >= upper { return 0 }
        func rank(_ value: Double) -> Double {
            if value == .infinity { return total }
            var (start, below) = (buckets[0].bound <= 0 ? -Double.infinity : 0, 0.0)
            for bucket in buckets {
                if value < start { return below }
                if value <= bucket.bound {
                    if value == bucket.bound { return bucket.count }
                    guard bucket.bound.isFinite, start.isFinite else { return below }
                    return below + (bucket.count - below) * (value - start) / (bucket.bound - start)
                }
                (start, below) = (bucket.bound, bucket.count)
            }
            return total
        }
        return (rank(upper) - rank(lower)) / total
    }
}
