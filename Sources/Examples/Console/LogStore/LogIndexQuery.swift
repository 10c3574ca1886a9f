// A search as a question to the index of a shard.

import Telemetry

/// What a search asks the index of one shard, and what is left to be looked at in the columns and in the records themselves.
struct LogIndexQuery {
    /// The question to the index; nil if it has none to answer and all records of the shard are candidates.
    private(set) var text: String?
    /// True if no record of the shard can match.
    private(set) var takesNone = false
    /// By the number of the origin; nil for all.
    private(set) var origins: [Bool]?
    /// By the number of the severity; nil for all.
    private(set) var severities: [Bool]?
    /// What the index cannot decide.
    private(set) var residual: [SearchTerm] = []
    /// What the columns of attributes say by the row, as ``LogVerdicts`` has it; nil if they say nothing.
    private(set) var verdicts: [UInt8]?

    private enum Match {
        case all, none
        case text(String)
    }

    /// Alternatives for origins that are put into a question.
    private static let maximumAlternatives = 200

    private let table: OriginTable

    /// - Parameter decide: returns what the columns say of a term.
    init(
        _ term: SearchTerm, _ table: OriginTable, decide: (SearchTerm) throws(SQLiteFile.Failure) -> [UInt8]?
    ) throws(SQLiteFile.Failure) {
        self.table = table
        let terms: [SearchTerm]
        if case .all(let several) = term { terms = several } else { terms = [term] }
        var (positive, negative): ([String], [String]) = ([], [])
        var isUndecided = false
        for term in terms {
            if take(columns: term) { continue }
            let decided = term.namesAttribute ? try decide(term) : nil
            if let decided {
                verdicts = verdicts.map { zip($0, decided).map { min($0, $1) } } ?? decided
                if !decided.contains(LogVerdicts.unknown) { continue }
            }
            let (match, isExact) = match(term)
            if !isExact, decided == nil { isUndecided = true }
            if !isExact { residual.append(term) }
            switch match {
            case .all: continue
            case .none: takesNone = true
            case .text(let text):
                if case .not(let inner) = term, case (.text(let text), true) = self.match(inner) {
                    negative.append(text)
                } else {
                    positive.append(text)
                }
            }
        }
        if let verdicts, verdicts.allSatisfy({ $0 == LogVerdicts.no }) { takesNone = true }
        if isUndecided { verdicts = verdicts?.map { min($0, LogVerdicts.unknown) } }
        if positive.isEmpty, negative.isEmpty { return }
        let all = positive.isEmpty ? "(keys : a)" : positive.joined(separator: " AND ")
        text = negative.isEmpty ? all : "(\(all)) NOT (\(negative.joined(separator: " OR ")))"
    }

    /// Takes a term that the columns decide alone.
    private mutating func take(columns term: SearchTerm) -> Bool {
        guard case .condition(let condition) = term else { return false }
        switch condition.field {
        case .severity:
            let passing = LogColumnTest.severities(condition)
            severities = severities.map { zip($0, passing).map { $0 && $1 } } ?? passing
        case .service, .scope:
            let passing = LogColumnTest.origins(condition, table)
            origins = origins.map { zip($0, passing).map { $0 && $1 } } ?? passing
            if !passing.contains(true) { takesNone = true }
        default: return false
        }
        return true
    }

    // MARK: Questions

    /// Returns a question whose answer has all records that match, and whether it has no other ones.
    private func match(_ term: SearchTerm) -> (Match, isExact: Bool) {
        switch term {
        case .everything: return (.all, true)
        case .all(let terms): return join(terms.map { match($0) }, " AND ", empty: .all)
        case .any(let terms): return join(terms.map { match($0) }, " OR ", empty: .none)
        case .not(let term):
            // What is more than the records that match cannot be taken away from the rest.
            guard case (let match, true) = match(term) else { return (.all, false) }
            switch match {
            case .all: return (.none, true)
            case .none: return (.all, true)
            case .text(let text): return (.text("((keys : a) NOT \(text))"), true)
            }
        case .condition(let condition): return match(condition)
        }
    }

    private func join(_ matches: [(Match, isExact: Bool)], _ operation: String, empty: Match) -> (Match, isExact: Bool) {
        let isAnd = operation == " AND "
        var texts: [String] = []
        for (match, _) in matches {
            switch match {
            case .all where !isAnd: return (.all, matches.allSatisfy(\.isExact))
            case .none where isAnd: return (.none, true)
            case .all, .none: continue
            case .text(let text): texts.append(text)
            }
        }
        return (texts.isEmpty ? empty : .text("(\(texts.joined(separator: operation)))"), matches.allSatisfy(\.isExact))
    }

