// One connection to an SQLite file, which belongs to one thread.

import Synchronization
import Telemetry

/// A connection with the statements that it has prepared. It is used by one thread at a time.
final class SQLiteConnection {
    /// What a statement may not outlast, read by SQLite while it works.
    private final class Limit {
        var deadline = Deadline.never
        var job: SQLiteJob?
    }

    /// Statements that are kept prepared; the services have fewer.
    private static let maximumStatements = 256
    /// Instructions of SQLite's machine between two looks at the limit, a fraction of a millisecond.
    private static let progressInterval: Int32 = 10_000

    private let library: SQLiteLibrary
    private let handle: OpaquePointer
    private var statements: [String: SQLiteStatement] = [:]
    private let limit = Limit()

    init(_ library: SQLiteLibrary, path: String, isReadOnly: Bool) throws(SQLiteError) {
        typealias Constant = SQLiteLibrary.Constant
        self.library = library
        var handle: OpaquePointer?
        let mode = isReadOnly ? Constant.openReadOnly : Constant.openReadWrite | Constant.openCreate
        let status = library.open(path, &handle, mode | Constant.openWithoutMutex, nil)
        guard let handle, status == Constant.ok else {
            let error = SQLiteError(code: status, message: "\(path): " + Self.message(library, handle))
            _ = library.close(handle)
            throw error
        }
        self.handle = handle
        _ = library.useExtendedCodes(handle, 1)
        library.setProgressHandler(
            handle, Self.progressInterval,
            { argument in
                guard let argument else { return 0 }
                let limit = Unmanaged<Limit>.fromOpaque(argument).takeUnretainedValue()
                return limit.deadline.hasPassed || limit.job?.isCancelled == true ? 1 : 0
            }, Unmanaged.passUnretained(limit).toOpaque())
        try run("PRAGMA foreign_keys = ON")
        if !isReadOnly { try run("PRAGMA synchronous = FULL") }
    }

    deinit {
        for statement in statements.values { statement.finalize() }
        _ = library.close(handle)
    }

    /// False while a transaction is open: SQLite ends one by itself after some errors.
    var isInAutocommit: Bool { library.isInAutocommit(handle) != 0 }

    /// Returns the statement, which is prepared only once.
    func statement(_ text: String) throws(SQLiteError) -> SQLiteStatement {
        if let known = statements[text] { return known }
        if statements.count >= Self.maximumStatements {
            for statement in statements.values { statement.finalize() }
            statements = [:]
        }
        var prepared: OpaquePointer?
        let status = library.prepare(handle, text, -1, SQLiteLibrary.Constant.prepareToKeep, &prepared, nil)
        guard status == SQLiteLibrary.Constant.ok else { throw error() }
        guard let prepared else { throw SQLiteError(code: 1, message: "the statement is empty") }
        let statement = SQLiteStatement(library, prepared)
        statements[text] = statement
        return statement
    }

    /// Executes a statement; it is interrupted at the deadline, or when the job is cancelled.
    func rows(
        _ text: String, _ parameters: [DatabaseValue] = [], until deadline: Deadline = .never, interruptedWith job: SQLiteJob? = nil
    ) throws(SQLiteError) -> [DatabaseRow] {
        let statement = try statement(text)
        limit.deadline = deadline
        limit.job = job
        defer {
            limit.deadline = .never
            limit.job = nil
        }
        do throws(SQLiteStatement.Failure) { return try statement.rows(parameters) } catch {
            switch error {
            case .database: throw self.error()
            case .parameters(let message): throw SQLiteError(code: 25, message: message)
            }
        }
    }

    /// Executes a statement without parameters whose rows are of no interest.
    func run(_ text: String) throws(SQLiteError) {
        _ = try rows(text)
    }

    private func error() -> SQLiteError {
        SQLiteError(code: library.extendedCode(handle), message: Self.message(library, handle))
    }

    private static func message(_ library: SQLiteLibrary, _ handle: OpaquePointer?) -> String {
        library.message(handle).map { String(cString: $0) } ?? "SQLite has no memory"
    }
}
