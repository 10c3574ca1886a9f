// Converts attributes of points, scopes and resources to labels, and merges labels of equal names.

/// A label before labels of the same name are merged.
struct PrometheusLabel {
    /// The key of the attribute.
    let key: String
    let name: String
    let value: String
}

/// Converts attributes to labels. (Specification: Prometheus compatibility, "Metric Attributes" and "Instrumentation Scope".)
package struct PrometheusLabelMaker {
    let strategy: PrometheusTranslationStrategy
    let escaping: PrometheusEscaping

    private static let scopePrefix = "otel_scope_"

    /// Returns the label for an attribute.
    ///
    /// - Parameter reserved: the label that the samples themselves need: `le` or `quantile`.
    func label(_ key: String, _ value: AttributeValue, reserved: String? = nil) -> PrometheusLabel {
        var name = self.name(for: key)
        // Labels with two leading underscores are reserved by Prometheus.
        while name.hasPrefix("__") { name.removeFirst() }
        // Prometheus renames conflicting labels in the same way; a page with the label twice is rejected.
        if name == reserved { name = "exported_" + name }
        return PrometheusLabel(key: key, name: name, value: Self.text(value))
    }

    private func name(for key: String) -> String {
        PrometheusText.escaped(strategy.sanitises ? PrometheusText.labelName(key) : key, escaping, allowsColon: false)
    }

    /// Returns the labels of a scope, without its empty properties.
    func labels(of scope: InstrumentationScope) -> [PrometheusLabel] {
        let own = [("name", scope.name), ("version", scope.version), ("schema_url", scope.schemaURL)]
        var labels = own.filter { !$0.1.isEmpty }.map { label(Self.scopePrefix + $0.0, .string($0.1)) }
        let taken = Set(own.map { name(for: Self.scopePrefix + $0.0) })
        for (key, value) in scope.attributes {
            let label = label(Self.scopePrefix + key, value)
            if !taken.contains(label.name) { labels.append(label) }
        }
        return labels
    }

    /// Returns the labels ordered by name; values of equal names are joined by `;` in the order of their keys.
    static func merged(_ labels: [PrometheusLabel]) -> [(name: String, value: String)] {
        var result: [(name: String, value: String)] = []
        for label in labels.sorted(by: { isOrdered(($0.name, $0.key), ($1.name, $1.key)) }) {
            if let last = result.last, last.name.hasSameBytes(as: label.name) {
                result[result.count - 1].value = last.value + ";" + label.value
            } else {
                result.append((label.name, label.value))
            }
        }
        return result
    }

    private static func isOrdered(_ left: (String, String), _ right: (String, String)) -> Bool {
        if left.0.hasSameBytes(as: right.0) { return left.1.utf8.lexicographicallyPrecedes(right.1.utf8) }
        return left.0.utf8.lexicographicallyPrecedes(right.0.utf8)
    }

    /// Returns the value as text. (Specification: common, "AnyValue representation for non-OTLP protocols".)
    package static func text(_ value: AttributeValue) -> String {
        switch value {
        case .string(let text): return text
        case .bool(let truth): return truth ? "true" : "false"
        case .int(let number): return String(number)
        case .double(let number):
            return number.isNaN ? "NaN" : number.isInfinite ? (number < 0 ? "-Infinity" : "Infinity") : number.description
        case .bytes(let bytes): return Base64.encode(bytes)
        case .empty: return ""
        case .array, .map:
            var writer = JSONWriter()
            write(value, to: &writer, depth: 0)
            return String(decoding: writer.bytes, as: UTF8.self)
        }
    }

    /// Values that are nested deeper are written as null.
    private static let maximumDepth = 64

    private static func write(_ value: AttributeValue, to writer: inout JSONWriter, depth: Int) {
        switch value {
        case .string(let text): writer.value(text: text)
        case .bool(let truth): writer.value(truth)
        case .int(let number): writer.value(number)
        case .double(let number): writer.value(number)
        case .bytes(let bytes): bytes.withUnsafeBytes { writer.value(base64: $0) }
        case .empty: writer.null()
        case .array, .map:
            guard depth < maximumDepth else { return writer.null() }
            writeNesting(value, to: &writer, depth: depth + 1)
        }
    }

    private static func writeNesting(_ value: AttributeValue, to writer: inout JSONWriter, depth: Int) {
        if case .array(let values) = value {
            writer.beginArray()
            for element in values { write(element, to: &writer, depth: depth) }
            writer.endArray()
        } else if case .map(let entries) = value {
            writer.beginObject()
            for (key, element) in entries.sorted(by: { $0.key < $1.key }) {
                writer.key(text: key)
                write(element, to: &writer, depth: depth)
            }
            writer.endObject()
        }
    }
}
