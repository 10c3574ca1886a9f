// Evaluates expressions: selectors, subqueries, and the parts that join them.

/// Evaluates an expression at all steps at once, each series as a column of values.
struct PromQLEvaluator {
    typealias Expression = PromQLExpression

    let store: MetricStore
    let steps: QuerySteps
    let budget: QueryBudget
    /// The steps of the whole query, which `@ start()` and `@ end()` refer to.
    let outermost: QuerySteps
    /// The log records that `log_count` counts; nil where there are none.
    let logs: BlockStore<LogBlock>?

    init(
        _ store: MetricStore, _ steps: QuerySteps, _ budget: QueryBudget, outermost: QuerySteps? = nil, logs: BlockStore<LogBlock>? = nil
    ) {
        self.store = store
        self.logs = logs
        self.steps = steps
        self.budget = budget
        self.outermost = outermost ?? steps
    }

    func value(of expression: Expression) throws(PromQLError) -> QueryValue {
        try budget.check()
        switch expression.form {
        case .number(let value): return .scalar([Double](repeating: value, count: steps.count))
        case .string(let text): return .string(text)
        case .selector(let selector):
            guard selector.range == nil else { throw .execution("a range vector has no value of its own") }
            return .vector(try instantVector(selector).series)
        case .subquery: throw .execution("a subquery has no value of its own")
        case .negated(let inner):
            switch try value(of: inner) {
            case .scalar(let values): return .scalar(values.map { -$0 })
            case .vector(let series): return .vector(try merged(series.map { Self.negated($0) }))
            case .string: throw .execution("a string cannot be negated")
            }
        case .binary(let operation, let left, let right, let matching, let isBool):
            return try BinaryEvaluation(operation, matching, isBool: isBool, steps: steps, budget: budget)
                .value(try value(of: left), try value(of: right))
        case .aggregation(let aggregator, let inner, let parameter, let grouping):
            let parameter = try parameter.map { (expression) throws(PromQLError) in try value(of: expression) }
            return .vector(
                try Aggregation(aggregator, grouping, parameter, steps: steps, budget: budget).series(of: try vector(inner)))
        case .call(let function, let arguments): return try FunctionEvaluation(self, function, arguments).value()
        }
    }

    private static func negated(_ series: VectorSeries) -> VectorSeries {
        var result = series
        result.labels = series.labels.withoutMetricName
        for step in series.values.indices where series.hasValue(step) { result.values[step] = -series.values[step] }
        result.histograms = series.histograms?.map { $0?.scaled(by: -1) }
        return result
    }

    /// Returns the value of an expression whose type is an instant vector.
    func vector(_ expression: Expression) throws(PromQLError) -> [VectorSeries] {
        guard case .vector(let series) = try value(of: expression) else { throw .execution("expected an instant vector") }
        return series
    }

    /// Returns the value of an expression whose type is a scalar.
    func scalar(_ expression: Expression) throws(PromQLError) -> [Double] {
        guard case .scalar(let values) = try value(of: expression) else { throw .execution("expected a scalar") }
        return values
    }

    /// Joins series whose labels have become equal, which must not have values at the same step.
    func merged(_ series: [VectorSeries]) throws(PromQLError) -> [VectorSeries] {
        try Self.merged(series)
    }

    static func merged(_ series: [VectorSeries]) throws(PromQLError) -> [VectorSeries] {
        var places: [LabelSet: Int] = [:]
        places.reserveCapacity(series.count)
        var result: [VectorSeries] = []
        result.reserveCapacity(series.count)
        for one in series {
            guard let place = places.updateValue(result.count, forKey: one.labels) else {
                result.append(one)
                continue
            }
            places[one.labels] = place
            for step in one.values.indices where one.isPresent(step) {
                guard !result[place].isPresent(step) else {
                    throw .execution("vector cannot contain metrics with the same labelset")
                }
                result[place].values[step] = one.values[step]
                result[place].set(one.histogram(step), at: step)
            }
        }
        return result
    }

    // MARK: Selectors

    /// The times that a selector or subquery refers to: one for each step.
    private func references(_ timing: Expression.Timing) -> [Int64] {
        let fixed: Int64? =
            switch timing.fixed {
            case .time(let time): time
            case .start: outermost.start
            case .end: outermost.end
            case nil: nil
            }
        return (0..<steps.count).map { (fixed ?? steps.time($0)) - timing.offset }
    }

