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

    mutating func add(_ kind: SQLToken.Kind, _ bytes: UnsafeBufferPointer<UInt8>) {
        if kind == .quotedName, bytes.first == UInt8(ascii: "\""), isValueExpected { return add(.string, bytes) }
        noteExpectation(kind, bytes)
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
            let word = kind == .word ? Self.upper(bytes) : ""
            output.append(contentsOf: bytes)
            followsOperand = !Self.wordsBeforeValues.contains(word)
            followsIn = word == "IN"
            (sign, listStart) = (nil, nil)
            return
        case .sign(let byte):
            add(sign: byte, bytes)
            return
        }
        (sign, followsIn) = (nil, false)
    }

    private var isValueExpected: Bool { hasDoubtfulDoubleQuotes && (expectsValue || isInValues || listStart != nil) }

    private mutating func noteExpectation(_ kind: SQLToken.Kind, _ bytes: UnsafeBufferPointer<UInt8>) {
        switch kind {
        case .space, .comment: break
        case .word:
            let word = Self.upper(bytes)
            if word == "VALUES" { isInValues = true }
            if ["SELECT", "ON", "RETURNING", "FROM", "AS"].contains(word) { isInValues = false }
            expectsValue = ["LIKE", "GLOB", "MATCH", "REGEXP", "BETWEEN", "ESCAPE", "THEN", "ELSE"].contains(word)
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

    /// A short word in upper case; empty for one that is longer than any keyword.
    static func upper(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        guard bytes.count <= 16 else { return "" }
        return String(unsafeUninitializedCapacity: bytes.count) { upper in
            for (index, byte) in bytes.enumerated() {
                upper[index] = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) ? byte & ~0x20 : byte
            }
            return bytes.count
        }
    }
}
