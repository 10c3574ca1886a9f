// The diagnostic for metrics with the same name.

/// Two metrics of one meter with the same name, which receivers cannot tell apart.
///
/// Both are exported nevertheless. (Specification: metrics SDK, "Duplicate instrument registration", and metrics data model, "Producer
/// recommendations".)
struct MetricConflict: Sendable {
    /// A metric and its instrument.
    struct Metric: Sendable {
        let plan: StreamPlan
        let instrument: InstrumentDescriptor
        /// The number of the instrument in its meter.
        let number: Int

        fileprivate var isRenamed: Bool { !plan.name.hasSameBytes(as: instrument.name) }

        fileprivate var text: String {
            let numbers = instrument.isFloatingPoint ? "floating-point" : "whole"
            return "\(instrument.kind.nounWithArticle) of \(numbers) numbers with unit \"\(instrument.unit)\""
        }
    }

    let meter: String
    let first: Metric
    let second: Metric

    /// The conflict and its remedy.
    var message: String {
        let name = second.plan.name
        if first.number == second.number {
            return """
                Several views make metrics with the name "\(name)" of the instrument "\(second.instrument.name)" of the meter "\(meter)". \
                All are exported, and receivers may mix them up. Give the views different names, or make views composable.
                """
        }
        return """
            The meter "\(meter)" has several metrics with the name "\(name)": \(difference). \
            All are exported, and receivers may refuse or mix them up. \(remedy)
            """
    }

    private var difference: String {
        if first.text != second.text { return "\(first.text), and \(second.text)" }
        let isDescribedTwice = !first.plan.description.hasSameBytes(as: second.plan.description)
        return "twice \(first.text)" + (isDescribedTwice ? ", with different descriptions" : "")
    }

    private var remedy: String {
        let (first, second) = (first.instrument, second.instrument)
        let name = second.name.debugDescription
        if !first.name.hasSameBytes(as: second.name) {
            return "Let the view that renames \"\(self.first.isRenamed ? first.name : second.name)\" choose another name."
        }
        if first.kind != second.kind {
            return Self.rename("\(name), kind: .\(second.kind.rawValue)")
        }
        if !first.unit.hasSameBytes(as: second.unit) {
            return Self.rename("\(name), unit: \(second.unit.debugDescription)")
        }
        if first.isFloatingPoint != second.isFloatingPoint {
            return "Use the same type of numbers everywhere."
        }
        // The longer description is suggested, as the specification recommends.
        let description = first.description.utf8.count >= second.description.utf8.count ? first.description : second.description
        return "Use one description, or set it for both with MetricView(of: \(name), description: \(description.debugDescription))."
    }

    private static func rename(_ selector: String) -> String {
        "Rename one of them, in code or with MetricView(of: .instruments(\(selector)), name: \"another.name\")."
    }
}
