// The words of PromQL.

/// A token and its place in the query, in characters from 0.
struct PromQLToken: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        case identifier(String)
        case number(Double)
        /// Milliseconds.
        case duration(Int64)
        case string(String)
        case symbol(String)
        case end
    }

    let kind: Kind
    let offset: Int

    /// The token in a message.
    var description: String {
        switch kind {
        case .identifier(let name): "\"\(name)\""
        case .number(let number): "number \(GoNumber.text(number))"
        case .duration(let milliseconds): "duration of \(GoNumber.text(Double(milliseconds) / 1_000)) s"
        case .string(let text): "string \"\(text)\""
        case .symbol(let symbol): "\"\(symbol)\""
        case .end: "end of input"
        }
    }
}

/// Splits a query into tokens.
struct PromQLLexer {
    private static let symbols = [
        "==", "!=", "<=", ">=", "=~", "!~", "(", ")", "{", "}", "[", "]", ",", "+", "-", "*", "/", "%", "^", "<", ">", "=", ":", "@",
    ]
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("w", 604_800_000), ("y", 31_536_000_000),
    ]

    private let text: [Unicode.Scalar]
    private var place = 0
    /// True between `[` and `]`, where a colon is a symbol and not part of a name.
    private var isInBrackets = false

    static func tokens(of query: String) throws(PromQLError) -> [PromQLToken] {
        var lexer = PromQLLexer(query)
        var tokens: [PromQLToken] = []
        repeat { tokens.append(try lexer.next()) } while tokens.last?.kind != .end
        return tokens
    }

    private init(_ query: String) {
        text = Array(query.unicodeScalars)
    }

    private func string(_ range: Range<Int>) -> String {
        var result = String.UnicodeScalarView()
        result.append(contentsOf: text[range])
        return String(result)
    }

    private mutating func next() throws(PromQLError) -> PromQLToken {
        while place < text.count, text[place].properties.isWhitespace || text[place] == "#" {
            if text[place] == "#" { while place < text.count, text[place] != "\n" { place += 1 } } else { place += 1 }
        }
        let start = place
        guard place < text.count else { return PromQLToken(kind: .end, offset: start) }
        let scalar = text[place]
        if scalar == "\"" || scalar == "'" || scalar == "`" { return PromQLToken(kind: .string(try quoted()), offset: start) }
        let isFraction = scalar == "." && place + 1 < text.count && PatternClass.digit.contains(text[place + 1])
        if PatternClass.digit.contains(scalar) || isFraction { return PromQLToken(kind: try number(), offset: start) }
        if Self.isName(scalar), !(scalar == ":" && isInBrackets) {
            while place < text.count, Self.isName(text[place]) || PatternClass.digit.contains(text[place]) {
                if text[place] == ":", isInBrackets { break }
                place += 1
            }
            return PromQLToken(kind: .identifier(string(start..<place)), offset: start)
        }
        for symbol in Self.symbols {
            let scalars = Array(symbol.unicodeScalars)
            guard text.count - place >= scalars.count, Array(text[place..<place + scalars.count]) == scalars else { continue }
            place += scalars.count
            if symbol == "[" { isInBrackets = true }
            if symbol == "]" { isInBrackets = false }
            return PromQLToken(kind: .symbol(symbol), offset: start)
        }
        throw .syntax("unexpected character: '\(scalar)'", offset: start)
    }

    private static func isName(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || scalar == ":" || ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
    }

    /// Reads a number or a duration.
    private mutating func number() throws(PromQLError) -> PromQLToken.Kind {
        let start = place
        if text[place] == "0", place + 1 < text.count, text[place + 1] == "x" || text[place + 1] == "X" {
            place += 2
            while place < text.count, text[place].properties.isASCIIHexDigit || text[place] == "_" { place += 1 }
            guard let value = UInt64(string(start + 2..<place).filter { $0 != "_" }, radix: 16), !isWordNext else {
                throw .syntax("bad number \"\(string(start..<place))\"", offset: start)
            }
            return .number(Double(value))
        }
        if let duration = try duration() { return .duration(duration) }
        place = start
        while place < text.count, PatternClass.digit.contains(text[place]) || text[place] == "." || text[place] == "_" { place += 1 }
        if place < text.count, text[place] == "e" || text[place] == "E" {
            var end = place + 1
            if end < text.count, text[end] == "+" || text[end] == "-" { end += 1 }
            if end < text.count, PatternClass.digit.contains(text[end]) {
                while end < text.count, PatternClass.digit.contains(text[end]) { end += 1 }
                place = end
            }
        }
        let written = string(start..<place)
        let padded = written.hasSuffix(".") ? written + "0" : written.hasPrefix(".") ? "0" + written : written
        guard let value = Double(padded.filter { $0 != "_" }), !isWordNext else {
            throw .syntax("bad number or duration syntax: \"\(written)\"", offset: start)
        }
        return .number(value)
    }

    private var isWordNext: Bool { place < text.count && (Self.isName(text[place]) && text[place] != ":") }

    /// Reads whole numbers with units that become smaller, such as `1h30m`; nil if there is none.
    private mutating func duration() throws(PromQLError) -> Int64? {
        let start = place
        var total: Int64 = 0
        var smallest = Self.units.count
        while true {
            let digits = place
            while place < text.count, PatternClass.digit.contains(text[place]) { place += 1 }
            guard place > digits else { break }
            guard let unit = Self.units.indices.first(where: { isUnit($0) }) else {
                if digits == start { return nil }
                throw .syntax("bad duration: a unit is missing", offset: place)
            }
            guard unit < smallest, let amount = Int64(string(digits..<place)) else {
                throw .syntax("bad duration: units go from large to small, each once", offset: digits)
            }
            let (scaled, overflow) = amount.multipliedReportingOverflow(by: Self.units[unit].milliseconds)
            let (sum, carried) = total.addingReportingOverflow(scaled)
            guard !overflow, !carried, sum < 1 << 52 else { throw .syntax("duration out of range", offset: start) }
            total = sum
            smallest = unit
            place += Self.units[unit].name.unicodeScalars.count
        }
        guard !isWordNext else { throw .syntax("bad number or duration syntax: \"\(string(start..<place + 1))\"", offset: start) }
        return total
    }

    /// Returns whether a unit comes next; `m` is not the beginning of `ms`.
    private func isUnit(_ unit: Int) -> Bool {
        let name = Array(Self.units[unit].name.unicodeScalars)
        guard text.count - place >= name.count, Array(text[place..<place + name.count]) == name else { return false }
        let after = place + name.count
        return after >= text.count || !Self.isName(text[after]) || text[after] == ":"
    }

    private mutating func quoted() throws(PromQLError) -> String {
        let start = place
        let quote = text[place]
        var result = String.UnicodeScalarView()
        place += 1
        while true {
            guard place < text.count, quote == "`" || text[place] != "\n" else {
                throw .syntax("unterminated quoted string", offset: start)
            }
            let scalar = text[place]
            place += 1
            if scalar == quote { return String(result) }
            if scalar == "\\", quote != "`" { result.append(try escape(quote)) } else { result.append(scalar) }
        }
    }

    private mutating func escape(_ quote: Unicode.Scalar) throws(PromQLError) -> Unicode.Scalar {
        guard place < text.count else { throw .syntax("unterminated quoted string", offset: place) }
        let scalar = text[place]
        place += 1
        switch scalar {
        case "a": return "\u{07}"
        case "b": return "\u{08}"
        case "f": return "\u{0C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "v": return "\u{0B}"
        case "\\", quote: return scalar
        case "x", "u", "U":
            let count = scalar == "x" ? 2 : scalar == "u" ? 4 : 8
            let end = min(place + count, text.count)
            guard let value = UInt32(string(place..<end), radix: 16), end - place == count, let result = Unicode.Scalar(value) else {
                throw .syntax("bad escape in a string", offset: place)
            }
            place = end
            return result
        default: throw .syntax("unknown escape sequence \\\(scalar)", offset: place - 1)
        }
    }
}
