// What a page of metrics holds.

import Telemetry

/// One line of a page.
struct ScrapedSample: Sendable {
    /// The labels as the page has them, the name among them.
    var labels: [LabelSet.Label] = []
    var value = MetricNumber64.integer(0)
    /// A histogram in place of the value.
    var histogram: FloatHistogram?
    /// Milliseconds since 1970; nil if the page states none.
    var time: Int64?
    var exemplar: MetricPoint.Exemplar?
    /// The family that the sample belongs to.
    var family = 0
    /// True if the sample stands for a point of its family, not for one of several parts of it.
    var isPrimary = true
}

/// The description of a family in a page.
struct ScrapedFamily: Sendable, Equatable {
    let name: String
    var type = ""
    var help = ""
    var unit = ""

    /// The family in the store; counters have the name of their samples, which queries use.
    var description: MetricFamily {
        let kind: MetricFamily.Kind =
            switch type {
            case "counter": .sum
            case "gauge", "info", "stateset": .gauge
            case "histogram", "gaugehistogram": .histogram
            case "native": .exponentialHistogram
            case "summary": .summary
            default: .unknown
            }
        let isCounter = type == "counter"
        let shown = isCounter && !name.hasSuffix("_total") ? name + "_total" : name
        var family = MetricFamily(
            name: shown, prometheusName: shown, kind: kind, isMonotonic: isCounter || type == "histogram" || type == "native")
        family.temporality = isCounter || type == "histogram" || type == "native" ? "cumulative" : ""
        family.unit = unit
        family.description = help
        return family
    }
}

/// What a moment of creation belongs to.
struct ScrapedCreation: Hashable, Sendable {
    let family: Int
    let labels: LabelSet

    init(_ family: Int, _ labels: [LabelSet.Label]) {
        self.family = family
        self.labels = LabelSet(labels.filter { !["le", "quantile", LabelSet.nameLabel].contains($0.name) })
    }
}

/// Why a page cannot be read.
struct ScrapeSyntaxError: Error, Equatable, CustomStringConvertible {
    let reason: String
    /// From 1; 0 where the page has no lines.
    let line: Int

    var description: String { line > 0 ? "\(reason) in line \(line)" : reason }
}
