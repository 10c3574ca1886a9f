// Reads rule files in the format of Prometheus.

package import ExampleSupport

/// Reads `groups` with their rules and checks all of them.
package struct RuleFileReader {
    /// The bound of each file.
    private static let maximumRules = 2_000

    private var reader: YAMLFileReader
    private let interval: Int64
    private var groups: [RuleGroup] = []

    /// Reads one file.
    ///
    /// - Parameter interval: milliseconds between two evaluations of a group that states none.
    package static func groups(
        _ text: [UInt8], file: String, interval: Int64 = 60_000
    ) throws(YAMLFileProblems) -> [RuleGroup] {
        var reader = RuleFileReader(reader: YAMLFileReader(file: file), interval: interval)
        if let document = reader.reader.document(text) { reader.read(document) }
        try reader.reader.finish()
        return reader.groups
    }

    private mutating func read(_ document: YAMLNode) {
        guard !document.isNull, let fields = reader.fields(document, "The file", ["groups"]) else { return }
        var names: Set<String> = []
        var count = 0
        for node in reader.elements(fields, "groups") {
            guard let group = group(node) else { continue }
            if !names.insert(group.name).inserted { reader.report("the group \"\(group.name)\" is in this file twice", node.line) }
            count += group.rules.count
            groups.append(group)
        }
        if count > Self.maximumRules { reader.report("there are \(count) rules; at most \(Self.maximumRules) are evaluated", 0) }
    }

    private mutating func group(_ node: YAMLNode) -> RuleGroup? {
        guard let fields = reader.fields(node, "The group", ["name", "interval", "query_offset", "limit", "labels", "rules"]) else {
            return nil
        }
        let name = reader.text(fields, "name") ?? ""
        if name.isEmpty { reader.report("the group has no name", node.line) }
        let own = reader.pairs(fields, "labels")
        check(own, "The group")
        let interval = reader.duration(fields, "interval", isPositive: true) ?? self.interval
        if interval < 1_000 { reader.report("the interval of a group is at least 1s", fields["interval"]?.line ?? node.line) }
        let rules = reader.elements(fields, "rules").compactMap { rule($0, own.map { ($0.name, $0.value) }) }
        return RuleGroup(
            file: reader.file, name: name, interval: max(1_000, interval), queryOffset: reader.duration(fields, "query_offset") ?? 0,
            limit: reader.number(fields, "limit", default: 0), rules: rules)
    }

    private mutating func rule(_ node: YAMLNode, _ groupLabels: [(name: String, value: String)]) -> AlertRule? {
        let known = ["alert", "record", "expr", "for", "keep_firing_for", "labels", "annotations"]
        guard var fields = reader.fields(node, "The rule", known) else { return nil }
        let (alert, record) = (reader.text(fields, "alert") ?? "", reader.text(fields, "record") ?? "")
        if alert.isEmpty, record.isEmpty { reader.report("the rule has no name; it needs alert or record", node.line) }
        if !alert.isEmpty, !record.isEmpty { reader.report("the rule has alert and record; it needs one of them", node.line) }
        let subject = "The rule \(alert.isEmpty ? record : alert)"
        fields.subject = subject
        let labels = reader.pairs(fields, "labels")
        check(labels, subject)
        let annotations = reader.pairs(fields, "annotations")
        for one in annotations where !YAMLFileReader.isLabelName(one.name) {
            reader.report("\(subject): \"\(one.name)\" is no name of an annotation; it has letters, digits and _", one.node.line)
        }
        if alert.isEmpty {
            for key in ["for", "keep_firing_for", "annotations"] {
                if let node = fields[key] { reader.report("\(subject): only alerts have \(key)", node.line) }
            }
            if !record.isEmpty, !Self.isMetricName(record) {
                reader.report(
                    "\(subject): this is no name of a metric; it has letters, digits, _ and :", fields["record"]?.line ?? node.line)
            }
        }
        let (hold, keep) = (reader.duration(fields, "for") ?? 0, reader.duration(fields, "keep_firing_for") ?? 0)
        let labelNames = Set(labels.map(\.name))
        let all =
            groupLabels.filter { !labelNames.contains($0.name) }.map { ($0.name, $0.value, node) }
            + labels.map { ($0.name, $0.value, $0.node) }
        let isAlert = record.isEmpty
        let templates = all.map { ($0.0, template($0.1, $0.2, subject, isAlert: isAlert)) }
        let texts = annotations.map { ($0.name, template($0.value, $0.node, subject, isAlert: isAlert)) }
        guard let expression = expression(fields, subject) else { return nil }
        return AlertRule(
            kind: isAlert ? .alert : .record, name: isAlert ? alert : record, query: reader.text(fields, "expr") ?? "",
            expression: expression,
            holdTime: hold, keepFiringTime: keep, labels: templates, annotations: texts, line: node.line)
    }

    private mutating func expression(_ fields: YAMLFileReader.Fields, _ subject: String) -> PromQLExpression? {
        guard let node = fields["expr"], let query = reader.text(fields, "expr"), !query.isEmpty else {
            reader.report("\(subject) has no expr", fields["expr"]?.line ?? fields.node.line)
            return nil
        }
        do throws(PromQLError) {
            let expression = try PromQLParser.parse(query)
            if expression.type == .vector || expression.type == .scalar { return expression }
            let advice = expression.type == .matrix ? "; a function such as rate() or max_over_time() makes one of it" : ""
            reader.report(
                "\(subject): the query gives a \(expression.type.rawValue); a rule needs an instant vector\(advice)", node.textLine)
        } catch {
            var line = node.textLine
            if case .syntax(_, let offset) = error { line += PromQLError.position(of: offset, in: query).line - 1 }
            reader.report("\(subject): \(error.message(for: query))", line)
        }
        return nil
    }

    /// Returns a text as a template; the labels of recording rules are none.
    private mutating func template(_ text: String, _ node: YAMLNode, _ subject: String, isAlert: Bool) -> AlertTemplate {
        guard isAlert else { return AlertTemplate(literal: text) }
        do throws(AlertTemplate.SyntaxError) { return try AlertTemplate(text) } catch {
            reader.report("\(subject): \(error.reason)", node.textLine)
            return AlertTemplate(literal: text)
        }
    }

    private mutating func check(_ labels: [(name: String, value: String, node: YAMLNode)], _ subject: String) {
        for label in labels where !YAMLFileReader.isLabelName(label.name) || label.name == LabelSet.nameLabel {
            reader.report("\(subject): \"\(label.name)\" is no name of a label; it has letters, digits and _", label.node.line)
        }
    }

    private static func isMetricName(_ name: String) -> Bool {
        YAMLFileReader.isLabelName(String(name.map { $0 == ":" ? "_" : $0 }))
    }
}
