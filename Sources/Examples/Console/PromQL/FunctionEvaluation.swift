// Calls of functions.

import Glibc

/// Evaluates one call.
struct FunctionEvaluation {
    private typealias Expression = PromQLExpression

    private let evaluator: PromQLEvaluator
    private let function: PromQLFunction
    private let arguments: [PromQLExpression]

    init(_ evaluator: PromQLEvaluator, _ function: PromQLFunction, _ arguments: [PromQLExpression]) {
        self.evaluator = evaluator
        self.function = function
        self.arguments = arguments
    }

    private var steps: QuerySteps { evaluator.steps }

    private func string(_ index: Int) -> String { if case .string(let text) = arguments[index].form { text } else { "" } }

    func value() throws(PromQLError) -> QueryValue {
        switch function {
        case .time: return .scalar((0..<steps.count).map { Double(steps.time($0)) / 1_000 })
        case .pi: return .scalar([Double](repeating: .pi, count: steps.count))
        case .scalar: return .scalar(scalar(try evaluator.vector(arguments[0])))
        case .vector: return .vector([VectorSeries(LabelSet(), values: try evaluator.scalar(arguments[0]))])
        case .timestamp: return .vector(try timestamps())
        case .logCount:
            return .vector(try LogCounts(evaluator, search: string(0), seconds: try evaluator.scalar(arguments[1])).series())
        case .absent: return .vector(absent(try evaluator.vector(arguments[0]), of: arguments[0]))
        case .absentOverTime: return .vector(try absentOverTime())
        case .sort, .sortDescending: return .vector(sorted(try evaluator.vector(arguments[0])))
        case .labelReplace, .labelJoin:
            let series = try evaluator.vector(arguments[0])
            return .vector(try evaluator.merged(try function == .labelReplace ? replacingLabels(series) : joiningLabels(series)))
        case .histogramQuantile, .histogramFraction:
            let shares = try evaluator.scalar(arguments[0])
            let upper = function == .histogramFraction ? try evaluator.scalar(arguments[1]) : nil
            let series = try evaluator.vector(arguments[arguments.count - 1])
            return .vector(try evaluator.merged(HistogramEvaluation(steps).series(series, shares, fractionTo: upper)))
        case .histogramCount: return .vector(try ofHistograms { $0.count })
        case .histogramSum: return .vector(try ofHistograms { $0.sum })
        case .histogramAverage: return .vector(try ofHistograms { $0.sum / $0.count })
        case .abs, .ceil, .floor, .exp, .sqrt, .ln, .log2, .log10, .sgn, .round, .clamp, .clampMinimum, .clampMaximum:
            return .vector(try mapped())
        default: return .vector(try evaluator.merged(try ranged()))
        }
    }

    // MARK: Values one by one

    private func mapped() throws(PromQLError) -> [VectorSeries] {
        let series = try evaluator.vector(arguments[0])
        var parameters: [[Double]] = []
        for argument in arguments.dropFirst() { parameters.append(try evaluator.scalar(argument)) }
        let transform = transform(parameters)
        let results = series.compactMap { one -> VectorSeries? in
            var result = VectorSeries(one.labels.withoutMetricName, count: steps.count)
            for step in 0..<steps.count where one.hasValue(step) { result.values[step] = transform(one.values[step], step) }
            return result.isEmpty ? nil : result
        }
        return try evaluator.merged(results)
    }

    private func transform(_ parameters: [[Double]]) -> (Double, Int) -> Double {
        switch function {
        case .abs: { value, _ in value.magnitude }
        case .ceil: { value, _ in value.rounded(.up) }
        case .floor: { value, _ in value.rounded(.down) }
        case .exp: { value, _ in Glibc.exp(value) }
        case .sqrt: { value, _ in value.squareRoot() }
        case .ln: { value, _ in Glibc.log(value) }
        case .log2: { value, _ in Glibc.log2(value) }
        case .log10: { value, _ in Glibc.log10(value) }
        case .sgn: { value, _ in value < 0 ? -1 : value > 0 ? 1 : value }
        case .clamp:
            { value, step in
                let (low, high) = (parameters[0][step], parameters[1][step])
                // Bounds in the wrong order leave nothing.
                return high < low ? StaleMarker.value : Self.maximum(low, Self.minimum(high, value))
            }
        case .clampMinimum: { value, step in Self.maximum(parameters[0][step], value) }
        case .clampMaximum: { value, step in Self.minimum(parameters[0][step], value) }
        default:
            { value, step in
                // The inverse is exact for 0.1 and its like, which themselves are not.
                let inverse = 1 / (parameters.first?[step] ?? 1)
                return (value * inverse + 0.5).rounded(.down) / inverse
            }
        }
    }

