// The labels that all series of a resource and scope share.

import Telemetry

/// Makes labels of attributes, as Prometheus' receiver of OTLP does.
struct MetricOrigin: Sendable {
    /// Labels of every series: `job`, `instance`, `service_name` and the name of the scope.
    let shared: [LabelSet.Label]
    /// The series `target_info`, which has all attributes of the resource; nil without any but those of the identity.
    let targetInfo: LabelSet?

    private static let identity: Set = ["service.name", "service.namespace", "service.instance.id"]

    init(_ resource: Resource, _ scope: InstrumentationScope, limits: MetricStoreLimits) {
        let service = Self.text(resource.attributes["service.name"], limits)
        let namespace = Self.text(resource.attributes["service.namespace"], limits)
        let instance = Self.text(resource.attributes["service.instance.id"], limits)
        var identity: [LabelSet.Label] = []
        if !service.isEmpty { identity.append(.init("job", namespace.isEmpty ? service : "\(namespace)/\(service)")) }
        if !instance.isEmpty { identity.append(.init("instance", instance)) }
        var shared = identity
        if !service.isEmpty { shared.append(.init("service_name", service)) }
        if !scope.name.isEmpty { shared.append(.init("otel_scope_name", Self.cut(scope.name, limits))) }
        self.shared = shared
        let others = resource.attributes.filter { !Self.identity.contains($0.key) }
        let labels = Self.labels(of: others.map { ($0.key, $0.value) }, limits)
        targetInfo =
            labels.isEmpty || identity.isEmpty ? nil : LabelSet(labels + identity + [.init(LabelSet.nameLabel, "target_info")])
    }

    /// Returns the labels of a point; those of the origin win.
    func labels(_ name: String, _ attributes: [Attributes.Element], _ limits: MetricStoreLimits) -> LabelSet {
        LabelSet(Self.labels(of: attributes, limits) + shared + [.init(LabelSet.nameLabel, name)])
    }

    /// Returns labels of attributes; values whose names become equal are joined by `;` in the order of their keys.
    private static func labels(of attributes: [(key: String, value: AttributeValue)], _ limits: MetricStoreLimits) -> [LabelSet.Label] {
        var labels: [LabelSet.Label] = []
        for (key, value) in attributes.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            var name = PrometheusText.labelName(key)
            // Two leading underscores are for labels of Prometheus itself.
            while name.hasPrefix("__") { name.removeFirst() }
            guard !name.isEmpty else { continue }
            let text = text(value, limits)
            if let place = labels.firstIndex(where: { $0.name == name }) {
                labels[place] = .init(name, labels[place].value + ";" + text)
            } else {
                labels.append(.init(cut(name, limits), text))
            }
        }
        return labels
    }

    private static func text(_ value: AttributeValue?, _ limits: MetricStoreLimits) -> String {
        cut(value.map { PrometheusLabelMaker.text($0) } ?? "", limits)
    }

    /// Cuts a text at the end of a character.
    static func cut(_ text: String, _ limits: MetricStoreLimits) -> String {
        guard text.utf8.count > limits.labelBytes else { return text }
        var kept = text.prefix(limits.labelBytes)
        while kept.utf8.count > limits.labelBytes { kept.removeLast() }
        return kept + "…"
    }
}
