// Aggregations: sum, avg, topk and their siblings.

/// Evaluates one aggregation.
struct Aggregation {
    typealias Expression = PromQLExpression

    private let aggregator: Expression.Aggregator
    private let grouping: Expression.Grouping
    private let parameter: QueryValue?
    private let steps: QuerySteps
    private let budget: QueryBudget

    init(
        _ aggregator: Expression.Aggregator, _ grouping: Expression.Grouping, _ parameter: QueryValue?, steps: QuerySteps,
        budget: QueryBudget
    ) {
        self.aggregator = aggregator
        self.grouping = grouping
        self.parameter = parameter
        self.steps = steps
        self.budget = budget
    }

    private struct Group {
        let labels: LabelSet
        var members: [Int]
    }

    func series(of series: [VectorSeries]) throws(PromQLError) -> [VectorSeries] {
        let groups = groups(of: series)
        switch aggregator {
        case .topk, .bottomk: return try selected(series, groups)
        case .countValues: return try counted(series, groups)
        default: break
        }
        var results: [VectorSeries] = []
        results.reserveCapacity(groups.count)
        for group in groups {
            try budget.take(values: steps.count)
            var result = VectorSeries(group.labels, count: steps.count)
            let hasHistograms = group.members.contains { series[$0].histograms != nil }
            switch aggregator {
            case .sum: addUp(series, group, &result, isMean: false)
            case .avg: addUp(series, group, &result, isMean: true)
            case .min, .max: findExtreme(series, group, &result)
            case .count, .group:
                for step in 0..<steps.count {
                    let count = group.members.count { series[$0].isPresent(step) }
                    if count > 0 { result.values[step] = aggregator == .group ? 1 : Double(count) }
                }
            default: try distribute(series, group, &result)
            }
            if hasHistograms, aggregator == .sum || aggregator == .avg { try addHistograms(series, group, &result) }
            if !result.isEmpty { results.append(result) }
        }
        return results
    }

    private func groups(of series: [VectorSeries]) -> [Group] {
        var places: [LabelSet: Int] = [:]
        var groups: [Group] = []
        for (index, one) in series.enumerated() {
            let labels =
                grouping.isWithout ? one.labels.removing(grouping.names + [LabelSet.nameLabel]) : one.labels.keeping(grouping.names)
            if let place = places[labels] {
                groups[place].members.append(index)
            } else {
                places[labels] = groups.count
                groups.append(Group(labels: labels, members: [index]))
            }
        }
        return groups
    }

    /// Adds series after series, so that each column is read in its order.
    private func addUp(_ series: [VectorSeries], _ group: Group, _ result: inout VectorSeries, isMean: Bool) {
        var sums = [CompensatedSum](repeating: CompensatedSum(), count: steps.count)
        var counts = [Int](repeating: 0, count: steps.count)
        for member in group.members {
            series[member].values.withUnsafeBufferPointer { values in
                for step in 0..<values.count where !StaleMarker.isStale(values[step]) {
                    sums[step].add(values[step])
                    counts[step] += 1
                }
            }
        }
        for step in 0..<steps.count where counts[step] > 0 {
            let sum = sums[step].value
            if !isMean {
                result.values[step] = sum
            } else if sum.isInfinite {
                let values = group.members.lazy.filter { series[$0].hasValue(step) }.map { series[$0].values[step] }
                result.values[step] = OverTimeFunctions.runningMean(values)
            } else {
                result.values[step] = sum / Double(counts[step])
            }
        }
    }

    private func addHistograms(_ series: [VectorSeries], _ group: Group, _ result: inout VectorSeries) throws(PromQLError) {
        for step in 0..<steps.count {
            try budget.checkSometimes()
            let present = group.members.compactMap { series[$0].histogram(step) }
            guard let first = present.first else { continue }
            // Numbers and histograms have no sum.
            guard !result.hasValue(step) else {
                result.remove(step)
                continue
            }
            let sum = present.dropFirst().reduce(first) { $0.adding($1) }
            result.set(aggregator == .avg ? sum.divided(by: Double(present.count)) : sum, at: step)
        }
    }

    private func findExtreme(_ series: [VectorSeries], _ group: Group, _ result: inout VectorSeries) {
        let isMaximum = aggregator == .max
        for member in group.members {
            for step in 0..<steps.count where series[member].hasValue(step) {
                let (value, best) = (series[member].values[step], result.values[step])
                if best.isNaN || (isMaximum ? value > best : value < best) { result.values[step] = value }
            }
        }
    }

    private func distribute(_ series: [VectorSeries], _ group: Group, _ result: inout VectorSeries) throws(PromQLError) {
        var values: [Double] = []
        for step in 0..<steps.count {
            try budget.checkSometimes()
            values.removeAll(keepingCapacity: true)
            for member in group.members where series[member].hasValue(step) { values.append(series[member].values[step]) }
            guard !values.isEmpty else { continue }
            switch aggregator {
            case .quantile: result.values[step] = OverTimeFunctions.quantile(number(step), &values)
            case .stddev: result.values[step] = OverTimeFunctions.variance(of: values).squareRoot()
            default: result.values[step] = OverTimeFunctions.variance(of: values)
            }
        }
    }

    private func number(_ step: Int) -> Double { if case .scalar(let values)? = parameter { values[step] } else { .nan } }

    /// Keeps the greatest or the least series of each group at each step, with their labels.
    private func selected(_ series: [VectorSeries], _ groups: [Group]) throws(PromQLError) -> [VectorSeries] {
        let isTop = aggregator == .topk
        var results = series.map { VectorSeries($0.labels, count: steps.count) }
        var order: [Int] = []
        for step in 0..<steps.count {
            let wanted = number(step)
            guard !wanted.isNaN, wanted.magnitude < 9e18 else {
                throw .execution("the number of series of \(aggregator.rawValue) is \(GoNumber.text(wanted)); it must be a whole number")
            }
            guard wanted >= 1 else { continue }
            for group in groups {
                try budget.checkSometimes()
                let present = group.members.filter { series[$0].hasValue(step) }
                let ranked = present.sorted { left, right in
                    let (first, second) = (series[left].values[step], series[right].values[step])
                    if first.isNaN || second.isNaN { return !first.isNaN && second.isNaN }
                    return isTop ? first > second : first < second
                }
                for member in ranked.prefix(Int(wanted)) {
                    results[member].values[step] = series[member].values[step]
                    order.append(member)
                }
            }
        }
        // One step keeps the order of the values.
        return steps.count == 1 ? order.map { results[$0] } : results.filter { !$0.isEmpty }
    }

    private func counted(_ series: [VectorSeries], _ groups: [Group]) throws(PromQLError) -> [VectorSeries] {
        guard case .string(let label)? = parameter, !label.isEmpty else { throw .execution("invalid label name \"\" for count_values") }
        var places: [LabelSet: Int] = [:]
        var results: [VectorSeries] = []
        for group in groups {
            for member in group.members {
                for step in 0..<steps.count where series[member].hasValue(step) {
                    let labels = group.labels.setting(label, GoNumber.text(series[member].values[step]))
                    let place = places[labels] ?? results.count
                    if place == results.count {
                        try budget.take(values: steps.count)
                        places[labels] = place
                        results.append(VectorSeries(labels, count: steps.count))
                    }
                    let count = results[place].hasValue(step) ? results[place].values[step] : 0
                    results[place].values[step] = count + 1
                }
            }
        }
        return results
    }
}
