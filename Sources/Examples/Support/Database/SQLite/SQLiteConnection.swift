// One connection to an SQLite file, which belongs to one thread.

import Glibc
import Telemetry

/// A connection with the statements that it has prepared. It is used by one thread at a time.
final class SQLiteConnection {
    /// How much a statement may take that shares its thread with others; SQLite interrupts one that takes more.
    struct Budget {
        static let unlimited = Budget(checks: .max, bytes: .max)

        /// How often SQLite may check the limit before it interrupts the statement; it does so once in each progress interval.
        ///
        /// SQLite counts the instructions of all executions together, so that the first check may come at the first instruction.
        let checks: Int
        /// The bytes of the texts in the rows.
        let bytes: Int
    }

    /// What interrupts a statement, asked by SQLite while it works.
    private final class Limit {
        var deadline = Deadline.never
        var checks = Int.max
        var isCancelled: () -> Bool = { false }

        var isReached: Bool {
            checks -= 1
            return checks < 0 || deadline.hasPassed || isCancelled()
        }
    }

    /// Instructions of SQLite's machine between two looks at the limit, a fraction of a millisecond.
    private static let progressInterval: Int32 = 10_000
    private static let busyMilliseconds: Int32 = 20

    private let library: SQLiteLibrary
    private let handle: OpaquePointer
    private var statements: [String: SQLiteStatement] = [:]
    private let limit = Limit()

    /// - Parameters:
    ///   - createsFile: whether a file that may be written to and is not there is created.
    ///   - progressInterval: instructions of SQLite's machine between two checks of the limit.
    ///   - busyMilliseconds: what SQLite itself waits for the lock of another connection at a time; short, so that deadlines are kept.
    init(
        _ library: SQLiteLibrary, path: String, isReadOnly: Bool, createsFile: Bool = true, progressInterval: Int32 = progressInterval,
        busyMilliseconds: Int32 = busyMilliseconds
    ) throws(SQLiteError) {
        typealias Constant = SQLiteLibrary.Constant
        self.library = library
        let createsFile = createsFile && !isReadOnly
        if createsFile { Self.createPrivateFile(path) }
        var handle: OpaquePointer?
        let mode = isReadOnly ? Constant.openReadOnly : Constant.openReadWrite | (createsFile ? Constant.openCreate : 0)
        let status = library.open(path, &handle, mode | Constant.openWithoutMutex, nil)
        guard let handle, status == Constant.ok else {
            let error = SQLiteError(code: status, message: Self.message(library, handle))
            _ = library.close(handle)
            throw error
        }
        self.handle = handle
        _ = library.useExtendedCodes(handle, 1)
        _ = library.setBusyTimeout(handle, busyMilliseconds)
        library.setProgressHandler(
            handle, progressInterval,
            { argument in
                guard let argument else { return 0 }
                return Unmanaged<Limit>.fromOpaque(argument).takeUnretainedValue().isReached ? 1 : 0
            }, Unmanaged.passUnretained(limit).toOpaque())
    }

    /// Creates the file for its owner alone where there is none, since it may hold hashes of passwords; its log gets the same mode.
    ///
    /// A file that is there is not opened: closing it would release the locks that SQLite holds in this process.
    private static func createPrivateFile(_ path: String) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 { Glibc.close(descriptor) }
    }

    /// Ends the connection, after which it must not be used.
    func close() {
        forgetStatements()
        _ = library.close(handle)
    }

    /// False while a transaction is open: SQLite ends one by itself after some errors.
    var isInAutocommit: Bool { library.isInAutocommit(handle) != 0 }

    /// Executes a statement; it is interrupted at the deadline, or when the closure returns true.
    func rows(
        _ text: String, _ parameters: [DatabaseValue] = [], until deadline: Deadline = .never,
        isCancelled: @escaping () -> Bool = { false }
    ) throws(SQLiteError) -> [DatabaseRow] {
        try rows(of: try statement(text), parameters, until: deadline, within: .unlimited, isCancelled: isCancelled)
    }

    /// Executes a statement; it is interrupted at the deadline, beyond its budget, or when the closure returns true.
    func rows(
        of statement: SQLiteStatement, _ parameters: [DatabaseValue], until deadline: Deadline, within budget: Budget,
        isCancelled: @escaping () -> Bool = { false }
    ) throws(SQLiteError) -> [DatabaseRow] {
        limit.deadline = deadline
        limit.checks = budget.checks
        limit.isCancelled = isCancelled
        defer {
            limit.deadline = .never
            limit.checks = .max
            limit.isCancelled = { false }
        }
        do throws(SQLiteStatement.Failure) { return try statement.rows(parameters, maximumBytes: budget.bytes) } catch {
            switch error {
            case .database: throw self.error()
            case .parameters(let message): throw SQLiteError(code: SQLiteError.range, message: message)
            case .tooLarge: throw SQLiteError(code: SQLiteError.interrupted, message: "the rows are larger than they may be")
            }
        }
    }

    /// Executes a statement without parameters whose rows are of no interest.
    func run(_ text: String) throws(SQLiteError) {
        _ = try rows(text)
    }

    /// Tries again while other connections hold the lock; returns the error at the deadline, or another one at once.
    func retryWhileBusy(until deadline: Deadline, _ body: () throws(SQLiteError) -> Void) -> SQLiteError? {
        while true {
            do throws(SQLiteError) {
                try body()
                return nil
            } catch {
                if !error.isBusy || deadline.hasPassed { return error }
                // SQLite does not wait where waiting could be a deadlock, so that this would be a busy loop.
                usleep(1000)
            }
        }
    }

    /// Returns the statement, which is prepared only once.
    func statement(_ text: String) throws(SQLiteError) -> SQLiteStatement {
        if let known = statements[text] { return known }
        if statements.count >= DatabaseLimit.preparedStatements { forgetStatements() }
        var prepared: OpaquePointer?
        let status = library.prepare(handle, text, -1, SQLiteLibrary.Constant.prepareToKeep, &prepared, nil)
        guard status == SQLiteLibrary.Constant.ok else { throw error() }
        guard let prepared else { throw SQLiteError(code: SQLiteError.misuse, message: "the statement is empty") }
        let statement = SQLiteStatement(library, prepared, text)
        statements[text] = statement
        return statement
    }

    private func forgetStatements() {
        for statement in statements.values { statement.finalize() }
        statements = [:]
    }

    private func error() -> SQLiteError {
        SQLiteError(code: library.extendedCode(handle), message: Self.message(library, handle))
    }

    private static func message(_ library: SQLiteLibrary, _ handle: OpaquePointer?) -> String {
        library.message(handle).map { String(cString: $0) } ?? "out of memory"
    }
}
