// Alerts as they are routed and sent.

import ExampleSupport

/// An alert that has fired, with the times that receivers get. Times are milliseconds since 1970.
struct SentAlert: Sendable {
    let labels: LabelSet
    let annotations: [(name: String, value: String)]
    let startsAt: Int64
    /// Nil while it fires.
    var endsAt: Int64?
    let generatorURL: String
    var updatedAt: Int64
    /// When it counts as resolved unless its rule says again that it fires.
    var validUntil = Int64.max
    let fingerprint: UInt64

    init(
        labels: LabelSet, annotations: [(name: String, value: String)], startsAt: Int64, endsAt: Int64?, generatorURL: String,
        updatedAt: Int64
    ) {
        (self.labels, self.annotations, self.startsAt, self.endsAt) = (labels, annotations, startsAt, endsAt)
        (self.generatorURL, self.updatedAt) = (generatorURL, updatedAt)
        fingerprint = labels.fingerprint
    }

    /// The order of alerts in messages: by job, instance, and the other labels.
    func precedes(_ other: SentAlert) -> Bool {
        for name in ["job", "instance"] where labels[name] != other.labels[name] { return labels[name] < other.labels[name] }
        return labels < other.labels
    }

    var isResolved: Bool { endsAt != nil }
}

extension LabelSet {
    /// The number by which Prometheus' programs know a set of labels: FNV-1a over names and values in order.
    var fingerprint: UInt64 {
        var hash = FNV1a()
        for text in labels.flatMap({ [$0.name, $0.value] }) {
            hash.combine(text)
            hash.combine(0xFF)
        }
        return hash.value
    }

    /// The labels as the key of a group has them: `{alertname="Down", job="shop"}`.
    var groupText: String {
        "{"
            + labels.map {
                "\($0.name)=\"\($0.value.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : $0 == "\n" ? "\\n" : "\($0)" }.joined())\""
            }.joined(separator: ", ") + "}"
    }
}

extension UInt64 {
    /// The number with all of its sixteen digits.
    var fingerprintText: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
