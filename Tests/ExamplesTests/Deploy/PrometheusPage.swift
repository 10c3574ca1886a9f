// Metrics pages of several services, as sets of names and labels.

import ExampleSupport

/// The names of series that services have, with the labels of each.
struct PrometheusPage {
    private(set) var labels: [String: Set<String>] = [:]
    /// The values that a label has had.
    private var values: [String: Set<String>] = [:]

    /// Adds a page in the text format.
    mutating func add(_ page: String) {
        for line in page.split(separator: "\n") where !line.hasPrefix("#") {
            guard let end = line.firstIndex(where: { $0 == "{" || $0 == " " }) else { continue }
            let name = String(line[..<end])
            let pairs = line[end...].matches(of: /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/)
            labels[name, default: []].formUnion(pairs.map { String($0.output.1) })
            for pair in pairs { values["\(name)/\(pair.output.1)", default: []].insert(String(pair.output.2)) }
        }
    }

    /// Adds names whose labels are known otherwise.
    mutating func add(_ name: String, labels: Set<String>) { self.labels[name, default: []].formUnion(labels) }

    func hasValue(_ value: String, of label: String, in name: String) -> Bool { values["\(name)/\(label)"]?.contains(value) == true }
}