    private func match(_ condition: SearchCondition) -> (Match, isExact: Bool) {
        switch condition.field {
        case .text:
            let words = Self.phrase(condition.text) + (condition.isPrefix ? " *" : "")
            return either("({body attributes} : \(words))", origins: serviceTest(condition))
        case .severity:
            let numbers = LogColumnTest.severities(condition).enumerated().filter(\.element).map { "s\($0.offset)" }
            return (numbers.isEmpty ? .none : .text("(keys : (\(numbers.joined(separator: " OR "))))"), true)
        case .service, .scope: return either(nil, origins: LogColumnTest.origins(condition, table))
        case .trace:
            guard let key = TraceKey(hexadecimal: condition.text) else { return (.none, true) }
            return (word(LogStoreRow.word(key), condition), true)
        case .span:
            guard let number = HexadecimalText.number(condition.text) else { return (.none, true) }
            return (word(LogStoreRow.word(span: number), condition), true)
        case .event:
            guard condition.comparison == .equal, Self.hasWords(condition.text) else { return (.all, false) }
            return (.text("((attributes : \(Self.phrase(condition.text))) OR (keys : x))"), false)
        case .attribute(let key): return (attribute(key, condition), false)
        case .name, .kind, .status, .duration, .run: return (.none, true)
        }
    }

    private func word(_ word: String, _ condition: SearchCondition) -> Match {
        .text(condition.comparison == .notEqual ? "((keys : a) NOT (keys : \(word)))" : "(keys : \(word))")
    }

    /// Returns the question for records that may have an attribute, themselves or in their scope or resource.
    private func attribute(_ key: String, _ condition: SearchCondition) -> Match {
        let test = AttributeTest(key: key, condition)
        let origins = AttributeCheck.origins(test, table)
        guard Self.hasWords(key) else { return .all }
        // A number may be written in several ways; a whole one begins in the same way in all of them.
        let isPlain = Double(condition.text) == nil || Int64(condition.text) != nil
        let words = condition.comparison == .equal && isPlain ? "\(key) \(condition.text)" : key
        return either("(attributes : \(Self.phrase(words))) OR (keys : x)", origins: origins).0
    }

    /// Returns the alternative of a question and of origins.
    private func either(_ text: String?, origins: [Bool]) -> (Match, isExact: Bool) {
        let numbers = origins.indices.filter { origins[$0] }
        if !numbers.isEmpty, numbers.count == origins.count { return (.all, true) }
        if numbers.count > Self.maximumAlternatives { return (.all, false) }
        return (alternatives(text, numbers), true)
    }

    private func alternatives(_ text: String?, _ numbers: [Int]) -> Match {
        let words = numbers.map { "o\($0)" }.joined(separator: " OR ")
        switch (text, numbers.isEmpty) {
        case (nil, true): return .none
        case (nil, false): return .text("(keys : (\(words)))")
        case (let text?, true): return .text("(\(text))")
        case (let text?, false): return .text("(\(text) OR (keys : (\(words))))")
        }
    }

    /// Returns which origins have a service whose name has the words.
    private func serviceTest(_ condition: SearchCondition) -> [Bool] {
        let wanted = Self.words(condition.text)
        let services = table.services.texts.map { name in
            let words = Self.words(name)
            return words.indices.contains { start in
                start + wanted.count <= words.count
                    && zip(words[start...], wanted).enumerated().allSatisfy { place, pair in
                        place == wanted.count - 1 && condition.isPrefix ? pair.0.hasPrefix(pair.1) : pair.0 == pair.1
                    }
            }
        }
        return table.scopes.map { services[Int(table.resources[Int($0.resource)].service)] }
    }

    private static func words(_ text: String) -> [String] {
        text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    }

    /// Whether a text has anything that the index knows as a word.
    static func hasWords(_ text: String) -> Bool { text.contains { $0.isLetter || $0.isNumber } }

    /// Returns a text as a phrase of the index's language.
    private static func phrase(_ text: String) -> String {
        "\"" + text.flatMap { $0 == "\"" ? ["\"", "\""] : $0 == "\0" ? [" "] : [$0] } + "\""
    }
}
