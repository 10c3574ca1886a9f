// Documents of configuration files as trees, with the line of each value.

package import Telemetry

/// A value of a YAML document, and where it stands in the text.
package struct YAMLNode: Sendable {
    package enum Content: Sendable {
        case scalar(Scalar)
        case sequence([YAMLNode])
        case mapping([Entry])
    }

    package struct Scalar: Sendable {
        package let text: String
        package let style: YAMLEvents.Event.Style
    }

    package struct Entry: Sendable {
        package let key: YAMLNode
        package let value: YAMLNode
    }

    package let content: Content
    /// From 1.
    package let line: Int
    /// From 1.
    package let column: Int

    package init(_ content: Content, line: Int, column: Int) {
        self.content = content
        self.line = line
        self.column = column
    }

    /// The text of a scalar; nil for another value, and for one that is absent (`key:` with nothing behind it, or `null`).
    package var text: String? {
        guard case .scalar(let scalar) = content, !isNull else { return nil }
        return scalar.text
    }

    package var isNull: Bool {
        guard case .scalar(let scalar) = content, scalar.style == .plain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.text)
    }

    /// The truth value of a plain scalar.
    package var truth: Bool? {
        guard case .scalar(let scalar) = content, scalar.style == .plain else { return nil }
        switch scalar.text {
        case "true", "True", "TRUE": return true
        case "false", "False", "FALSE": return false
        default: return nil
        }
    }

    package var elements: [YAMLNode]? { if case .sequence(let elements) = content { elements } else { nil } }

    package var entries: [Entry]? { if case .mapping(let entries) = content { entries } else { nil } }

    /// The value of a key of a mapping.
    package subscript(key: String) -> YAMLNode? { entries?.first { $0.key.text == key }?.value }

    /// The line of the text's first line: that after `|` and `>`, which stand on a line of their own.
    package var textLine: Int {
        if case .scalar(let scalar) = content, scalar.style == .literal || scalar.style == .folded { line + 1 } else { line }
    }

    /// The kind of the value in an error message.
    package var kind: String {
        switch content {
        case .scalar(let scalar): isNull ? "nothing" : "\"\(scalar.text.prefix(80))\""
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}

/// The reason why a text cannot be read as YAML.
package struct YAMLError: Error, Hashable, CustomStringConvertible {
    package let reason: String
    /// From 1; 0 if the error belongs to no place.
    package let line: Int
    package let column: Int

    package init(_ reason: String, line: Int = 0, column: Int = 0) {
        self.reason = reason
        self.line = line
        self.column = column
    }

    package var description: String { line > 0 ? "line \(line), column \(column): \(reason)" : reason }
}
