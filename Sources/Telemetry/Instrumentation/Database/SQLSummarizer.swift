// Finds the operations of a statement and what they work on.

/// Finds the operations of a statement and what they work on, in order, without knowing all of SQL.
///
/// Parentheses open a level of their own, which is a query if it begins like one. Names of common table expressions are no targets.
struct SQLSummarizer {
    /// What a level is in the middle of.
    private enum Clause {
        /// Nothing yet: the next word decides.
        case start
        /// The names before the main statement.
        case commonTables
        case columns, tables
        /// `CREATE`, `ALTER`, `DROP`, `TRUNCATE`, until the kind of object was named.
        case definition
        /// What names no further tables unless a keyword says so.
        case other
        /// No query: the arguments of a function, or a list.
        case none
    }

    /// What the next name is.
    private enum Expectation {
        case nothing
        case target
        /// A target, or a function that returns rows.
        case rows
        case commonTable
    }

    private struct Level {
        var clause = Clause.start
        var expects = Expectation.nothing
        var verb = ""
        var previousWord = ""
    }

    /// The longest summary. (Semantic conventions: `db.query.summary`.)
    static let maximumLength = 255
    /// Levels of parentheses that are told apart.
    private static let maximumDepth = 64

    private static let queryVerbs: Set<String> = ["SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "WITH", "VALUES"]
    private static let definitionVerbs: Set<String> = ["CREATE", "ALTER", "DROP", "TRUNCATE"]
    private static let objects: Set<String> = [
        "TABLE", "INDEX", "VIEW", "SCHEMA", "DATABASE", "SEQUENCE", "TRIGGER", "FUNCTION", "PROCEDURE", "TYPE", "ROLE", "USER", "EXTENSION",
        "DOMAIN",
    ]
    /// Words between an operation and its target.
    private static let modifiers: Set<String> = [
        "OR", "IGNORE", "ABORT", "FAIL", "ROLLBACK", "LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED", "OVERWRITE", "INTO", "ONLY", "IF", "NOT",
        "EXISTS", "CONCURRENTLY", "TABLE", "ON", "REPLACE",
    ]
    /// Words between `FROM` or `JOIN` and a table.
    private static let tableModifiers: Set<String> = ["ONLY", "LATERAL"]
    private static let clausesWithoutTables: Set<String> = [
        "WHERE", "GROUP", "ORDER", "HAVING", "LIMIT", "OFFSET", "FETCH", "WINDOW", "UNION", "INTERSECT", "EXCEPT", "RETURNING", "SET",
        "VALUES",
        "FOR",
    ]

    private var pieces: [String] = []
    private var length = 0
    private var isFull = false
    private var level = Level()
    private var levels: [Level] = []
    /// Parentheses beyond the deepest level.
    private var excess = 0
    private var commonTables: Set<String> = []
    /// The name that is being read, what it is for, and whether a part of it has to follow.
    private var name: (text: String, expectation: Expectation, needsPart: Bool)?

    mutating func add(_ kind: SQLToken.Kind, _ bytes: UnsafeBufferPointer<UInt8>, keyword: String) {
        switch kind {
        case .space, .comment: break
        case .word, .quotedName: addName(String(decoding: bytes, as: UTF8.self), keyword: keyword)
        case .string, .number, .placeholder:
            endName()
            level.expects = .nothing
        case .sign(let byte): add(sign: byte)
        }
    }

    mutating func finish() -> String? {
        endName()
        return pieces.isEmpty ? nil : pieces.joined(separator: " ")
    }

    private mutating func add(sign: UInt8) {
        switch sign {
        case UInt8(ascii: "."):
            guard name != nil else { return }
            name?.text += "."
            name?.needsPart = true
        case UInt8(ascii: "("):
            // A function is no table.
            if name?.expectation == .rows { name = nil }
            endName()
            level.expects = .nothing
            guard levels.count < Self.maximumDepth else { return excess += 1 }
            levels.append(level)
            level = Level()
        case UInt8(ascii: ")"):
            endName()
            guard excess == 0 else { return excess -= 1 }
            if let outer = levels.popLast() { level = outer }
        case UInt8(ascii: ","):
            endName()
            switch level.clause {
            case .tables: level.expects = .rows
            case .commonTables: level.expects = .commonTable
            default: break
            }
        case UInt8(ascii: ";"):
            endName()
            (level, levels, excess) = (Level(), [], 0)
        default: endName()
        }
    }

    /// Takes a word: part of a name, a keyword, or a name.
    private mutating func addName(_ text: String, keyword: String) {
        if name?.needsPart == true {
            name?.text += text
            name?.needsPart = false
            return
        }
        endName()
        defer { level.previousWord = keyword }
        if level.expects != .nothing && !isModifier(keyword) {
            name = (text, level.expects, false)
            level.expects = .nothing
            return
        }
        guard !keyword.isEmpty else { return }
        if level.clause == .start || (level.clause == .commonTables && Self.queryVerbs.contains(keyword)) {
            begin(text, keyword)
        } else if level.clause != .none {
            proceed(text, keyword)
        }
    }

    /// Whether the name that is expected comes only after the word.
    private func isModifier(_ keyword: String) -> Bool {
        switch level.expects {
        case .rows: Self.tableModifiers.contains(keyword)
        case .commonTable: keyword == "RECURSIVE"
        case .target, .nothing: Self.modifiers.contains(keyword)
        }
    }

    /// Takes the first word of a statement or of a level.
    private mutating func begin(_ text: String, _ keyword: String) {
        guard levels.isEmpty || Self.queryVerbs.contains(keyword) else { return level.clause = .none }
        level.verb = keyword
        level.clause = .other
        switch keyword {
        case "WITH":
            level.clause = .commonTables
            level.expects = .commonTable
            return
        case "SELECT": level.clause = .columns
        case "INSERT", "REPLACE", "UPDATE", "MERGE", "CALL", "EXEC", "EXECUTE": level.expects = .target
        case "TRUNCATE": (level.clause, level.expects) = (.definition, .target)
        case _ where Self.definitionVerbs.contains(keyword): level.clause = .definition
        case "EXPLAIN": level.clause = .start
        default: break
        }
        append(text)
    }

    private mutating func proceed(_ text: String, _ keyword: String) {
        switch keyword {
        case "SELECT":
            append(text)
            (level.clause, level.verb) = (.columns, keyword)
        case "TABLE" where level.verb == "TRUNCATE":
            extendLast(text)
        case _ where level.clause == .definition && Self.objects.contains(keyword):
            extendLast(text)
            (level.clause, level.expects) = (.other, .target)
        case "FROM" where level.previousWord != "DISTINCT": (level.clause, level.expects) = (.tables, .rows)
        case "JOIN", "STRAIGHT_JOIN": (level.clause, level.expects) = (.tables, .rows)
        case "USING" where ["DELETE", "MERGE"].contains(level.verb): (level.clause, level.expects) = (.tables, .rows)
        case "INTO" where level.verb == "SELECT": level.expects = .target
        case _ where Self.clausesWithoutTables.contains(keyword): level.clause = .other
        default: break
        }
    }

    private mutating func endName() {
        guard let (text, expectation, _) = name else { return }
        name = nil
        if expectation == .commonTable {
            commonTables.insert(text.lowercased())
        } else if !commonTables.contains(text.lowercased()) {
            append(text)
        }
    }

    private mutating func append(_ piece: String) {
        if reserve(piece.utf8.count + (pieces.isEmpty ? 0 : 1)) { pieces.append(piece) }
    }

    /// Adds a word to the last operation: `CREATE TABLE`.
    private mutating func extendLast(_ word: String) {
        if let last = pieces.indices.last, reserve(word.utf8.count + 1) { pieces[last] += " " + word }
    }

    /// Counts further bytes; once there is no room, nothing is added any more.
    private mutating func reserve(_ count: Int) -> Bool {
        if length + count > Self.maximumLength { isFull = true }
        if !isFull { length += count }
        return !isFull
    }
}
