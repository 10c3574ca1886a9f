// The metrics of a probe as a page.

/// What one probe has measured, and its form in Prometheus' text format.
struct ProbePage: Sendable, Equatable {
    struct Label: Sendable, Equatable {
        let name: String
        let value: String
    }

    struct Sample: Sendable, Equatable {
        let labels: [Label]
        var value: Double
    }

    private(set) var samples: [ProbeMetric: [Sample]] = [:]

    /// Sets the value of a metric, in the place of an earlier one with the same labels.
    mutating func set(_ metric: ProbeMetric, _ value: Double, _ labels: [(String, String)] = []) {
        let labels = labels.map { Label(name: $0.0, value: $0.1) }
        if let index = samples[metric]?.firstIndex(where: { $0.labels == labels }) {
            samples[metric]?[index].value = value
        } else {
            samples[metric, default: []].append(Sample(labels: labels, value: value))
        }
    }

    /// Adds to the value of a phase.
    mutating func add(_ metric: ProbeMetric, phase: String, _ value: Double) {
        set(metric, (self.value(metric, phase: phase) ?? 0) + value, [("phase", phase)])
    }

    func value(_ metric: ProbeMetric, phase: String? = nil) -> Double? {
        samples[metric]?.first { phase == nil || $0.labels == [Label(name: "phase", value: phase ?? "")] }?.value
    }

    var text: String { Self.text([(self, [])]) }

    /// Returns the metrics of several probes as one page; each gets the labels beside it.
    static func text(_ pages: [(page: ProbePage, labels: [(String, String)])]) -> String {
        var text = ""
        for metric in ProbeMetric.allCases.sorted(by: { $0.rawValue < $1.rawValue }) {
            var lines = ""
            for (page, labels) in pages {
                for sample in page.samples[metric] ?? [] {
                    let names = Set(sample.labels.map(\.name))
                    let all = sample.labels + labels.filter { !names.contains($0.0) }.map { Label(name: $0.0, value: $0.1) }
                    lines += metric.rawValue
                    if !all.isEmpty { lines += "{" + all.map { "\($0.name)=\"\(escaped($0.value))\"" }.joined(separator: ",") + "}" }
                    lines += " \(GoNumber.text(sample.value))\n"
                }
            }
            if !lines.isEmpty { text += "# HELP \(metric.rawValue) \(metric.help)\n# TYPE \(metric.rawValue) gauge\n\(lines)" }
        }
        return text
    }

    private static func escaped(_ value: String) -> String {
        var result = ""
        for character in value.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
