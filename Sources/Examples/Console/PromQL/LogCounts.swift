// The number of log records that a search finds, as a function of queries.

import Telemetry

/// Evaluates `log_count("severity>=error", 5m)`: for each service the records of the time before each step that the search finds.
struct LogCounts {
    /// The longest time that is looked back, in seconds.
    private static let maximumSeconds: Double = 7 * 86_400

    private let evaluator: PromQLEvaluator
    private let search: String
    private let seconds: [Double]

    init(_ evaluator: PromQLEvaluator, search: String, seconds: [Double]) {
        self.evaluator = evaluator
        self.search = search
        self.seconds = seconds
    }

    /// Throws if the arguments of a call are no search and no length of time.
    static func check(_ arguments: [PromQLExpression]) throws(PromQLError) {
        if case .string(let search) = arguments[0].form {
            do throws(SearchError) { _ = try SearchParser.parse(search, .logs) } catch {
                throw .syntax("\(error.message) (column \(error.column) of the search in log_count)", offset: arguments[0].offset)
            }
        }
        guard case .number(let seconds) = arguments[1].form, seconds > 0, seconds <= maximumSeconds else {
            throw .syntax("log_count needs a time up to 7d as its second argument, such as 5m", offset: arguments[1].offset)
        }
    }

    func series() throws(PromQLError) -> [VectorSeries] {
        guard let logs = evaluator.logs else { throw .execution("log_count: this console keeps no log records") }
        let term: SearchTerm
        do throws(SearchError) { term = try SearchParser.parse(search, .logs) } catch { throw .execution(error.message) }
        let steps = evaluator.steps
        let range = Int64((seconds.first ?? 0) * 1_000)
        // Like the range of a selector, the time is open at its start.
        let window = TimeWindow(from: Self.nanoseconds(steps.start - range) + 1, to: Self.nanoseconds(steps.end) + 1)
        var times: [String: [UInt64]] = [:]
        for block in logs.blocks {
            try evaluator.budget.check()
            let filter = ItemFilter(term, block, runs: [:])
            if filter.takesNone { continue }
            for row in 0..<block.count where window.contains(block.sortTime[row]) {
                try evaluator.budget.checkSometimes()
                guard filter.passes(row) else { continue }
                try evaluator.budget.take(samples: 1)
                times[block.serviceName(row), default: []].append(block.sortTime[row])
            }
        }
        var result: [VectorSeries] = []
        for (service, unordered) in times.sorted(by: { $0.key < $1.key }) {
            try evaluator.budget.take(values: steps.count)
            result.append(Self.series(of: service, unordered.sorted(), steps, range: range))
        }
        return result
    }

    /// Returns the counts at each step; a step without a record has no value.
    private static func series(of service: String, _ times: [UInt64], _ steps: QuerySteps, range: Int64) -> VectorSeries {
        var series = VectorSeries(LabelSet([.init("service_name", service)]), count: steps.count)
        var (first, last) = (0, 0)
        for step in 0..<steps.count {
            let (start, end) = (nanoseconds(steps.time(step) - range), nanoseconds(steps.time(step)))
            while last < times.count, times[last] <= end { last += 1 }
            while first < last, times[first] <= start { first += 1 }
            if last > first { series.values[step] = Double(last - first) }
        }
        return series
    }

    private static func nanoseconds(_ milliseconds: Int64) -> UInt64 {
        UInt64(max(0, milliseconds)).multipliedReportingOverflow(by: 1_000_000).partialValue
    }
}
