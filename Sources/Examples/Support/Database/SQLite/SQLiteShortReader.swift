// Reads from an SQLite file on the thread of the caller.

import Glibc
import Synchronization
import Telemetry

/// Executes reads on the thread that asks for them, as long as they are short.
///
/// A few pages that are in memory are read in less time than two changes of threads take. What takes many instructions of SQLite's machine
/// or returns many bytes is given up, and from then on left to the readers that have threads of their own. Pages that come from the disk
/// count as no instructions: a read that waits for them ends here, and a statement that took long twice in a row, the second time with a wait,
/// is left to the readers. One that took long since its thread was kept from a processor is none of these: another thread would be too.
final class SQLiteShortReader: Sendable {
    /// Instructions of SQLite's machine, which take less than 100 µs; finding a row by its key takes 20.
    private static let progressInterval: Int32 = 1000
    private static let budget = SQLiteConnection.Budget(checks: 1, bytes: 16 << 10)

    /// An execution that takes longer is slow: it reads from the disk, or its thread waits for a processor.
    private let slowTime: Duration
    /// How often the thread has given up its processor, as it does for the disk.
    private let threadWaits: @Sendable () -> Int
    /// Nil after the end.
    private let connection: Mutex<SQLiteConnection?>
    private let pool: DatabasePool

    init(
        _ library: SQLiteLibrary, path: String, _ pool: DatabasePool, slowTime: Duration = .milliseconds(1),
        threadWaits: @escaping @Sendable () -> Int = { SQLiteShortReader.voluntarySwitches }
    ) throws(SQLiteError) {
        connection = Mutex(
            try SQLiteConnection(
                library, path: path, isReadOnly: true, progressInterval: Self.progressInterval, busyMilliseconds: 0))
        self.pool = pool
        self.slowTime = slowTime
        self.threadWaits = threadWaits
    }

    /// The times that the current thread has given up its processor by itself.
    private static var voluntarySwitches: Int {
        // The kernel's number of RUSAGE_THREAD, which glibc's headers have for GNU programs alone.
        let thread: Int32 = 1
        var usage = rusage()
        getrusage(__rusage_who_t(thread), &usage)
        return usage.ru_nvcsw
    }

    /// Returns the answer to a statement; nil if it is no short read, or if another thread reads here or another connection has a lock.
    func answer(_ text: String, _ parameters: [DatabaseValue], until deadline: Deadline) -> SQLiteJob.Answer? {
        let answer: SQLiteJob.Answer?? = connection.withLockIfAvailable { connection in
            guard let connection, !deadline.hasPassed else { return nil }
            do throws(SQLiteError) {
                let statement = try connection.statement(text)
                guard statement.isReadOnly, statement.mayBeShort else { return nil }
                let start = pool.requestServedAtOnce()
                defer { pool.connectionReturned(since: start) }
                // Asked for only after a slow execution, since it is a system call.
                let waits = statement.wasSlow ? threadWaits() : nil
                do throws(SQLiteError) {
                    let rows = try connection.rows(of: statement, parameters, until: deadline, within: Self.budget)
                    let isSlow = start.duration(to: .now) > slowTime
                    statement.executed(slowly: isSlow && (waits == nil || waits != threadWaits()))
                    return .success(rows)
                } catch {
                    if error.code == SQLiteError.interrupted {
                        statement.isLong = true
                        return nil
                    }
                    return error.isBusy ? nil : .failure(error.databaseError)
                }
            } catch {
                return error.isBusy ? nil : .failure(error.databaseError)
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
