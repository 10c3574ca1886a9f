// Reads the values of a configuration file and collects what is wrong with them.

import ExampleSupport

/// Reads the mappings of one file; errors are collected, so that all of them can be named at once.
struct ConsoleFileReader {
    let file: String
    private(set) var problems: [ConsoleFileProblem] = []

    /// A mapping whose keys are known ones.
    struct Fields {
        let node: YAMLNode
        var subject: String

        subscript(key: String) -> YAMLNode? {
            guard let value = node[key], !value.isNull else { return nil }
            return value
        }
    }

    init(file: String) {
        self.file = file
    }

    mutating func report(_ message: String, _ line: Int) {
        problems.append(ConsoleFileProblem(file: file, line: line, message: message))
    }

    /// Returns a mapping; keys that it does not have are errors.
    ///
    /// - Parameter unsupported: keys of the format that the console does not have, with the reason.
    mutating func fields(_ node: YAMLNode, _ subject: String, _ known: [String], unsupported: [String: String] = [:]) -> Fields? {
        guard let entries = node.entries else {
            report("\(subject) is \(node.kind); it must be a mapping of \(known.joined(separator: ", "))", node.line)
            return nil
        }
        for entry in entries {
            let name = entry.key.text ?? entry.key.kind
            if known.contains(name) { continue }
            if let reason = unsupported[name] {
                report("\(subject): \(name) is not supported: \(reason)", entry.key.line)
            } else {
                report("\(subject) has no field \(name); it has \(known.joined(separator: ", "))", entry.key.line)
            }
        }
        return Fields(node: node, subject: subject)
    }

    mutating func text(_ fields: Fields, _ key: String) -> String? {
        guard let node = fields[key] else { return nil }
        guard let text = node.text else {
            report("\(fields.subject): \(key) is \(node.kind); it must be a text", node.line)
            return nil
        }
        return text
    }

    mutating func truth(_ fields: Fields, _ key: String, default standard: Bool) -> Bool {
        guard let node = fields[key] else { return standard }
        if let truth = node.truth { return truth }
        report("\(fields.subject): \(key) is \(node.kind); it must be true or false", node.line)
        return standard
    }

    mutating func number(_ fields: Fields, _ key: String, default standard: Int) -> Int {
        guard let node = fields[key] else { return standard }
        if let number = node.text.flatMap({ Int($0) }), number >= 0 { return number }
        report("\(fields.subject): \(key) is \(node.kind); it must be a whole number from 0", node.line)
        return standard
    }

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

    mutating func elements(_ fields: Fields, _ key: String) -> [YAMLNode] {
        guard let node = fields[key] else { return [] }
        guard let elements = node.elements else {
            report("\(fields.subject): \(key) is \(node.kind); it must be a list", node.line)
            return []
        }
        return elements
    }

    /// Returns the texts of a list.
    mutating func texts(_ fields: Fields, _ key: String) -> [(text: String, line: Int)] {
        elements(fields, key).compactMap { node in
            if let text = node.text { return (text, node.line) }
            report("\(fields.subject): \(key) has \(node.kind) in it; it must be a list of texts", node.line)
            return nil
        }
    }

    /// Returns a mapping of texts, such as labels.
    mutating func pairs(_ fields: Fields, _ key: String) -> [(name: String, value: String, node: YAMLNode)] {
        guard let node = fields[key] else { return [] }
        guard let entries = node.entries else {
            report("\(fields.subject): \(key) is \(node.kind); it must be a mapping of names and texts", node.line)
            return []
        }
        return entries.compactMap { entry in
            guard let name = entry.key.text, entry.value.entries == nil, entry.value.elements == nil else {
                report("\(fields.subject): \(key) has \(entry.value.kind) in it; it must be a mapping of names and texts", entry.key.line)
                return nil
            }
            return (name, entry.value.text ?? "", entry.value)
        }
    }

    /// True if a text can be the name of a label.
    static func isLabelName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(48...57).contains(first) else { return false }
        return name.utf8.allSatisfy { $0 == 0x5F || (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) }
    }
}
