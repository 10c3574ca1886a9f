// The distribution of a histogram over time.

/// Counts of values by step of time and by bucket.
struct Heatmap: Sendable {
    /// The end of each step, in milliseconds.
    var times: [Int64] = []
    /// The upper bound of each bucket, ascending.
    var bounds: [Double] = []
    /// For each step the count of each bucket, not cumulative.
    var counts: [[Double]] = []

    /// Rows that a drawing can still show.
    private static let maximumBuckets = 64

    /// Counts the increases of buckets in each step; a fall is a reset, after which the whole count is new.
    ///
    /// - Parameter window: the series of buckets of one histogram, or exponential histograms, from one step before the first.
    init(_ window: SampleWindow, from start: Int64, step: Int64, count: Int) {
        times = (0..<count).map { start + step * Int64($0 + 1) }
        let classic = window.series.filter { !$0.hasHistograms }
        if classic.isEmpty { fillExponential(window, start, step, count) } else { fillClassic(classic, window, start, step, count) }
    }

    private static func bin(_ time: Int64, _ start: Int64, _ step: Int64, _ count: Int) -> Int? {
        guard time > start else { return nil }
        let bin = Int((time - start - 1) / step)
        return bin < count ? bin : nil
    }

    private mutating func fillClassic(
        _ series: [SampleWindow.Series], _ window: SampleWindow, _ start: Int64, _ step: Int64, _ count: Int
    ) {
        let all = Set(series.compactMap { GoNumber.value($0.labels["le"]) }).sorted()
        bounds = all
        var cumulative = [[Double]](repeating: [Double](repeating: 0, count: all.count), count: count)
        for one in series {
            guard let bound = GoNumber.value(one.labels["le"]), let row = all.firstIndex(of: bound) else { continue }
            var previous: Double?
            for place in one.range {
                let value = window.values[place]
                guard !StaleMarker.isStale(value) else { continue }
                if let previous, let bin = Self.bin(window.times[place], start, step, count) {
                    cumulative[bin][row] += value < previous ? value : value - previous
                }
                previous = value
            }
        }
        // Buckets of Prometheus hold those below them too.
        counts = cumulative.map { row in
            row.indices.map { max(0, row[$0] - ($0 > 0 ? row[$0 - 1] : 0)) }
        }
    }

    private mutating func fillExponential(_ window: SampleWindow, _ start: Int64, _ step: Int64, _ count: Int) {
        var sums = [FloatHistogram?](repeating: nil, count: count)
        for one in window.series {
            var previous: FloatHistogram?
            for place in one.range {
                guard let histogram = window.histograms[place], !histogram.isStale else { continue }
                if let previous, let bin = Self.bin(window.times[place], start, step, count) {
                    let change = histogram.isReset(from: previous) ? histogram : histogram.subtracting(previous)
                    sums[bin] = sums[bin].map { $0.adding(change) } ?? change
                }
                previous = histogram
            }
        }
        var scale = sums.compactMap { $0?.scale }.min() ?? 0
        var rows: Set<Double> = []
        repeat {
            rows = []
            for sum in sums { for bucket in sum?.coarsened(to: scale).listedBuckets ?? [] { rows.insert(bucket.upper) } }
            scale -= 1
        } while rows.count > Self.maximumBuckets && scale >= -FloatHistogram.scales.upperBound
        let final = scale + 1
        bounds = rows.sorted()
        counts = sums.map { sum in
            var row = [Double](repeating: 0, count: bounds.count)
            for bucket in sum?.coarsened(to: final).listedBuckets ?? [] {
                if let place = bounds.firstIndex(of: bucket.upper) { row[place] += bucket.count }
            }
            return row
        }
    }
}