    /// Returns the greater value; NaN if one is NaN.
    private static func maximum(_ left: Double, _ right: Double) -> Double { left.isNaN || right.isNaN ? .nan : max(left, right) }

    private static func minimum(_ left: Double, _ right: Double) -> Double { left.isNaN || right.isNaN ? .nan : min(left, right) }

    private func ofHistograms(_ body: (FloatHistogram) -> Double) throws(PromQLError) -> [VectorSeries] {
        let results = try evaluator.vector(arguments[0]).compactMap { one -> VectorSeries? in
            guard let histograms = one.histograms else { return nil }
            return VectorSeries(one.labels.withoutMetricName, values: histograms.map { $0.map(body) ?? StaleMarker.value })
        }
        return try evaluator.merged(results)
    }

    // MARK: Whole vectors

    private func scalar(_ series: [VectorSeries]) -> [Double] {
        (0..<steps.count).map { step in
            let present = series.lazy.filter { $0.hasValue(step) }.prefix(2)
            return present.count == 1 ? present.first?.values[step] ?? .nan : .nan
        }
    }

    private func sorted(_ series: [VectorSeries]) -> [VectorSeries] {
        // The order of series matters only for one step.
        guard steps.count == 1 else { return series }
        let isDescending = function == .sortDescending
        return series.filter { $0.hasValue(0) }.sorted { left, right in
            let (first, second) = (left.values[0], right.values[0])
            if first.isNaN { return false }
            return second.isNaN ? true : isDescending ? first > second : first < second
        }
    }

    private func timestamps() throws(PromQLError) -> [VectorSeries] {
        if case .selector(let selector) = arguments[0].form {
            let (series, times) = try evaluator.instantVector(selector, wantsTimes: true)
            let results = zip(series, times).map { one, times in
                VectorSeries(
                    one.labels.withoutMetricName,
                    values: times.indices.map { one.isPresent($0) ? Double(times[$0]) / 1_000 : StaleMarker.value })
            }
            return try evaluator.merged(results)
        }
        let results = try evaluator.vector(arguments[0]).map { one in
            VectorSeries(
                one.labels.withoutMetricName,
                values: (0..<steps.count).map { one.isPresent($0) ? Double(steps.time($0)) / 1_000 : StaleMarker.value })
        }
        return try evaluator.merged(results)
    }

    private func absent(_ series: [VectorSeries], of expression: PromQLExpression) -> [VectorSeries] {
        var result = VectorSeries(Self.labelsOfAbsent(expression), count: steps.count)
        for step in 0..<steps.count where !series.contains(where: { $0.isPresent(step) }) { result.values[step] = 1 }
        return result.isEmpty ? [] : [result]
    }

    private func absentOverTime() throws(PromQLError) -> [VectorSeries] {
        let vector = try evaluator.rangeVector(arguments[0])
        let numbers = try vector.mapNumbers(evaluator.budget) { _ in 1 }
        let histograms = try vector.mapHistograms(evaluator.budget) { _, _, _, _ in .number(1) }
        return absent(numbers + histograms, of: arguments[0])
    }

    /// Returns the labels that the absent series must have had: those that a selector states once, with `=`.
    private static func labelsOfAbsent(_ expression: PromQLExpression) -> LabelSet {
        guard case .selector(let selector) = expression.form else { return LabelSet() }
        var labels: [LabelSet.Label] = []
        for matcher in selector.matchers where matcher.name != LabelSet.nameLabel {
            guard case .equal(let value) = matcher.test else { continue }
            let isRepeated = selector.matchers.count { $0.name == matcher.name } > 1
            if !isRepeated { labels.append(.init(matcher.name, value)) }
        }
        return LabelSet(labels)
    }

    private func replacingLabels(_ series: [VectorSeries]) throws(PromQLError) -> [VectorSeries] {
        let (target, replacement, source) = (string(1), string(2), string(3))
        guard !target.isEmpty else { throw .execution("invalid destination label name in label_replace(): \"\(target)\"") }
        let pattern: AnchoredPattern
        do throws(PatternError) { pattern = try AnchoredPattern(string(4)) } catch {
            throw .execution("invalid regular expression in label_replace(): \(string(4)): \(error)")
        }
        return series.map { one in
            guard let text = pattern.expanding(replacement, with: one.labels[source]) else { return one }
            var result = one
            result.labels = one.labels.setting(target, text)
            return result
        }
    }

