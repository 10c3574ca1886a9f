// Conversion from delta to cumulative temporality for metrics of producers: Prometheus accepts cumulative ones only.

/// Adds up delta sums and histograms of producers; instruments of the SDK are cumulative here anyway.
///
/// (Specification: Prometheus compatibility, "Sums" and "Histograms"; metrics data model, "Sums: Delta-to-Cumulative".)
struct DeltaAccumulator {
    private struct Key: Hashable {
        let scope: InstrumentationScope
        let name: ExactText
        let unit: ExactText
        let isHistogram: Bool
    }

    private struct Metric {
        let key: Key
        let descriptor: MetricDescriptor
        var numbers: [NumberPoint] = []
        var histograms: [HistogramPoint] = []
        var places: [Attributes: Int] = [:]
    }

    /// The limit for the series of all metrics together; further series are dropped and reported.
    private let maximumSeries: Int
    private var seriesCount = 0
    private var metrics: [Metric] = []
    private var indices: [Key: Int] = [:]

    init(maximumSeries: Int = 10_000) {
        self.maximumSeries = maximumSeries
    }

    /// Returns the batch with cumulative points in place of deltas, including series without a point in this batch.
    mutating func accumulate(_ batch: MetricBatch) -> MetricBatch {
        let hasDeltas = batch.scopes.contains { $0.metrics.contains { Self.isAccumulated($0.points) } }
        guard hasDeltas || !metrics.isEmpty else { return batch }
        var batch = batch
        for index in batch.scopes.indices {
            let scope = batch.scopes[index]
            for metric in scope.metrics where Self.isAccumulated(metric.points) { add(metric, of: scope.instrumentationScope) }
            batch.scopes[index].metrics.removeAll { Self.isAccumulated($0.points) }
        }
        for metric in metrics {
            let points: MetricPoints =
                metric.key.isHistogram
                ? .histogram(metric.histograms, temporality: .cumulative)
                : .sum(metric.numbers, temporality: .cumulative, isMonotonic: true)
            batch.scopes.append(
                ScopeMetrics(instrumentationScope: metric.key.scope, metrics: [MetricData(descriptor: metric.descriptor, points: points)]))
        }
        return batch
    }

    private static func isAccumulated(_ points: MetricPoints) -> Bool {
        switch points {
        case .sum(_, .delta, true), .histogram(_, .delta): true
        default: false
        }
    }

    private mutating func add(_ metric: MetricData, of scope: InstrumentationScope) {
        var isHistogram = false
        if case .histogram = metric.points { isHistogram = true }
        let key = Key(scope: scope, name: ExactText(metric.name), unit: ExactText(metric.unit), isHistogram: isHistogram)
        let index = indices[key] ?? metrics.count
        if index == metrics.count {
            guard seriesCount < maximumSeries else { return reportLimit() }
            indices[key] = index
            metrics.append(Metric(key: key, descriptor: metric.descriptor))
        }
        for point in metric.points.numbers {
            guard let place = place(of: point.series, in: index) else { continue }
            if place == metrics[index].numbers.count {
                metrics[index].numbers.append(point)
            } else {
                metrics[index].numbers[place] = metrics[index].numbers[place].adding(point)
            }
        }
        for point in metric.points.histograms {
            guard let place = place(of: point.series, in: index) else { continue }
            if place == metrics[index].histograms.count {
                metrics[index].histograms.append(point)
            } else {
                metrics[index].histograms[place] = metrics[index].histograms[place].adding(point)
            }
        }
    }

    /// Returns the index of a series, which may be new; nil if the limit is reached.
    private mutating func place(of series: Series, in index: Int) -> Int? {
        if let place = metrics[index].places[series.attributes] { return place }
        guard seriesCount < maximumSeries else {
            reportLimit()
            return nil
        }
        seriesCount += 1
        let place = metrics[index].places.count
        metrics[index].places[series.attributes] = place
        return place
    }

    private func reportLimit() {
        Diagnostics.report(
            .warning, topic: "prometheus.accumulation", every: .seconds(3600),
            "More than \(maximumSeries) series are told as changes; further ones are not on Prometheus' page. Have their producer"
                + " tell sums since the beginning.")
    }
}

extension NumberPoint {
    /// Returns the sum of both, or only the change if it does not start where this point ends: the series is reset then.
    fileprivate func adding(_ change: NumberPoint) -> NumberPoint {
        let isContinued = change.startTime == time
        return NumberPoint(
            series: series, startTime: isContinued ? startTime : change.startTime, time: change.time,
            value: isContinued ? value.adding(change.value) : change.value,
            exemplars: change.exemplars.isEmpty ? exemplars : change.exemplars)
    }
}

extension MetricNumber {
    fileprivate func adding(_ other: MetricNumber) -> MetricNumber {
        if case .int(let left) = self, case .int(let right) = other {
            let (sum, overflow) = left.addingReportingOverflow(right)
            if !overflow { return .int(sum) }
        }
        return .double(doubleValue + other.doubleValue)
    }
}

extension HistogramPoint {
    /// Returns the sum of both, or only the change if it does not start where this point ends, or has other buckets.
    fileprivate func adding(_ change: HistogramPoint) -> HistogramPoint {
        let isContinued =
            change.startTime == time && change.boundaries == boundaries && change.bucketCounts.count == bucketCounts.count
        return HistogramPoint(
            series: series, startTime: isContinued ? startTime : change.startTime, time: change.time,
            count: isContinued ? count &+ change.count : change.count, sum: isContinued ? added(sum, change.sum) : change.sum, min: nil,
            max: nil, boundaries: change.boundaries,
            bucketCounts: isContinued ? zip(bucketCounts, change.bucketCounts).map { $0 &+ $1 } : change.bucketCounts,
            exemplars: change.exemplars.isEmpty ? exemplars : change.exemplars)
    }

    private func added(_ left: Double?, _ right: Double?) -> Double? {
        guard let left, let right else { return nil }
        return left + right
    }
}
