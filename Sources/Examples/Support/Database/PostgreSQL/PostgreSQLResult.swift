// A result of libpq, as rows or as an error.

/// One result of a command.
struct PostgreSQLResult {
    enum Outcome {
        case rows([DatabaseRow])
        case error(PostgreSQLError)
        /// The end of a group of statements: what they did is committed, or none of it.
        case endOfGroup
        /// The statement was not executed because of an error before it.
        case skipped
        /// libpq itself has failed: the connection is lost.
        case lost
        /// A transfer that no statement of a service begins.
        case unexpected
    }

    let outcome: Outcome

    /// Reads the result and frees it.
    init(_ library: PostgreSQLLibrary, _ result: OpaquePointer) {
        typealias Constant = PostgreSQLLibrary.Constant
        defer { library.clear(result) }
        switch library.resultStatus(result) {
        case Constant.commandOK, Constant.emptyQuery: outcome = .rows([])
        case Constant.tuplesOK: outcome = .rows(Self.rows(library, result))
        case Constant.pipelineEnd: outcome = .endOfGroup
        case Constant.pipelineAborted: outcome = .skipped
        case Constant.fatalError:
            func field(_ name: Int32) -> String? { library.errorField(result, name).map { String(cString: $0) } }
            guard let code = field(Constant.sqlState) else {
                outcome = .lost
                return
            }
            outcome = .error(
                PostgreSQLError(code: code, message: field(Constant.primaryMessage) ?? "", sourceFunction: field(Constant.sourceFunction)))
        default: outcome = .unexpected
        }
    }

    private static func rows(_ library: PostgreSQLLibrary, _ result: OpaquePointer) -> [DatabaseRow] {
        let columns = 0..<library.columnCount(result)
        let types = columns.map { library.columnType(result, $0) }
        return (0..<library.rowCount(result)).map { row in
            DatabaseRow(
                zip(columns, types).map { column, type in
                    guard library.isNull(result, row, column) == 0, let bytes = library.value(result, row, column) else { return .null }
                    let count = Int(library.length(result, row, column))
                    return value(String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self), type)
                })
        }
    }

    /// Reads a value by the number of its type; what is no number and no boolean is a text.
    private static func value(_ text: String, _ type: UInt32) -> DatabaseValue {
        switch type {
        case 16: .boolean(text == "t")
        // int8, int2, int4, oid
        case 20, 21, 23, 26: Int64(text).map { .integer($0) } ?? .text(text)
        // float4, float8, numeric
        case 700, 701, 1700: Double(text).map { .real($0) } ?? .text(text)
        default: .text(text)
        }
    }
}