    private func joiningLabels(_ series: [VectorSeries]) throws(PromQLError) -> [VectorSeries] {
        let (target, separator) = (string(1), string(2))
        guard !target.isEmpty else { throw .execution("invalid destination label name in label_join(): \"\(target)\"") }
        let sources = arguments.indices.dropFirst(3).map { string($0) }
        return series.map { one in
            var result = one
            result.labels = one.labels.setting(target, sources.map { one.labels[$0] }.joined(separator: separator))
            return result
        }
    }

    // MARK: Ranges

    private func ranged() throws(PromQLError) -> [VectorSeries] {
        let vector = try evaluator.rangeVector(arguments[function == .quantileOverTime ? 1 : 0])
        var results: [VectorSeries]
        if function == .quantileOverTime {
            results = try quantiles(vector, shares: try evaluator.scalar(arguments[0]))
        } else if function == .predictLinear {
            results = try predictions(vector, seconds: try evaluator.scalar(arguments[1]))
        } else {
            results = try vector.mapNumbers(evaluator.budget, numberFunction)
            results += try vector.mapHistograms(evaluator.budget, histogramFunction)
        }
        // The last point is still that of the metric; anything calculated is not.
        if function != .lastOverTime {
            for place in results.indices { results[place].labels = results[place].labels.withoutMetricName }
        }
        return results
    }

    private func quantiles(_ vector: RangeVector, shares: [Double]) throws(PromQLError) -> [VectorSeries] {
        var scratch: [Double] = []
        return try vector.mapNumbers(evaluator.budget) { points in
            scratch.removeAll(keepingCapacity: true)
            scratch.append(contentsOf: points.values)
            return OverTimeFunctions.quantile(shares[points.step], &scratch)
        }
    }

    private func predictions(_ vector: RangeVector, seconds: [Double]) throws(PromQLError) -> [VectorSeries] {
        try vector.mapNumbers(evaluator.budget) { points in
            // The line is taken at the time of the step, which an offset does not move.
            guard let line = CounterFunctions.regression(points, at: steps.time(points.step)) else { return StaleMarker.value }
            return line.slope * seconds[points.step] + line.value
        }
    }

    private var numberFunction: (RangePoints) -> Double {
        switch function {
        case .rate: { CounterFunctions.extrapolated($0, isCounter: true, isRate: true) }
        case .increase: { CounterFunctions.extrapolated($0, isCounter: true, isRate: false) }
        case .delta: { CounterFunctions.extrapolated($0, isCounter: false, isRate: false) }
        case .irate: { CounterFunctions.instant($0, isRate: true) }
        case .idelta: { CounterFunctions.instant($0, isRate: false) }
        case .deriv: { CounterFunctions.regression($0, at: $0.times[0])?.slope ?? StaleMarker.value }
        case .changes: { CounterFunctions.changes($0) }
        case .resets: { CounterFunctions.resets($0) }
        case .averageOverTime: { OverTimeFunctions.average($0) }
        case .minimumOverTime: { OverTimeFunctions.minimum($0) }
        case .maximumOverTime: { OverTimeFunctions.maximum($0) }
        case .sumOverTime: { OverTimeFunctions.sum($0) }
        case .countOverTime: { Double($0.count) }
        case .presentOverTime: { _ in 1 }
        case .deviationOverTime: { OverTimeFunctions.variance($0).squareRoot() }
        case .varianceOverTime: { OverTimeFunctions.variance($0) }
        default: { $0.values[$0.count - 1] }
        }
    }

    private var histogramFunction: (ArraySlice<Int64>, ArraySlice<FloatHistogram>, Int64, Int64) -> HistogramOrNumber? {
        let function = function
        return { times, histograms, start, end in
            switch function {
            case .rate, .increase, .delta:
                return CounterFunctions.extrapolated(
                    times, histograms, start: start, end: end, isCounter: function != .delta, isRate: function == .rate
                ).map { .histogram($0) }
            case .irate, .idelta: return CounterFunctions.instant(times, histograms, isRate: function == .irate).map { .histogram($0) }
            case .sumOverTime, .averageOverTime:
                guard let first = histograms.first else { return nil }
                let sum = histograms.dropFirst().reduce(first) { $0.adding($1) }
                return .histogram(function == .sumOverTime ? sum : sum.divided(by: Double(histograms.count)))
            case .countOverTime: return .number(Double(histograms.count))
            case .presentOverTime: return .number(1)
            case .changes: return .number(Double(zip(histograms, histograms.dropFirst()).count { $0 != $1 }))
            case .resets: return .number(Double(zip(histograms, histograms.dropFirst()).count { $1.isReset(from: $0) }))
            case .lastOverTime: return histograms.last.map { .histogram($0) }
            default: return nil
            }
        }
    }
}
