// The identity of a series: its labels, the name of the metric among them.

/// Labels in the order of their names, without empty values.
package struct LabelSet: Sendable, Hashable {
    package struct Label: Sendable, Hashable {
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }

        var byteCount: Int { 32 + (name.utf8.count > 15 ? name.utf8.count + 32 : 0) + (value.utf8.count > 15 ? value.utf8.count + 32 : 0) }
    }

    /// The label that holds the name of the metric.
    package static let nameLabel = "__name__"

    package private(set) var labels: [Label]

    /// Orders the labels; of several with one name the last is kept.
    package init(_ labels: [Label] = []) {
        var kept: [Label] = []
        kept.reserveCapacity(labels.count)
        for (place, label) in labels.enumerated() where !label.value.isEmpty {
            let isRepeated = labels[(place + 1)...].contains { $0.name == label.name }
            if !isRepeated { kept.append(label) }
        }
        kept.sort { $0.name < $1.name }
        self.labels = kept
    }

    private init(ordered labels: [Label]) {
        self.labels = labels
    }

    /// The value of a label; empty if the set does not have it, as Prometheus has it.
    package subscript(name: String) -> String {
        for label in labels where label.name == name { return label.value }
        return ""
    }

    package var metricName: String { self[Self.nameLabel] }
    package var isEmpty: Bool { labels.isEmpty }

    /// The bytes that the set takes, about.
    var byteCount: Int { labels.reduce(32) { $0 + $1.byteCount } }

    package var withoutMetricName: LabelSet { LabelSet(ordered: labels.filter { $0.name != Self.nameLabel }) }

    package func keeping(_ names: [String]) -> LabelSet { LabelSet(ordered: labels.filter { names.contains($0.name) }) }

    package func removing(_ names: [String]) -> LabelSet { LabelSet(ordered: labels.filter { !names.contains($0.name) }) }

    /// Returns the set with a label in place of the one with its name; an empty value only removes that one.
    package func setting(_ name: String, _ value: String) -> LabelSet {
        var labels = labels.filter { $0.name != name }
        if !value.isEmpty {
            let place = labels.firstIndex { name < $0.name } ?? labels.count
            labels.insert(Label(name, value), at: place)
        }
        return LabelSet(ordered: labels)
    }
}

extension LabelSet: Comparable {
    /// The order in which answers list series.
    package static func < (left: LabelSet, right: LabelSet) -> Bool {
        for (first, second) in zip(left.labels, right.labels) {
            if first.name != second.name { return first.name < second.name }
            if first.value != second.value { return first.value < second.value }
        }
        return left.labels.count < right.labels.count
    }
}
