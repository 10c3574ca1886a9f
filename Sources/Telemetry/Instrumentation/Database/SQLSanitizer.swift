// Writes a statement again without its literals.

/// Writes a statement again without its literals and comments.
struct SQLSanitizer {
    private let hasDoubtfulDoubleQuotes: Bool
    private var output: [UInt8] = []
    /// Where a sign was written that may belong to a number.
    private var sign: Int?
    private var followsOperand = false
    private var followsIn = false
    /// Where the list behind an `IN` begins, as long as it holds values alone.
    private var listStart: Int?

    /// Whether a value is expected where the next token stands: behind a comparison or an operator, or in a list of values.
    private var expectsValue = false
    private var isInValues = false

    init(dialect: SQLDialect) {
        hasDoubtfulDoubleQuotes = dialect.features.contains(.doubtfulDoubleQuotes)
    }

    /// After these words a sign belongs to the number behind it.
    private static let wordsBeforeValues: Set<String> = [
        "SELECT", "DISTINCT", "ALL", "WHERE", "AND", "OR", "NOT", "ON", "HAVING", "WHEN", "THEN", "ELSE", "CASE", "BETWEEN", "LIKE", "IN",
        "IS", "LIMIT", "OFFSET", "TOP", "SET", "VALUES", "BY", "RETURN", "RETURNING", "DEFAULT",
    ]

    /// These words end a list of values.
    private static let wordsAfterValues: Set<String> = ["SELECT", "ON", "RETURNING", "FROM", "AS"]
    /// A value stands behind these words.
    private static let operatorWords: Set<String> = ["LIKE", "GLOB", "MATCH", "REGEXP", "BETWEEN", "ESCAPE", "THEN", "ELSE"]

    mutating func add(_ kind: SQLToken.Kind, _ bytes: UnsafeBufferPointer<UInt8>, keyword: String) {
        if kind == .quotedName, bytes.first == UInt8(ascii: "\""), isValueExpected { return add(.string, bytes, keyword: "") }
        if hasDoubtfulDoubleQuotes { noteExpectation(kind, keyword) }
        switch kind {
        case .space, .comment:
            if output.last.map({ $0 != UInt8(ascii: " ") }) ?? false { output.append(UInt8(ascii: " ")) }
            sign = nil
            return
        case .string, .number:
            if kind == .number, let sign { output.removeSubrange(sign...) }
            output.append(UInt8(ascii: "?"))
            followsOperand = true
        case .placeholder:
            output.append(contentsOf: bytes)
            followsOperand = true
        case .word, .quotedName:
            output.append(contentsOf: bytes)
            followsOperand = !Self.wordsBeforeValues.contains(keyword)
            followsIn = keyword == "IN"
            (sign, listStart) = (nil, nil)
            return
        case .sign(let byte):
            add(sign: byte, bytes)
            return
        }
        (sign, followsIn) = (nil, false)
    }

    private var isValueExpected: Bool { hasDoubtfulDoubleQuotes && (expectsValue || isInValues || listStart != nil) }

    private mutating func noteExpectation(_ kind: SQLToken.Kind, _ keyword: String) {
        switch kind {
        case .space, .comment: break
        case .word:
            if keyword == "VALUES" { isInValues = true }
            if Self.wordsAfterValues.contains(keyword) { isInValues = false }
            expectsValue = Self.operatorWords.contains(keyword)
        case .sign(let byte):
            if byte == UInt8(ascii: ";") { isInValues = false }
            expectsValue = "=<>!|+-*/%&~".utf8.contains(byte)
        case .quotedName, .string, .number, .placeholder: expectsValue = false
        }
    }

    private mutating func add(sign byte: UInt8, _ bytes: UnsafeBufferPointer<UInt8>) {
        sign = nil
        switch byte {
        case UInt8(ascii: "-"), UInt8(ascii: "+"):
            if !followsOperand { sign = output.count }
            output.append(byte)
            followsOperand = false
        case UInt8(ascii: "("):
            output.append(byte)
            listStart = followsIn ? output.count : nil
            followsOperand = false
        case UInt8(ascii: ")"):
            if let listStart, output.count > listStart {
                output.removeSubrange(listStart...)
                output.append(UInt8(ascii: "?"))
            }
            output.append(byte)
            listStart = nil
            followsOperand = true
        case UInt8(ascii: ","):
            output.append(byte)
            followsOperand = false
        default:
            output.append(contentsOf: bytes)
            listStart = nil
            followsOperand = byte == UInt8(ascii: "]")
        }
        followsIn = false
    }

    mutating func finish() -> String {
        if output.last == UInt8(ascii: " ") { output.removeLast() }
        return String(decoding: output, as: UTF8.self)
    }
}
