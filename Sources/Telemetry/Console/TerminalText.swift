// Makes any text safe for a terminal, and measures and cuts it by columns.

/// What a terminal does with text: how wide it is, and what must not reach it as it stands.
enum TerminalText {
    /// Marks that follow one character; more of them only pile up over other lines.
    static let marksPerCharacter = 8

    /// The text on one line with nothing in it that a terminal obeys.
    ///
    /// Control characters (line breaks and escape sequences begin with one) and invisible formatting, which may
    /// turn the direction of writing round, appear as escapes.
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

    /// The columns that a text takes: two for East Asian wide characters and emoji, one for the others.
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

    /// The text if it fits into so many columns, else its beginning with an ellipsis.
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

    /// The text with spaces after it up to so many columns.
    static func padded(_ text: String, to columns: Int) -> String {
        text + String(repeating: " ", count: max(0, columns - width(of: text)))
    }

    /// The text with spaces before it up to so many columns.
    static func rightAligned(_ text: String, to columns: Int) -> String {
        String(repeating: " ", count: max(0, columns - width(of: text))) + text
    }

    /// Lays words out over lines of so many columns; a word that is longer is cut, lines beyond the limit are left out.
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
    /// Whether colours are welcome: in a terminal, unless the variables `NO_COLOR`, `FORCE_COLOR` or `TERM` say otherwise. (no-color.org)
    func isColored(_ environment: EnvironmentReader = .process) -> Bool {
        if environment.text("NO_COLOR") != nil { return false }
        if let force = environment.text("FORCE_COLOR") { return force != "0" }
        return isTerminal && environment.text("TERM") != "dumb"
    }
}
