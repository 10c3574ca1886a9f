// Reads the values of a configuration file and collects what is wrong with them.

import Telemetry

/// Reads the mappings of one file; errors are collected, so that all of them can be named at once.
package struct YAMLFileReader {
    package let file: String
    package private(set) var problems: [YAMLFileProblem] = []

    /// A mapping whose keys are known ones.
    package struct Fields {
        package let node: YAMLNode
        package var subject: String

        package subscript(key: String) -> YAMLNode? {
            guard let value = node[key], !value.isNull else { return nil }
            return value
        }

        /// The line of a key's value, or that of the mapping.
        package func line(_ key: String) -> Int { self[key]?.line ?? node.line }
    }

    package init(file: String) {
        self.file = file
    }

    /// Returns the bytes of a regular file as far as a document may have them.
    package static func contents(of path: String) throws(YAMLFileProblems) -> [UInt8] {
        do throws(FileError) {
            return try FileContents.read(path, atMost: YAMLReader.Limits().bytes)
        } catch {
            throw YAMLFileProblems(problems: [YAMLFileProblem(file: path, line: 0, message: "the file cannot be read: \(error)")])
        }
    }

    package mutating func report(_ message: String, _ line: Int) {
        problems.append(YAMLFileProblem(file: file, line: line, message: message))
    }

    /// Returns the document of a text in YAML, of which JSON is a part; nil if it is empty or cannot be read.
    ///
    /// - Parameter need: what an empty file lacks; with nil it may be empty.
    package mutating func document(_ text: [UInt8], need: String? = nil) -> YAMLNode? {
        do throws(YAMLError) {
            if let document = try YAMLReader.document(text) { return document }
            if let need { report("the file is empty; it needs \(need)", 0) }
        } catch {
            report(error.reason, error.line)
        }
        return nil
    }

    /// Throws what was reported.
    package func finish() throws(YAMLFileProblems) {
        guard problems.isEmpty else { throw YAMLFileProblems(problems: problems) }
    }

    /// Returns a mapping; keys that it does not have are errors.
    ///
    /// - Parameter unsupported: keys of the format that are not supported, with the reason.
    package mutating func fields(
        _ node: YAMLNode, _ subject: String, _ known: [String], unsupported: [String: String] = [:]
    ) -> Fields? {
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
                report("\(subject) has no field \(name.prefix(80)); it has \(known.joined(separator: ", "))", entry.key.line)
            }
        }
        return Fields(node: node, subject: subject)
    }

    package mutating func text(_ fields: Fields, _ key: String) -> String? {
        guard let node = fields[key] else { return nil }
        guard let text = node.text else {
            report("\(fields.subject): \(key) is \(node.kind); it must be a text", node.line)
            return nil
        }
        return text
    }

    /// Returns a text that must be there and not be empty.
    package mutating func required(_ fields: Fields, _ key: String, _ purpose: String) -> String? {
        guard let node = fields[key] else {
            report("\(fields.subject) has no \(key); it must be \(purpose)", fields.node.line)
            return nil
        }
        guard let text = node.text, !text.isEmpty else {
            report("\(fields.subject): \(key) is \(node.kind); it must be \(purpose)", node.line)
            return nil
        }
        return text
    }

    package mutating func truth(_ fields: Fields, _ key: String, default standard: Bool) -> Bool {
        guard let node = fields[key] else { return standard }
        if let truth = node.truth { return truth }
        report("\(fields.subject): \(key) is \(node.kind); it must be true or false", node.line)
        return standard
    }

    package mutating func number(_ fields: Fields, _ key: String, default standard: Int, in range: ClosedRange<Int> = 0...Int.max) -> Int {
        guard let node = fields[key] else { return standard }
        if let number = node.text.flatMap({ Int($0) }), range.contains(number) { return number }
        let end = range.upperBound == .max ? "" : " to \(range.upperBound)"
        report("\(fields.subject): \(key) is \(node.kind); it must be a whole number from \(range.lowerBound)\(end)", node.line)
        return standard
    }

    package mutating func elements(_ fields: Fields, _ key: String) -> [YAMLNode] {
        guard let node = fields[key] else { return [] }
        guard let elements = node.elements else {
            report("\(fields.subject): \(key) is \(node.kind); it must be a list", node.line)
            return []
        }
        return elements
    }

    /// Returns the texts of a list.
    package mutating func texts(_ fields: Fields, _ key: String) -> [(text: String, line: Int)] {
        elements(fields, key).compactMap { node in
            if let text = node.text, !text.isEmpty { return (text, node.line) }
            report("\(fields.subject): \(key) has \(node.kind) in it; it must be a list of texts", node.line)
            return nil
        }
    }

    /// Returns a mapping of texts, such as labels.
    package mutating func pairs(_ fields: Fields, _ key: String) -> [(name: String, value: String, node: YAMLNode)] {
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
}
