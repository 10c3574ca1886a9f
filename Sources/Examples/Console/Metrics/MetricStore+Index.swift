// Questions about series and their labels.

import Telemetry

extension MetricStore {
    /// Returns the labels of series that match one of the lists of matchers, all without one, with points in a range of time.
    func labelSets(of selectors: [[LabelMatcher]], from start: Int64, to end: Int64) -> [LabelSet] {
        var sets: [LabelSet] = []
        forEachLabelSet(of: selectors, from: start, to: end) { sets.append($0) }
        return sets.sorted()
    }

    func labelNames(of selectors: [[LabelMatcher]], from start: Int64, to end: Int64) -> [String] {
        var names: Set<String> = []
        forEachLabelSet(of: selectors, from: start, to: end) { set in
            for label in set.labels { names.insert(label.name) }
        }
        return names.sorted()
    }

    func labelValues(_ name: String, of selectors: [[LabelMatcher]], from start: Int64, to end: Int64) -> [String] {
        var values: Set<String> = []
        forEachLabelSet(of: selectors, from: start, to: end) { set in
            let value = set[name]
            if !value.isEmpty { values.insert(value) }
        }
        return values.sorted()
    }

    private func forEachLabelSet(
        of selectors: [[LabelMatcher]], from start: Int64, to end: Int64, _ body: (LabelSet) -> Void
    ) {
        // Labels are only retained under the lock.
        let sets: [LabelSet] = withTables { tables in
            var seen: Set<Int> = []
            var sets: [LabelSet] = []
            for matchers in selectors.isEmpty ? [[]] : selectors {
                for place in tables.places(matching: matchers) {
                    guard let series = tables.series[place], let first = series.times.first, let last = series.times.last else { continue }
                    guard first <= end, last >= start, selectors.count < 2 || seen.insert(place).inserted else { continue }
                    sets.append(series.labels)
                }
            }
            return sets
        }
        for set in sets { body(set) }
    }

    /// Returns the exemplars of series that match, in the order of their times.
    func exemplars(of matchers: [LabelMatcher], from start: Int64, to end: Int64) -> [MetricExemplar] {
        withTables { tables in
            tables.exemplars.all.filter { exemplar in
                (start...end).contains(exemplar.milliseconds) && matchers.allSatisfy { $0.matches(exemplar.series) }
            }
        }.sorted { $0.time < $1.time }
    }
}
