// The list of metrics.

import Telemetry

/// One metric in the list, with what its series have in common.
struct MetricSummary: Sendable {
    let family: MetricFamily
    var series = 0
    var points = 0
    var attributes: Set<String> = []
    var services: Set<String> = []
    /// Milliseconds since 1970; nil without a point.
    var last: Int64?
}

extension MetricStore {
    /// Labels that are not attributes of points.
    private static let ownLabels: Set = [LabelSet.nameLabel, "le", "quantile", "job", "instance", "service_name", "otel_scope_name"]

    /// The descriptions of all metrics.
    var families: [MetricFamily] { withTables { $0.families } }

    /// The numbers of exemplars that are kept and that made room for later ones.
    var exemplarCounts: (kept: Int, evicted: Int) { withTables { ($0.exemplars.count, $0.exemplars.evicted) } }

    /// Returns the metrics with points whose name, Prometheus name or description contains a text, in the order of their names.
    func summaries(containing text: String) -> [MetricSummary] {
        let wanted = text.lowercased()
        let all: [MetricSummary] = withTables { tables in
            var summaries = tables.families.map { MetricSummary(family: $0) }
            for series in tables.series {
                guard let series else { continue }
                let place = series.family
                if series.isPrimary {
                    summaries[place].series += 1
                    summaries[place].points += series.count
                }
                let (service, job) = (series.labels["service_name"], series.labels["job"])
                if !service.isEmpty || !job.isEmpty { summaries[place].services.insert(service.isEmpty ? job : service) }
                for label in series.labels.labels {
                    if !Self.ownLabels.contains(label.name) { summaries[place].attributes.insert(label.name) }
                }
                if let last = series.times.last { summaries[place].last = max(last, summaries[place].last ?? last) }
            }
            return summaries
        }
        return all.filter { summary in
            guard summary.last != nil else { return false }
            let family = summary.family
            return wanted.isEmpty || [family.name, family.prometheusName, family.description].contains { $0.lowercased().contains(wanted) }
        }.sorted { ($0.family.name, $0.family.kind.rawValue) < ($1.family.name, $1.family.kind.rawValue) }
    }

    /// Returns the exemplars of a metric by one of its names, in the order of their times.
    func exemplars(ofMetric name: String, from start: UInt64, to end: UInt64) -> [MetricExemplar]? {
        let found: [MetricExemplar]? = withTables { tables in
            let places = Set(tables.families.indices.filter { tables.families[$0].isNamed(name) })
            guard !places.isEmpty else { return nil }
            return tables.exemplars.all.filter {
                places.contains($0.family) && $0.time.nanosecondsSinceEpoch >= start && $0.time.nanosecondsSinceEpoch < end
            }
        }
        return found?.sorted { $0.time < $1.time }
    }
}

extension MetricFamily {
    /// True if that is the name of the sender or of Prometheus.
    func isNamed(_ text: String) -> Bool { name == text || prometheusName == text }
}
