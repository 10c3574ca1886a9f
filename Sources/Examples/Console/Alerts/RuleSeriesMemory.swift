// Writes what rules give into the store of metrics, where other queries find it.

import Telemetry

/// The series that a rule gave in its last evaluation, which end when a later one does not give them.
struct RuleSeriesMemory: Sendable {
    private var places: [LabelSet: Int] = [:]

    /// Adds samples of one time to a store and ends the series of the last time that are not among them.
    mutating func record(_ samples: [(labels: LabelSet, value: Double)], at time: Int64, in store: MetricStore, help: String) {
        var next: [LabelSet: Int] = [:]
        let last = places
        store.withTables { tables in
            for sample in samples where sample.labels.labels.count <= tables.limits.labels {
                let name = sample.labels.metricName
                var family = MetricFamily(name: name, prometheusName: name, kind: .gauge, isMonotonic: false)
                family.description = help
                guard let number = tables.family(family), let place = tables.place(of: sample.labels, family: number, isPrimary: false)
                else {
                    tables.reject(.tooManySeries)
                    continue
                }
                _ = tables.append(
                    Int64(exactly: sample.value).map { .integer($0) } ?? .double(sample.value), to: place, at: time, SampleKind())
                next[sample.labels] = place
            }
            for (labels, place) in last where next[labels] == nil && tables.series[place]?.labels == labels { tables.end(place, at: time) }
            tables.makeRoom()
        }
        places = next
    }
}
