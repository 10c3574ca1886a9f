// Splits the text of an SQL statement into tokens, far enough to tell literals from everything else.

/// A part of a statement.
struct SQLToken: Equatable {
    enum Kind: Equatable {
        case space, comment
        /// A keyword or a name without quotes.
        case word
        /// A name in quotes, backticks or brackets.
        case quotedName
        case string, number
        /// A parameter's place: `?`, `$1`, `:name`, `@name`, `%s`.
        case placeholder
        /// Any other byte.
        case sign(UInt8)
    }

    let kind: Kind
    let bytes: Range<Int>
}

/// Reads one token after the other.
///
/// What is not closed (a string, a comment, a quoted name) extends to the end; a name that is not closed counts as a string, so that it is
/// not shown.
struct SQLScanner {
    private let text: UnsafeBufferPointer<UInt8>
    private let features: SQLDialect.Features
    private var position = 0
    /// Whether a value or a name ends right before the position: what follows belongs to it, and starts no number or parameter.
    private var touchesOperand = false

    init(_ text: UnsafeBufferPointer<UInt8>, dialect: SQLDialect) {
        self.text = text
        features = dialect.features
    }

    mutating func next() -> SQLToken? {
        guard position < text.count else { return nil }
        let start = position
        let kind = scan()
        switch kind {
        case .space, .comment: touchesOperand = false
        case .word, .quotedName, .string, .number, .placeholder: touchesOperand = true
        case .sign(let byte): touchesOperand = byte == UInt8(ascii: ")") || byte == UInt8(ascii: "]")
        }
        assert(position > start && position <= text.count, "Every token takes at least one byte and ends within the text.")
        return SQLToken(kind: kind, bytes: start..<position)
    }

    private func byte(_ offset: Int = 0) -> UInt8 {
        position + offset < text.count ? text[position + offset] : 0
    }

    private func stands(_ first: Character, _ second: Character) -> Bool {
        byte() == first.asciiValue && byte(1) == second.asciiValue
    }

    private var startsLineComment: Bool {
        if byte() == UInt8(ascii: "#") { return features.contains(.hashComments) }
        // Any byte of white space, a control byte or the end.
        return stands("-", "-") && (!features.contains(.spacedDashes) || byte(2) <= 0x20)
    }

    private mutating func scan() -> SQLToken.Kind {
        let first = byte()
        if Self.isSpace(first) { return skip(while: Self.isSpace, .space) }
        if startsLineComment {
            return skip(while: { $0 != UInt8(ascii: "\n") }, .comment)
        }
        if stands("/", "*") { return blockComment() }
        if Self.isDigit(first) || (first == UInt8(ascii: ".") && Self.isDigit(byte(1)) && !touchesOperand) { return number() }
        if Self.isNameStart(first) { return wordOrPrefixedString() }
        switch first {
        case UInt8(ascii: "'"): return quoted(by: first, escapes: features.contains(.backslashEscapes), .string)
        case UInt8(ascii: "\""):
            let isString = features.contains(.doubleQuotedStrings)
            return quoted(by: first, escapes: isString && features.contains(.backslashEscapes), isString ? .string : .quotedName)
        case UInt8(ascii: "`"): return quoted(by: first, escapes: false, .quotedName)
        case UInt8(ascii: "[") where features.contains(.bracketedNames): return quoted(by: UInt8(ascii: "]"), escapes: false, .quotedName)
        case UInt8(ascii: "$"): return dollar()
        case UInt8(ascii: "?"):
            position += 1
            return skip(while: Self.isDigit, .placeholder)
        case UInt8(ascii: ":"), UInt8(ascii: "@"): return namedPlaceholder()
        case UInt8(ascii: "%"): return percent()
        default: return take(1, .sign(first))
        }
    }

    private mutating func take(_ count: Int, _ kind: SQLToken.Kind) -> SQLToken.Kind {
        position = min(text.count, position + count)
        return kind
    }

    private mutating func skip(while condition: (UInt8) -> Bool, _ kind: SQLToken.Kind) -> SQLToken.Kind {
        while position < text.count, condition(text[position]) { position += 1 }
        return kind
    }

    private mutating func blockComment() -> SQLToken.Kind {
        var depth = 0
        while position < text.count {
            if stands("/", "*"), depth == 0 || features.contains(.nestedComments) {
                depth += 1
                position += 2
            } else if stands("*", "/") {
                depth -= 1
                position += 2
                if depth == 0 { break }
            } else {
                position += 1
            }
        }
        position = min(position, text.count)
        return .comment
    }

    /// The opening quote stands at the position; it is closed by `end`, which is doubled where it belongs to the content.
    private mutating func quoted(by end: UInt8, escapes: Bool, _ kind: SQLToken.Kind) -> SQLToken.Kind {
        position += 1
        while position < text.count {
            if byte() == UInt8(ascii: "\\"), byte(1) == end, features.contains(.ambiguousBackslashes) {
                // Nothing that follows is known to be outside of the string.
                position = text.count
            } else if escapes && byte() == UInt8(ascii: "\\") {
                position = min(text.count, position + 2)
            } else if byte() == end {
                if byte(1) != end { return take(1, kind) }
                position += 2
            } else {
                position += 1
            }
        }
        return .string
    }

