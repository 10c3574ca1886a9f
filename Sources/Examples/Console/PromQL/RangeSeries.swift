// The points that range functions read.

/// A series with its points in columns, without stale markers.
struct RangeSeries {
    var labels: LabelSet
    var times: [Int64] = []
    /// Numbers; empty if the series has histograms.
    var values: [Double] = []
    /// Histograms; empty if the series has numbers.
    var histograms: [FloatHistogram] = []

    init(_ labels: LabelSet) {
        self.labels = labels
    }
}

/// A range vector: the points, and for each step the range of time that counts.
struct RangeVector {
    var series: [RangeSeries]
    /// Milliseconds.
    let range: Int64
    /// The end of the range at each step; all steps have one end where it is fixed.
    let ends: [Int64]
}

/// The points of one series in one range.
struct RangePoints {
    let times: UnsafeBufferPointer<Int64>
    let values: UnsafeBufferPointer<Double>
    /// The range in milliseconds; its start is not part of it.
    let start: Int64
    let end: Int64
    let step: Int

    var count: Int { times.count }
}

extension RangeVector {
    /// Returns a series for each one that the closure gives numbers of.
    ///
    /// - Parameter body: returns a stale marker for no value.
    func mapNumbers(_ budget: QueryBudget, _ body: (RangePoints) -> Double) throws(PromQLError) -> [VectorSeries] {
        var results: [VectorSeries] = []
        for one in series where one.histograms.isEmpty {
            try budget.take(values: ends.count)
            var result = VectorSeries(one.labels, count: ends.count)
            var hasValue = false
            one.times.withUnsafeBufferPointer { times in
                one.values.withUnsafeBufferPointer { values in
                    result.values.withUnsafeMutableBufferPointer { output in
                        forEachRange(of: times) { step, first, last in
                            let points = RangePoints(
                                times: UnsafeBufferPointer(rebasing: times[first..<last]),
                                values: UnsafeBufferPointer(rebasing: values[first..<last]), start: ends[step] - range, end: ends[step],
                                step: step)
                            output[step] = body(points)
                            hasValue = hasValue || !StaleMarker.isStale(output[step])
                        }
                    }
                }
            }
            if hasValue { results.append(result) }
        }
        return results
    }

    /// Returns a series for each one of histograms that the closure gives something for.
    func mapHistograms(
        _ budget: QueryBudget, _ body: (ArraySlice<Int64>, ArraySlice<FloatHistogram>, _ start: Int64, _ end: Int64) -> HistogramOrNumber?
    ) throws(PromQLError) -> [VectorSeries] {
        var results: [VectorSeries] = []
        for one in series where !one.histograms.isEmpty {
            try budget.take(values: ends.count * 16)
            var result = VectorSeries(one.labels, count: ends.count)
            one.times.withUnsafeBufferPointer { times in
                forEachRange(of: times) { step, first, last in
                    switch body(one.times[first..<last], one.histograms[first..<last], ends[step] - range, ends[step]) {
                    case .histogram(let histogram): result.set(histogram, at: step)
                    case .number(let number): result.values[step] = number
                    case nil: break
                    }
                }
            }
            if !result.isEmpty { results.append(result) }
        }
        return results
    }

    /// Calls the closure with the places of the points in the range of each step that has some; ranges are open at their start.
    private func forEachRange(of times: UnsafeBufferPointer<Int64>, _ body: (_ step: Int, _ first: Int, _ last: Int) -> Void) {
        var (first, last) = (0, 0)
        for (step, end) in ends.enumerated() {
            while last < times.count, times[last] <= end { last += 1 }
            while first < last, times[first] <= end - range { first += 1 }
            if first < last { body(step, first, last) }
        }
    }
}

/// What a range function gives for a series of histograms.
enum HistogramOrNumber {
    case histogram(FloatHistogram)
    case number(Double)
}