    /// Returns the last point of each series before each step, and when it was taken.
    func instantVector(_ selector: Expression.Selector, wantsTimes: Bool = false) throws(PromQLError) -> (
        series: [VectorSeries], times: [[Int64]]
    ) {
        let times = references(selector.timing)
        let lookback = budget.limits.lookback
        let window = try window(selector.matchers, after: (times.first ?? 0) - lookback, through: times.last ?? 0)
        var (result, pointTimes): ([VectorSeries], [[Int64]]) = ([], [])
        result.reserveCapacity(window.series.count)
        for one in window.series {
            try budget.take(values: steps.count)
            var series = VectorSeries(one.labels, count: steps.count)
            var taken = wantsTimes ? [Int64](repeating: 0, count: steps.count) : []
            var hasValue = false
            var next = one.range.lowerBound
            for (step, time) in times.enumerated() {
                while next < one.range.upperBound, window.times[next] <= time { next += 1 }
                // The time a lookback ago is not part of the range.
                guard next > one.range.lowerBound, window.times[next - 1] > time - lookback else { continue }
                if wantsTimes { taken[step] = window.times[next - 1] }
                if one.hasHistograms {
                    guard let histogram = window.histograms[next - 1], !histogram.isStale else { continue }
                    series.set(histogram, at: step)
                    hasValue = true
                } else {
                    series.values[step] = window.values[next - 1]
                    hasValue = hasValue || series.hasValue(step)
                }
            }
            guard hasValue else { continue }
            result.append(series)
            pointTimes.append(taken)
        }
        return (result, pointTimes)
    }

    private func window(_ matchers: [LabelMatcher], after start: Int64, through end: Int64) throws(PromQLError) -> SampleWindow {
        let window: SampleWindow
        do throws(MetricStore.TooManySamples) {
            window = try store.window(of: matchers, after: start, through: end, limit: budget.remainingSamples)
        } catch {
            throw QueryBudget.tooManySamples(budget.limits.samples)
        }
        try budget.take(samples: window.times.count)
        return window
    }

    /// Returns the points of an expression whose type is a range vector.
    func rangeVector(_ expression: Expression) throws(PromQLError) -> RangeVector {
        switch expression.form {
        case .selector(let selector):
            guard let range = selector.range else { break }
            let ends = references(selector.timing)
            let window = try window(selector.matchers, after: (ends.first ?? 0) - range, through: ends.last ?? 0)
            return RangeVector(series: window.series.map { Self.points(of: $0, in: window) }, range: range, ends: ends)
        case .subquery(let inner, let subquery): return try rangeVector(inner, subquery)
        default: break
        }
        throw .execution("expected a range vector")
    }

    private static func points(of one: SampleWindow.Series, in window: SampleWindow) -> RangeSeries {
        var points = RangeSeries(one.labels)
        if one.hasHistograms {
            for place in one.range {
                guard let histogram = window.histograms[place], !histogram.isStale else { continue }
                points.times.append(window.times[place])
                points.histograms.append(histogram)
            }
        } else if window.values[one.range].contains(where: { StaleMarker.isStale($0) }) {
            for place in one.range where !StaleMarker.isStale(window.values[place]) {
                points.times.append(window.times[place])
                points.values.append(window.values[place])
            }
        } else {
            points.times = Array(window.times[one.range])
            points.values = Array(window.values[one.range])
        }
        return points
    }

    private func rangeVector(_ inner: Expression, _ subquery: Expression.Subquery) throws(PromQLError) -> RangeVector {
        let ends = references(subquery.timing)
        let step = subquery.step ?? budget.limits.subqueryStep
        let (earliest, latest) = ((ends.first ?? 0) - subquery.range, ends.last ?? 0)
        // The steps of a subquery are multiples of its step, whatever the steps around it are.
        var start = earliest / step * step
        if start <= earliest { start += step }
        guard start <= latest else { return RangeVector(series: [], range: subquery.range, ends: ends) }
        let count = (latest - start) / step + 1
        guard count <= Int64(budget.limits.steps) * 10 else {
            throw .execution("a subquery of \(count) steps exceeds the maximum of \(budget.limits.steps * 10)")
        }
        let innerSteps = QuerySteps(start: start, step: step, count: Int(count))
        let evaluator = PromQLEvaluator(store, innerSteps, budget, outermost: outermost, logs: logs)
        let series: [RangeSeries] = try evaluator.vector(inner).map { one in
            var points = RangeSeries(one.labels)
            let isHistogram = one.histograms != nil
            for step in 0..<innerSteps.count {
                if isHistogram {
                    guard let histogram = one.histogram(step) else { continue }
                    points.histograms.append(histogram)
                } else {
                    guard one.hasValue(step) else { continue }
                    points.values.append(one.values[step])
                }
                points.times.append(innerSteps.time(step))
            }
            return points
        }
        return RangeVector(series: series, range: subquery.range, ends: ends)
    }
}
