// The figures of one metric in a stretch of time.

/// What a metric was between two times: one number and, of a histogram, percentiles.
struct MetricFigures: Sendable {
    /// What the number is.
    enum Measure: String, Sendable {
        /// What is counted or measured each second.
        case rate
        /// The mean over series and time.
        case average
        /// The sum of the series, each averaged over time.
        case sum
    }

    /// The series that had points.
    let series: Int
    let value: Double
    /// The percentiles 50, 95 and 99 of a histogram; else empty.
    let percentiles: [Double]

    static func measure(of family: MetricFamily) -> Measure {
        switch family.kind {
        case .histogram, .exponentialHistogram, .summary: .rate
        case .sum: family.isMonotonic ? .rate : .sum
        case .gauge, .unknown: .average
        }
    }

    /// Looks at a metric after one time and up to another, both in milliseconds; nil if it had no points.
    ///
    /// - Throws: if there are more points than a query may read, or the time is up.
    init?(_ family: MetricFamily, _ store: MetricStore, after start: Int64, through end: Int64, within time: Duration) throws(PromQLError) {
        var engine = PromQLEngine(store: store)
        engine.limits.time = time
        func number(_ query: String) throws(PromQLError) -> Double? { try engine.query(query, at: end).series.first?.values[0] }
        func range(_ suffix: String = "") -> String {
            let name = (family.prometheusName + suffix).flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] }
            return "{__name__=\"\(String(name))\"}[\(max(1, end - start))ms]"
        }
        let query: String
        var (counted, buckets) = (range(), "")
        switch family.kind {
        case .histogram:
            counted = range("_count")
            query = "sum(rate(\(counted)))"
            buckets = "sum by (le) (rate(\(range("_bucket"))))"
        case .exponentialHistogram:
            buckets = "sum(rate(\(counted)))"
            query = "histogram_count(\(buckets))"
        case .summary:
            counted = range("_count")
            query = "sum(rate(\(counted)))"
        case .sum: query = family.isMonotonic ? "sum(rate(\(counted)))" : "sum(avg_over_time(\(counted)))"
        case .gauge, .unknown: query = "avg(avg_over_time(\(counted)))"
        }
        guard let series = try number("count(present_over_time(\(counted)))") else { return nil }
        self.series = Int(series)
        // A counter with a single point has no rate that one could know.
        value = try number(query) ?? .nan
        var percentiles: [Double] = []
        if !buckets.isEmpty {
            for share in [0.5, 0.95, 0.99] { percentiles.append(try number("histogram_quantile(\(share), \(buckets))") ?? .nan) }
        }
        self.percentiles = percentiles
    }
}
