// What values of Prometheus' configuration files look like.

import ExampleSupport

extension YAMLFileReader {
    /// Returns a duration in milliseconds, as Prometheus writes them: `30s`, `1h30m`, `0`.
    mutating func duration(_ fields: Fields, _ key: String, isPositive: Bool = false) -> Int64? {
        guard let node = fields[key] else { return nil }
        if let duration = node.text.flatMap(Self.milliseconds) {
            if duration > 0 || !isPositive { return duration }
            report("\(fields.subject): \(key) must be longer than 0", node.line)
        } else {
            report("\(fields.subject): \(key) is \(node.kind); it must be a duration such as 30s, 5m or 1h30m", node.line)
        }
        return nil
    }

    static func milliseconds(_ text: String) -> Int64? {
        if text == "0" { return 0 }
        guard let tokens = try? PromQLLexer.tokens(of: text), tokens.count == 2, case .duration(let milliseconds) = tokens[0].kind else {
            return nil
        }
        return milliseconds
    }

    /// True if a text can be the name of a label.
    static func isLabelName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(48...57).contains(first) else { return false }
        return name.utf8.allSatisfy { $0 == 0x5F || (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) }
    }
}
