// Holds the metrics of one name from scrape to scrape.

/// A family of a page: its header, and the metrics that share its name.
///
/// It must be used only by its renderer, on one thread at a time.
final class PrometheusFamily {
    let name: PrometheusName
    /// The lines or protobuf fields before the samples.
    let header: [UInt8]
    private(set) var members: [PrometheusMember] = []
    /// The hashes of the labels of all series. (They have 64 bits and a seed of the process: collisions do not occur in practice.)
    private var knownLabels: Set<Int> = []

    init(name: PrometheusName, header: [UInt8]) {
        self.name = name
        self.header = header
    }

    func append(_ member: PrometheusMember) {
        members.append(member)
    }

    /// Returns whether the labels are new to the family. Prometheus treats empty labels as missing.
    func admit(_ labels: [(name: String, value: String)]) -> Bool {
        var hasher = Hasher()
        for label in labels where !label.value.isEmpty {
            hasher.combine(ExactText(label.name))
            hasher.combine(ExactText(label.value))
        }
        return knownLabels.insert(hasher.finalize()).inserted
    }

    /// Removes all cached series.
    func removeSeries() {
        knownLabels.removeAll(keepingCapacity: true)
        for member in members { member.removeSeries() }
    }
}
