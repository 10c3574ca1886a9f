// The parser of searches; an error says where it is and what would be right.

/// Reads a search: terms that all must hold, `OR`, `-` or `NOT`, and parentheses.
package struct SearchParser {
    /// The characters of the longest search, and how many terms and levels of parentheses it may have.
    static let maximumLength = 4_096
    static let maximumTerms = 128
    static let maximumDepth = 32

    private let characters: [Character]
    private let signal: SearchSignal
    private var place = 0
    private var termCount = 0

    /// Returns what a text asks for; an empty one asks for everything.
    package static func parse(_ text: String, _ signal: SearchSignal) throws(SearchError) -> SearchTerm {
        var parser = SearchParser(text, signal)
        guard parser.characters.count <= maximumLength else {
            throw SearchError(
                message: "A search has at most \(maximumLength) characters; this one has \(parser.characters.count).",
                column: maximumLength + 1)
        }
        parser.skipSpace()
        guard !parser.isAtEnd else { return .everything }
        let term = try parser.alternatives(depth: 0)
        guard parser.isAtEnd else { throw parser.error("There is no \"(\" for this \")\".") }
        return term
    }

    private init(_ text: String, _ signal: SearchSignal) {
        characters = Array(text)
        self.signal = signal
    }

    // MARK: Terms

    private mutating func alternatives(depth: Int) throws(SearchError) -> SearchTerm {
        guard depth <= Self.maximumDepth else { throw error("Parentheses may be nested \(Self.maximumDepth) levels deep.") }
        var terms = [try sequence(depth: depth)]
        while takeWord("OR") { terms.append(try sequence(depth: depth)) }
        return terms.count == 1 ? terms[0] : .any(terms)
    }

    private mutating func sequence(depth: Int) throws(SearchError) -> SearchTerm {
        var terms: [SearchTerm] = []
        skipSpace()
        while !isAtEnd, peek() != ")", !isWord("OR") {
            terms.append(try single(depth: depth))
            skipSpace()
        }
        guard !terms.isEmpty else {
            throw error("A term is missing here, such as service:shop, error, duration>5ms, http.route=\"/albums\" or \"some text\".")
        }
        return terms.count == 1 ? terms[0] : .all(terms)
    }

    private mutating func single(depth: Int) throws(SearchError) -> SearchTerm {
        var isNegated = false
        while true {
            skipSpace()
            if peek() == "-", place + 1 < characters.count, !characters[place + 1].isWhitespace {
                place += 1
            } else if !takeWord("NOT") {
                break
            }
            isNegated.toggle()
        }
        skipSpace()
        let term: SearchTerm
        if peek() == "(" {
            let start = place
            place += 1
            term = try alternatives(depth: depth + 1)
            skipSpace()
            guard peek() == ")" else { throw error("The parenthesis that opens here is not closed.", at: start) }
            place += 1
        } else {
            term = try condition()
        }
        return isNegated ? .not(term) : term
    }

    private mutating func condition() throws(SearchError) -> SearchTerm {
        termCount += 1
        guard termCount <= Self.maximumTerms else { throw error("A search has at most \(Self.maximumTerms) terms.") }
        let start = place
        if peek() == "\"" {
            let text = try quoted()
            // A key with blanks or operators in it is quoted.
            guard let comparison = takeComparison() else { return .condition(SearchCondition(.text, .contains, text)) }
            return try compared(.attribute(text), comparison, start)
        }
        let word = bareWord()
        guard !word.isEmpty else {
            throw error(isAtEnd ? "A term is missing here." : "A field or a text is missing before \"\(characters[place])\".")
        }
        if let colon = word.firstIndex(of: ":"), let field = Self.fields[String(word[..<colon]).lowercased()] {
            // What follows the colon is read again as a value, which may be quoted.
            place = start + word.distance(from: word.startIndex, to: colon) + 1
            return try compared(field, .equal, start)
        }
        guard let comparison = takeComparison() else { return try bare(word, start) }
        return try compared(Self.fields[word.lowercased()] ?? .attribute(word), comparison, start)
    }

    /// Returns what a word without a comparison asks for.
    private func bare(_ word: String, _ start: Int) throws(SearchError) -> SearchTerm {
        if word.hasSuffix("*") {
            let beginning = String(word.dropLast())
            guard beginning.count >= 2, !beginning.contains("*") else {
                throw error("The beginning of a word needs two letters or digits at least, and one \"*\" at its end: ti*.", at: start)
            }
            var condition = SearchCondition(.text, .contains, beginning)
            condition.isPrefix = true
            return .condition(condition)
        }
        if word.lowercased() == "error" {
            guard signal == .logs else { return .condition(SearchCondition(.status, .equal, "error", number: 2)) }
            return .any([
                .condition(SearchCondition(.severity, .greaterOrEqual, "error", number: 17)),
                .condition(SearchCondition(.text, .contains, word)),
            ])
        }
        if word.utf8.count == 32, TraceKey(hexadecimal: word) != nil { return .condition(SearchCondition(.trace, .equal, word)) }
        return .condition(SearchCondition(.text, .contains, word))
    }

    /// The names of fields that are no attributes.
    static var fieldNames: some Collection<String> { fields.keys }

    private static let fields: [String: SearchCondition.Field] = [
        "service": .service, "name": .name, "kind": .kind, "status": .status, "duration": .duration, "trace": .trace, "span": .span,
        "severity": .severity, "event": .event, "scope": .scope, "run": .run, "text": .text,
    ]

    private mutating func compared(
        _ field: SearchCondition.Field, _ comparison: SearchCondition.Comparison, _ start: Int
    ) throws(SearchError) -> SearchTerm {
        skipSpace()
        let valueStart = place
        let text = peek() == "\"" ? try quoted() : bareValue()
        guard place > valueStart else { throw error("A value is missing after \"\(comparison.rawValue)\".") }
        do throws(SearchValueError) {
            return .condition(try SearchCondition.checked(field, comparison, text, signal))
        } catch {
            throw SearchError(message: error.message, column: (error.isAboutField ? start : valueStart) + 1)
        }
    }

    // MARK: Characters

    private var isAtEnd: Bool { place >= characters.count }

    private func peek() -> Character? { place < characters.count ? characters[place] : nil }

    private func error(_ message: String, at place: Int? = nil) -> SearchError {
        SearchError(message: message, column: (place ?? self.place) + 1)
    }

    private mutating func skipSpace() {
        while let character = peek(), character.isWhitespace { place += 1 }
    }

    /// Whether a word of the language comes next, alone.
    private func isWord(_ word: String) -> Bool {
        let end = place + word.count
        guard end <= characters.count, characters[place..<end].elementsEqual(word) else { return false }
        return end == characters.count || characters[end].isWhitespace || characters[end] == "(" || characters[end] == ")"
    }

    private mutating func takeWord(_ word: String) -> Bool {
        skipSpace()
        guard isWord(word) else { return false }
        place += word.count
        return true
    }

    private mutating func bareWord() -> String {
        let start = place
        while let character = peek(), !character.isWhitespace, !"()\"=~<>".contains(character) {
            if character == "!", place + 1 < characters.count, characters[place + 1] == "=" { break }
            place += 1
        }
        return String(characters[start..<place])
    }

    private mutating func bareValue() -> String {
        let start = place
        while let character = peek(), !character.isWhitespace, !"()\"".contains(character) { place += 1 }
        return String(characters[start..<place])
    }

    /// Takes the comparison that comes next, with or without blanks before it.
    private mutating func takeComparison() -> SearchCondition.Comparison? {
        let start = place
        skipSpace()
        for length in [2, 1] where place + length <= characters.count {
            guard let comparison = SearchCondition.Comparison(rawValue: String(characters[place..<place + length])) else { continue }
            place += length
            return comparison
        }
        place = start
        return nil
    }

    private mutating func quoted() throws(SearchError) -> String {
        let start = place
        place += 1
        var text = ""
        while let character = peek() {
            place += 1
            if character == "\"" { return text }
            if character == "\\" {
                guard let escaped = peek(), escaped == "\"" || escaped == "\\" else {
                    throw error("After \"\\\" only \"\\\" and a quotation mark may follow.", at: place - 1)
                }
                text.append(escaped)
                place += 1
            } else {
                text.append(character)
            }
        }
        throw error("The quotation mark that opens here is not closed.", at: start)
    }
}