    private mutating func number() -> SQLToken.Kind {
        if byte() == UInt8(ascii: "0"), [UInt8(ascii: "x"), UInt8(ascii: "X")].contains(byte(1)) {
            position += 2
            return skip(while: Self.isNamePart, .number)
        }
        _ = skip(while: { Self.isDigit($0) || $0 == UInt8(ascii: "_") }, .number)
        if byte() == UInt8(ascii: ".") {
            position += 1
            _ = skip(while: Self.isDigit, .number)
        }
        if byte() | 0x20 == UInt8(ascii: "e") {
            let hasSign = [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(byte(1))
            if Self.isDigit(byte(hasSign ? 2 : 1)) { position += hasSign ? 2 : 1 }
        }
        // Digits of the exponent, and the suffixes of some dialects.
        return skip(while: Self.isNamePart, .number)
    }

    /// A word, or a string whose prefix says how it is written: `E'\n'`, `X'ff'`, `N'a'`, `U&'a'`.
    private mutating func wordOrPrefixedString() -> SQLToken.Kind {
        let quote = UInt8(ascii: "'")
        let letter = byte() & ~0x20
        if byte(1) == quote, [UInt8(ascii: "E"), UInt8(ascii: "B"), UInt8(ascii: "X"), UInt8(ascii: "N")].contains(letter) {
            position += 1
            return quoted(by: quote, escapes: letter == UInt8(ascii: "E") || features.contains(.backslashEscapes), .string)
        }
        if features.contains(.chosenQuotes), let length = chosenQuotePrefixLength { return chosenQuoted(afterPrefix: length) }
        if letter == UInt8(ascii: "U"), byte(1) == UInt8(ascii: "&"), byte(2) == quote {
            position += 2
            return quoted(by: quote, escapes: false, .string)
        }
        return skip(while: Self.isNamePart, .word)
    }

    /// The length of `q'` or `nq'` at the position; nil if neither stands there.
    private var chosenQuotePrefixLength: Int? {
        let prefix = byte() & ~0x20 == UInt8(ascii: "N") ? 1 : 0
        return byte(prefix) & ~0x20 == UInt8(ascii: "Q") && byte(prefix + 1) == UInt8(ascii: "'") ? prefix + 2 : nil
    }

    /// A string between delimiters of its own choice, as in Oracle: `q'[it's]'`, `q'!it's!'`.
    private mutating func chosenQuoted(afterPrefix length: Int) -> SQLToken.Kind {
        let pairs: [UInt8: UInt8] = [
            UInt8(ascii: "["): UInt8(ascii: "]"), UInt8(ascii: "("): UInt8(ascii: ")"), UInt8(ascii: "{"): UInt8(ascii: "}"),
            UInt8(ascii: "<"): UInt8(ascii: ">"),
        ]
        let end = pairs[byte(length)] ?? byte(length)
        position = min(text.count, position + length + 1)
        while position < text.count {
            if byte() == end, byte(1) == UInt8(ascii: "'") { return take(2, .string) }
            position += 1
        }
        return .string
    }

    /// `$1` is a parameter; `$tag$ … $tag$` is a string in PostgreSQL.
    private mutating func dollar() -> SQLToken.Kind {
        if Self.isDigit(byte(1)) {
            position += 1
            return skip(while: Self.isDigit, .placeholder)
        }
        guard features.contains(.dollarQuotes) else { return wordAfterSign() }
        var end = position + 1
        while end < text.count, Self.isNamePart(text[end]), text[end] != UInt8(ascii: "$") { end += 1 }
        guard end < text.count, text[end] == UInt8(ascii: "$") else { return wordAfterSign() }
        let tag = text[position...end]
        position = end + 1
        while position < text.count {
            if text[position] == UInt8(ascii: "$"), text[position...].starts(with: tag) { return take(tag.count, .string) }
            position += 1
        }
        return .string
    }

    /// `:name` and `@name` are parameters; `::` is a cast, and `1:2` a slice.
    private mutating func namedPlaceholder() -> SQLToken.Kind {
        let sign = byte()
        if byte(1) == sign { return take(2, .sign(sign)) }
        let isNumbered = sign == UInt8(ascii: ":") && features.contains(.numberedParameters) && Self.isDigit(byte(1)) && !touchesOperand
        guard Self.isNameStart(byte(1)) || isNumbered else { return take(1, .sign(sign)) }
        return wordAfterSign()
    }

    /// `%s` and `%(name)s` are parameters of Python's drivers; else it is an operator.
    private mutating func percent() -> SQLToken.Kind {
        if byte(1) == UInt8(ascii: "s"), !Self.isNamePart(byte(2)) { return take(2, .placeholder) }
        var end = position + 2
        while end < text.count, Self.isNamePart(text[end]) { end += 1 }
        let isNamed = byte(1) == UInt8(ascii: "(") && !touchesOperand && end + 1 < text.count && text[end] == UInt8(ascii: ")")
        guard isNamed, text[end + 1] == UInt8(ascii: "s") else { return take(1, .sign(UInt8(ascii: "%"))) }
        return take(end + 2 - position, .placeholder)
    }

    private mutating func wordAfterSign() -> SQLToken.Kind {
        position += 1
        return skip(while: Self.isNamePart, .placeholder)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isNameStart(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) && byte < 0x80 || byte == UInt8(ascii: "_") || byte >= 0x80
    }

    private static func isNamePart(_ byte: UInt8) -> Bool {
        isNameStart(byte) || isDigit(byte) || byte == UInt8(ascii: "$")
    }

    /// Returns a word in upper case; empty if it is longer than any keyword.
    static func keyword(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        guard bytes.count <= 16 else { return "" }
        return String(unsafeUninitializedCapacity: bytes.count) { upper in
            for (index, byte) in bytes.enumerated() {
                upper[index] = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) ? byte & ~0x20 : byte
            }
            return bytes.count
        }
    }
}
