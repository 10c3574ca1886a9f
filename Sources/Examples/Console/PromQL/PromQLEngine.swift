// The entry of queries.

import Telemetry

/// What a query gives.
struct QueryResult: Sendable {
    enum Value: Sendable {
        case scalar(Double)
        case string(String)
        case vector
        case matrix
    }

    let value: Value
    /// The series of vectors and matrices.
    var series: [VectorSeries] = []
    /// The points of a range vector, which are not at the times of steps.
    var points: [RangeSeries] = []
    /// The exact values of a vector of integers, by series; nil where a value is not a stored integer.
    var integers: [Int64?] = []
    let steps: QuerySteps
}

/// Answers queries of a store.
struct PromQLEngine: Sendable {
    let store: MetricStore
    /// The log records that `log_count` counts.
    var logs: BlockStore<LogBlock>?
    var limits = QueryLimits()

    /// Evaluates a query at one time, in milliseconds.
    func query(_ text: String, at time: Int64) throws(PromQLError) -> QueryResult {
        try query(try PromQLParser.parse(text), at: time)
    }

    /// Evaluates a query that has been parsed.
    func query(_ expression: PromQLExpression, at time: Int64) throws(PromQLError) -> QueryResult {
        let steps = QuerySteps(start: time, step: 1_000, count: 1)
        let budget = QueryBudget(limits)
        let evaluator = PromQLEvaluator(store, steps, budget, logs: logs)
        if expression.type == .matrix {
            let vector = try evaluator.rangeVector(expression)
            let points = vector.series.compactMap { one -> RangeSeries? in
                var kept = RangeSeries(one.labels)
                for (place, time) in one.times.enumerated() where time > vector.ends[0] - vector.range && time <= vector.ends[0] {
                    kept.times.append(time)
                    if one.histograms.isEmpty {
                        kept.values.append(one.values[place])
                    } else {
                        kept.histograms.append(one.histograms[place])
                    }
                }
                return kept.times.isEmpty ? nil : kept
            }
            return QueryResult(value: .matrix, points: points.sorted { $0.labels < $1.labels }, steps: steps)
        }
        switch try evaluator.value(of: expression) {
        case .scalar(let values): return QueryResult(value: .scalar(values[0]), steps: steps)
        case .string(let text): return QueryResult(value: .string(text), steps: steps)
        case .vector(let series):
            var present = series.filter { $0.isPresent(0) }
            if !expression.isOrdered { present.sort { $0.labels < $1.labels } }
            return QueryResult(
                value: .vector, series: present, integers: integers(of: expression, present.map(\.labels), at: time), steps: steps)
        }
    }

    /// Evaluates a query at each step of a range of time, in milliseconds.
    func query(_ text: String, from start: Int64, to end: Int64, step: Int64) throws(PromQLError) -> QueryResult {
        let expression = try PromQLParser.parse(text)
        guard expression.type == .scalar || expression.type == .vector else {
            throw .badData(
                "invalid expression type \"\(expression.type.rawValue)\" for range query, must be Scalar or instant Vector")
        }
        guard end >= start else { throw .badData("end timestamp must not be before start time") }
        guard step > 0 else {
            throw .badData("zero or negative query resolution step widths are not accepted. Try a positive integer")
        }
        guard (end - start) / step < limits.steps else {
            throw .badData(
                "exceeded maximum resolution of \(GoNumber.text(Double(limits.steps))) points per timeseries."
                    + " Try decreasing the query resolution (?step=XX)")
        }
        let steps = QuerySteps(start: start, step: step, count: Int((end - start) / step) + 1)
        let evaluator = PromQLEvaluator(store, steps, QueryBudget(limits), logs: logs)
        switch try evaluator.value(of: expression) {
        case .scalar(let values):
            return QueryResult(value: .matrix, series: [VectorSeries(LabelSet(), values: values)], steps: steps)
        case .string: throw .execution("a string has no range")
        case .vector(let series):
            return QueryResult(value: .matrix, series: series.filter { !$0.isEmpty }.sorted { $0.labels < $1.labels }, steps: steps)
        }
    }

    /// Returns the exact integers of a plain selector, which doubles above 2^53 cannot hold.
    private func integers(of expression: PromQLExpression, _ labels: [LabelSet], at time: Int64) -> [Int64?] {
        guard case .selector(let selector) = expression.form, selector.timing == .init() else { return [] }
        let window = try? store.window(
            of: selector.matchers, after: time - limits.lookback, through: time, limit: limits.samples, hasIntegers: true)
        guard let window else { return [] }
        var exact: [LabelSet: Int64] = [:]
        for one in window.series where !one.range.isEmpty {
            if let integer = window.integers[one.range.upperBound - 1] { exact[one.labels] = integer }
        }
        return labels.map { exact[$0] }
    }
}

extension PromQLExpression {
    /// True if the order of the series is part of the result.
    fileprivate var isOrdered: Bool {
        switch form {
        case .call(.sort, _), .call(.sortDescending, _), .aggregation(.topk, _, _, _), .aggregation(.bottomk, _, _, _): true
        default: false
        }
    }
}
