// Reads from an SQLite file on the thread of the caller.

import Synchronization
import Telemetry

/// Executes reads on the thread that asks for them, as long as they are short.
///
/// A few pages that are in memory are read in less time than two changes of threads take. What takes many instructions of SQLite's machine
/// or returns many bytes is given up, and from then on left to the readers that have threads of their own.
final class SQLiteShortReader: Sendable {
    /// Instructions of SQLite's machine, which take less than 100 µs; finding a row by its key takes 20.
    private static let progressInterval: Int32 = 1000
    private static let budget = SQLiteConnection.Budget(checks: 1, bytes: 16 << 10)

    /// Nil after the end.
    private let connection: Mutex<SQLiteConnection?>
    private let pool: DatabasePool

    init(_ library: SQLiteLibrary, path: String, _ pool: DatabasePool) throws(SQLiteError) {
        connection = Mutex(
            try SQLiteConnection(
                library, path: path, isReadOnly: true, progressInterval: Self.progressInterval, busyMilliseconds: 0))
        self.pool = pool
    }

    /// Returns the answer to a statement; nil if it is no short read, or if another thread reads here or another connection has a lock.
    func answer(_ text: String, _ parameters: [DatabaseValue], until deadline: Deadline) -> SQLiteJob.Answer? {
        let answer: SQLiteJob.Answer?? = connection.withLockIfAvailable { connection in
            guard let connection, !deadline.hasPassed else { return nil }
            do throws(SQLiteError) {
                let statement = try connection.statement(text)
                guard statement.isReadOnly, !statement.isLong else { return nil }
                let start = pool.requestServedAtOnce()
                defer { pool.connectionReturned(since: start) }
                do throws(SQLiteError) {
                    return .success(try connection.rows(of: statement, parameters, until: deadline, within: Self.budget))
                } catch {
                    statement.isLong = error.code == SQLiteError.interrupted
                    return statement.isLong || error.isBusy ? nil : .failure(error.databaseError)
                }
            } catch {
                return .failure(error.databaseError)
            }
        }
        return answer ?? nil
    }

    /// Waits for a read that has begun; further ones are left to others, which refuse them.
    func close() {
        connection.withLock { connection in
            connection?.close()
            connection = nil
        }
    }
}
