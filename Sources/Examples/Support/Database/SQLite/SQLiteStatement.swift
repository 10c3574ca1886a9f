// A prepared statement of SQLite.

/// A statement that a connection has prepared. It is used where its connection is.
final class SQLiteStatement {
    private typealias Constant = SQLiteLibrary.Constant

    enum Failure: Error {
        /// The connection has the error.
        case database
        case parameters(String)
        case tooLarge
    }

    private let library: SQLiteLibrary
    private let handle: OpaquePointer
    /// Which of the caller's parameters goes to each of SQLite's: SQLite numbers `$1` and its like by their first appearance.
    private let order: [Int]
    private let expectedCount: Int
    /// Whether executing it leaves the database as it is.
    let isReadOnly: Bool
    /// Whether an execution has exceeded its budget, or each will: SQLite counts the rows of a table in one instruction, which no budget ends.
    var isLong: Bool
    private var slowExecutions = 0
    /// Executions that are left to others after slow ones.
    private var leftExecutions = 0

    init(_ library: SQLiteLibrary, _ handle: OpaquePointer, _ text: String) {
        self.library = library
        self.handle = handle
        order = (0..<library.parameterCount(handle)).map { index in
            let name = library.parameterName(handle, index + 1).map { String(cString: $0) } ?? ""
            return Int(name.dropFirst()) ?? Int(index) + 1
        }
        expectedCount = order.max() ?? 0
        isReadOnly = library.isReadOnly(handle) != 0
        let lowercased = text.lowercased()
        isLong = lowercased.contains("count(*)") && !lowercased.contains("where")
    }

    /// Whether the next execution may be a short one. After two slow ones in a row the next thousand are not; a single one may have been
    /// kept from a processor.
    var mayBeShort: Bool {
        if isLong { return false }
        guard leftExecutions > 0 else { return true }
        leftExecutions -= 1
        return false
    }

    /// Whether the last execution was slow.
    var wasSlow: Bool { slowExecutions > 0 }

    /// Notes how an execution went.
    func executed(slowly: Bool) {
        slowExecutions = slowly ? slowExecutions + 1 : 0
        if slowExecutions > 1 { leftExecutions = 1000 }
    }

    func finalize() { _ = library.finalize(handle) }

    /// - Parameter maximumBytes: the bytes that the texts of all rows may have.
    func rows(_ parameters: [DatabaseValue], maximumBytes: Int) throws(Failure) -> [DatabaseRow] {
        guard parameters.count == expectedCount else {
            throw .parameters("The statement has \(expectedCount) parameters, and \(parameters.count) are given.")
        }
        defer {
            _ = library.reset(handle)
            _ = library.clearBindings(handle)
        }
        for (index, number) in order.enumerated() { try bind(parameters[number - 1], at: Int32(index + 1)) }
        var rows: [DatabaseRow] = []
        var remainingBytes = maximumBytes
        while true {
            switch library.step(handle) {
            case Constant.row: rows.append(try row(&remainingBytes))
            case Constant.done: return rows
            default: throw .database
            }
        }
    }

    private func bind(_ value: DatabaseValue, at index: Int32) throws(Failure) {
        let status =
            switch value {
            case .null: library.bindNull(handle, index)
            case .integer(let value): library.bindInteger(handle, index, value)
            case .real(let value): library.bindReal(handle, index, value)
            case .boolean(let value): library.bindInteger(handle, index, value ? 1 : 0)
            case .text(let value): library.bindText(handle, index, value, Int32(clamping: value.utf8.count), Constant.copied)
            }
        guard status == Constant.ok else { throw .database }
    }

    private func row(_ remainingBytes: inout Int) throws(Failure) -> DatabaseRow {
        DatabaseRow(
            try (0..<library.columnCount(handle)).map { column throws(Failure) in
                switch library.columnType(handle, column) {
                case Constant.integerType: return .integer(library.integer(handle, column))
                case Constant.realType: return .real(library.real(handle, column))
                case Constant.nullType: return .null
                default:
                    // The text first: it converts the value, whose size is known only then.
                    let bytes = library.text(handle, column)
                    let count = Int(library.byteCount(handle, column))
                    remainingBytes -= count
                    guard remainingBytes >= 0 else { throw .tooLarge }
                    return .text(String(decoding: UnsafeBufferPointer(start: bytes, count: bytes == nil ? 0 : count), as: UTF8.self))
                }
            })
    }
}
