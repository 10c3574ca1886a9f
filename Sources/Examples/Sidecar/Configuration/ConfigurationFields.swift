// Reads the values of a sidecar's file and collects what is wrong with them.

import ExampleSupport
import Telemetry

/// All errors of a file.
struct ConfigurationProblems: Error, CustomStringConvertible {
    /// Errors that are named; of more only the number is.
    private static let shown = 50

    let file: String
    private(set) var problems: [(line: Int, message: String)] = []

    init(file: String) {
        self.file = file
    }

    mutating func report(_ message: String, _ line: Int) {
        problems.append((line, message))
    }

    var description: String {
        let lines = problems.prefix(Self.shown).map { $0.line > 0 ? "  \(file):\($0.line): \($0.message)" : "  \(file): \($0.message)" }
        let rest = problems.count > Self.shown ? ["  … and \(problems.count - Self.shown) more"] : []
        return (lines + rest).joined(separator: "\n")
    }
}

/// One mapping of the file, whose keys are known ones.
struct ConfigurationFields {
    let node: YAMLNode
    var subject: String

    /// Returns nil if the node is no mapping; other keys than the known ones are errors.
    init?(_ node: YAMLNode, _ subject: String, _ known: [String], _ problems: inout ConfigurationProblems) {
        guard let entries = node.entries else {
            problems.report("\(subject) is \(node.kind); it must be a mapping of \(known.joined(separator: ", "))", node.line)
            return nil
        }
        for entry in entries where !known.contains(entry.key.text ?? "") {
            let name = entry.key.text ?? entry.key.kind
            problems.report("\(subject) has no field \(name.prefix(80)); it has \(known.joined(separator: ", "))", entry.key.line)
        }
        self.node = node
        self.subject = subject
    }

    subscript(key: String) -> YAMLNode? {
        guard let value = node[key], !value.isNull else { return nil }
        return value
    }

    func line(_ key: String) -> Int { self[key]?.line ?? node.line }

    func text(_ key: String, _ problems: inout ConfigurationProblems) -> String? {
        guard let value = self[key] else { return nil }
        if let text = value.text, !text.isEmpty { return text }
        problems.report("\(subject): \(key) is \(value.kind); it must be a text", value.line)
        return nil
    }

    /// Returns a text that must be there.
    func required(_ key: String, _ purpose: String, _ problems: inout ConfigurationProblems) -> String? {
        if self[key] == nil { problems.report("\(subject) has no \(key); it must be \(purpose)", node.line) }
        return text(key, &problems)
    }

    func read(_ value: inout Bool, _ key: String, _ problems: inout ConfigurationProblems) {
        guard let node = self[key] else { return }
        if let truth = node.truth {
            value = truth
        } else {
            problems.report("\(subject): \(key) is \(node.kind); it must be true or false", node.line)
        }
    }

    func read(_ value: inout Int, _ key: String, _ range: ClosedRange<Int>, _ problems: inout ConfigurationProblems) {
        guard let node = self[key] else { return }
        if let number = node.text.flatMap({ Int($0) }), range.contains(number) {
            value = number
        } else {
            problems.report(
                "\(subject): \(key) is \(node.kind); it must be a whole number from \(range.lowerBound) to \(range.upperBound)", node.line)
        }
    }

    func read(_ value: inout Duration, _ key: String, _ problems: inout ConfigurationProblems) {
        if let duration = duration(key, &problems) { value = duration }
    }

    /// Returns a duration: `250ms`, `15s`, `5m`, `1h`.
    func duration(_ key: String, _ problems: inout ConfigurationProblems) -> Duration? {
        guard let node = self[key] else { return nil }
        if let duration = node.text.flatMap(Self.duration) { return duration }
        problems.report("\(subject): \(key) is \(node.kind); it must be a duration from 1ms to 24h, such as 250ms, 15s or 5m", node.line)
        return nil
    }

    private static func duration(_ text: String) -> Duration? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard digits.count <= 8, let number = Int(digits) else { return nil }
        let unit: Int? =
            switch text.dropFirst(digits.count) {
            case "ms": 1
            case "s": 1000
            case "m": 60_000
            case "h": 3_600_000
            default: nil
            }
        guard let milliseconds = unit.map({ $0 * number }), (1...86_400_000).contains(milliseconds) else { return nil }
        return .milliseconds(milliseconds)
    }

    /// Returns the elements of a list, each with its line.
    func elements(_ key: String, _ problems: inout ConfigurationProblems) -> [YAMLNode] {
        guard let node = self[key] else { return [] }
        guard let elements = node.elements else {
            problems.report("\(subject): \(key) is \(node.kind); it must be a list", node.line)
            return []
        }
        return elements
    }

    func texts(_ key: String, _ problems: inout ConfigurationProblems) -> [(text: String, line: Int)] {
        elements(key, &problems).compactMap { node in
            if let text = node.text, !text.isEmpty { return (text, node.line) }
            problems.report("\(subject): \(key) has \(node.kind) in it; it must be a list of texts", node.line)
            return nil
        }
    }
}
