// The routing file as it is shown to people and programs.

import ExampleSupport
import Telemetry

/// Writes a routing file anew without its secrets, as Alertmanager shows its configuration.
enum RoutingText {
    private static let secrets: Set<String> = ["url", "password", "credentials"]

    static func text(of document: YAMLNode) -> String {
        let lines = (document.entries ?? []).flatMap { entry in self.lines(entry, hidesSecrets: entry.key.text == "receivers") }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func lines(_ entry: YAMLNode.Entry, hidesSecrets: Bool) -> [String] {
        let key = entry.key.text ?? ""
        let name = scalar(entry.key) ?? ""
        if hidesSecrets, secrets.contains(key) { return ["\(name): <secret>"] }
        if let value = scalar(entry.value) { return ["\(name): \(value)"] }
        return ["\(name):"] + lines(entry.value, hidesSecrets: hidesSecrets).map { "  " + $0 }
    }

    private static func lines(_ node: YAMLNode, hidesSecrets: Bool) -> [String] {
        if let value = scalar(node) { return [value] }
        if let entries = node.entries { return entries.flatMap { lines($0, hidesSecrets: hidesSecrets) } }
        return (node.elements ?? []).flatMap { element in
            lines(element, hidesSecrets: hidesSecrets).enumerated().map { ($0.offset == 0 ? "- " : "  ") + $0.element }
        }
    }

    /// Returns a value that takes one line; nil for another.
    private static func scalar(_ node: YAMLNode) -> String? {
        switch node.content {
        case .scalar(let scalar):
            if node.isNull { return "null" }
            return scalar.style == .plain && !scalar.text.contains("\n") ? scalar.text : JSONValue.string(scalar.text).description
        case .sequence(let elements): return elements.isEmpty ? "[]" : nil
        case .mapping(let entries): return entries.isEmpty ? "{}" : nil
        }
    }
}
