// The values of expressions while a query is evaluated.

/// The times at which a query is evaluated, in milliseconds.
struct QuerySteps: Sendable, Equatable {
    let start: Int64
    let step: Int64
    let count: Int

    init(start: Int64, step: Int64, count: Int) {
        precondition(count > 0 && step > 0, "A query has a step.")
        self.start = start
        self.step = step
        self.count = count
    }

    var end: Int64 { start + step * Int64(count - 1) }

    func time(_ index: Int) -> Int64 { start + step * Int64(index) }
}

/// A series of results: a value for each step, a stale marker where there is none.
struct VectorSeries: Sendable {
    var labels: LabelSet
    var values: [Double]
    /// Histograms by step, which stand in place of the value; nil if the series has none.
    var histograms: [FloatHistogram?]?

    init(_ labels: LabelSet, count: Int) {
        self.labels = labels
        values = [Double](repeating: StaleMarker.value, count: count)
    }

    init(_ labels: LabelSet, values: [Double]) {
        self.labels = labels
        self.values = values
    }

    func histogram(_ step: Int) -> FloatHistogram? { histograms?[step] }

    /// True if the series has a number at the step.
    @inline(__always)
    func hasValue(_ step: Int) -> Bool { !StaleMarker.isStale(values[step]) }

    /// True if the series has a number or a histogram at the step.
    func isPresent(_ step: Int) -> Bool { hasValue(step) || histograms?[step] != nil }

    var isEmpty: Bool { !values.indices.contains { isPresent($0) } }

    mutating func set(_ histogram: FloatHistogram?, at step: Int) {
        guard let histogram else { return }
        if histograms == nil { histograms = [FloatHistogram?](repeating: nil, count: values.count) }
        histograms?[step] = histogram
    }

    mutating func remove(_ step: Int) {
        values[step] = StaleMarker.value
        histograms?[step] = nil
    }
}

/// What an expression gives at all steps.
enum QueryValue: Sendable {
    case scalar([Double])
    case string(String)
    case vector([VectorSeries])
}
