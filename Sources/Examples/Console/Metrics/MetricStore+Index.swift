// Questions about series and their labels.

import Telemetry

extension MetricStore {
    /// Returns the labels of series that match one of the lists of matchers, all without one, with points in a range of time.
    func labelSets(of selectors: [[LabelMatcher]], from start: Int64, to end: Int64) -> [LabelSet] {
        withTables { tables in
            var places: Set<Int> = []
            for matchers in selectors.isEmpty ? [[]] : selectors {
                for place in tables.places(matching: matchers) where !places.contains(place) {
                    guard let series = tables.series[place], let first = series.times.first, let last = series.times.last else { continue }
                    if first <= end, last >= start { places.insert(place) }
                }
            }
            return places.compactMap { tables.series[$0]?.labels }
        }.sorted()
    }

    func labelNames(of selectors: [[LabelMatcher]], from start: Int64, to end: Int64) -> [String] {
        var names: Set<String> = []
        for labels in labelSets(of: selectors, from: start, to: end) { names.formUnion(labels.labels.map(\.name)) }
        return names.sorted()
    }

    func labelValues(_ name: String, of selectors: [[LabelMatcher]], from start: Int64, to end: Int64) -> [String] {
        var values: Set<String> = []
        for labels in labelSets(of: selectors, from: start, to: end) {
            let value = labels[name]
            if !value.isEmpty { values.insert(value) }
        }
        return values.sorted()
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
