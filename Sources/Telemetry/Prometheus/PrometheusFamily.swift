// Families: all samples of one name, with what is remembered of them from scrape to scrape.

/// A family of a page: its comments, and the metrics that are told under its name, each with its remembered series.
///
/// One renderer uses it, on one thread at a time.
final class PrometheusFamily {
    let name: PrometheusName
    /// The lines before the samples, or in protobuf the fields before them.
    let header: [UInt8]
    private(set) var members: [PrometheusMember] = []
    /// The labels of all series by their hashes. (64 bits, with a seed of the process: two different ones do not meet in practice.)
    private var knownLabels: Set<Int> = []

    init(name: PrometheusName, header: [UInt8]) {
        self.name = name
        self.header = header
    }

    func append(_ member: PrometheusMember) {
        members.append(member)
    }

    /// Whether no other series of the family has these labels so far. Empty labels are as none to Prometheus.
    func admit(_ labels: [(name: String, value: String)]) -> Bool {
        var hasher = Hasher()
        for label in labels where !label.value.isEmpty {
            hasher.combine(ExactText(label.name))
            hasher.combine(ExactText(label.value))
        }
        return knownLabels.insert(hasher.finalize()).inserted
    }

    /// Forgets all series.
    func forgetSeries() {
        knownLabels.removeAll(keepingCapacity: true)
        for member in members { member.forgetSeries() }
    }
}
