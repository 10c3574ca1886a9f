// Formats attribute values for the console.

/// The text of values for a terminal, with control characters escaped.
enum ReadableValue {
    /// The limit for the lines of one structure.
    static let lineLimit = 200

    /// Returns a key or text as one word, in quotes if it would be ambiguous.
    static func word(_ text: String) -> String {
        let isPlain =
            !text.isEmpty && text.unicodeScalars.allSatisfy { !$0.properties.isWhitespace && !"=\"\\".unicodeScalars.contains($0) }
        let escaped = TerminalText.escaped(text)
        return isPlain && escaped == text ? text : quoted(text)
    }

    /// Returns a value as one word; structures are written as literals.
    static func word(_ value: AttributeValue) -> String {
        if case .string(let text) = value { return word(text) }
        return inline(value)
    }

    /// Writes a structure on one line if it fits, else one element a line.
    static func lines(of value: AttributeValue, columns: Int) -> [String] {
        var lines: [String] = []
        append(value, prefix: "", suffix: "", indent: "", columns: columns, to: &lines)
        guard lines.count > lineLimit else { return lines }
        return lines.prefix(lineLimit) + ["… and \(lines.count - lineLimit) more lines"]
    }

    private static func append(
        _ value: AttributeValue, prefix: String, suffix: String, indent: String, columns: Int, to lines: inout [String]
    ) {
        let line = indent + prefix + inline(value) + suffix
        // Behind the limit elements are only counted.
        guard TerminalText.width(of: line) > columns, lines.count <= lineLimit else { return lines.append(line) }
        switch value {
        case .array(let values) where !values.isEmpty:
            lines.append(indent + prefix + "[")
            for (index, value) in values.enumerated() {
                let comma = index + 1 < values.count ? "," : ""
                append(value, prefix: "", suffix: comma, indent: indent + "  ", columns: columns, to: &lines)
            }
            lines.append(indent + "]" + suffix)
        case .map(let entries) where !entries.isEmpty:
            lines.append(indent + prefix + "{")
            for (index, entry) in sorted(entries).enumerated() {
                let comma = index + 1 < entries.count ? "," : ""
                append(entry.value, prefix: word(entry.key) + ": ", suffix: comma, indent: indent + "  ", columns: columns, to: &lines)
            }
            lines.append(indent + "}" + suffix)
        default: lines.append(line)
        }
    }

    private static func inline(_ value: AttributeValue) -> String {
        switch value {
        case .string(let text): quoted(text)
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .double(let value): "\(value)"
        case .bytes(let bytes): hexadecimal(bytes)
        case .array(let values): "[\(values.map(inline).joined(separator: ", "))]"
        case .map(let entries): "{\(sorted(entries).map { "\(word($0.key)): \(inline($0.value))" }.joined(separator: ", "))}"
        case .empty: "null"
        }
    }

    private static func sorted(_ entries: [String: AttributeValue]) -> [(key: String, value: AttributeValue)] {
        entries.sorted { $0.key < $1.key }
    }

    private static func quoted(_ text: String) -> String {
        "\"" + TerminalText.escaped(text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined()) + "\""
    }

    /// Returns the first bytes, and the number of all if there are more.
    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let shown = bytes.prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return bytes.count > 16 ? "0x\(shown)… (\(bytes.count) bytes)" : "0x\(shown)"
    }
}
