// Escapes, measures and truncates text for terminals.

/// The width of text in a terminal, and the escapes that make it safe to print.
enum TerminalText {
    /// The limit for combining marks after one character; more of them cover other lines.
    static let marksPerCharacter = 8

    /// Returns the text on one line, with control characters escaped.
    ///
    /// Escapes replace control characters, including line breaks and the start of escape sequences, and invisible formatting,
    /// which may reverse the direction of text.
    static func escaped(_ text: String) -> String {
        var result = ""
        var marks = 0
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate:
                result += escape(for: scalar)
                marks = 0
            case .nonspacingMark, .enclosingMark:
                marks += 1
                if marks <= marksPerCharacter { result.unicodeScalars.append(scalar) }
            default:
                result.unicodeScalars.append(scalar)
                marks = 0
            }
        }
        return result
    }

    private static func escape(for scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        default: "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
        }
    }

    /// Returns the columns of a text: two for East Asian wide characters and emoji, one for others.
    static func width(of text: String) -> Int {
        text.utf8.allSatisfy { $0 < 0x80 } ? text.utf8.count : text.reduce(0) { $0 + width(of: $1) }
    }

    private static func width(of character: Character) -> Int {
        guard let scalar = character.unicodeScalars.first else { return 0 }
        if scalar.value < 0x300 { return 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        default: return scalar.properties.isEmojiPresentation || wideRanges.contains { $0.contains(scalar.value) } ? 2 : 1
        }
    }

    // The blocks of Unicode's East_Asian_Width classes W and F that hold letters and signs.
    private static let wideRanges: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
        0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD,
    ]

    /// Returns the text if it fits into the columns, else its beginning with an ellipsis.
    static func fitted(_ text: String, to columns: Int) -> String {
        guard width(of: text) > columns else { return text }
        guard columns > 0 else { return "" }
        var result = ""
        var used = 0
        for character in text {
            let needed = width(of: character)
            if used + needed > columns - 1 { break }
            used += needed
            result.append(character)
        }
        return result + "…"
    }

    /// Pads the text with trailing spaces.
    static func padded(_ text: String, to columns: Int) -> String {
        text + String(repeating: " ", count: max(0, columns - width(of: text)))
    }

    /// Pads the text with leading spaces.
    static func rightAligned(_ text: String, to columns: Int) -> String {
        String(repeating: " ", count: max(0, columns - width(of: text))) + text
    }

    /// Wraps words into lines; longer words are truncated, lines beyond the limit are dropped.
    static func lines(of words: [String], separator: String, columns: Int, limit: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in words {
            let candidate = line.isEmpty ? word : line + separator + word
            if line.isEmpty || width(of: candidate) <= columns {
                line = candidate
                continue
            }
            lines.append(fitted(line, to: columns))
            guard lines.count < limit else {
                lines[limit - 1] = fitted(lines[limit - 1] + " …", to: columns)
                return lines
            }
            line = word
        }
        if !line.isEmpty { lines.append(fitted(line, to: columns)) }
        return lines
    }
}

extension StandardStream {
    /// Returns whether to use colours: in a terminal, unless `NO_COLOR`, `FORCE_COLOR` or `TERM` decide otherwise. (no-color.org)
    func isColored(_ environment: EnvironmentReader = .process) -> Bool {
        if environment.text("NO_COLOR") != nil { return false }
        if let force = environment.text("FORCE_COLOR") { return force != "0" }
        return isTerminal && environment.text("TERM") != "dumb"
    }
}
