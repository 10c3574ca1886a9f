// SQLite as a service's database: a file, readers and one writer, each a thread.

import Synchronization
import Telemetry

/// Executes statements on an SQLite file: what only reads on one of several threads, what writes on the writer's.
final class SQLiteDriver: DatabaseDriver {
    /// Statements that may wait.
    private static let queueCapacity = 1024

    private let writes = SQLiteQueue(capacity: queueCapacity)
    private let reads = SQLiteQueue(capacity: queueCapacity)
    /// Statements that write, by their text, once they have been seen.
    private let writing = Mutex<Set<String>>([])
    private let busy = Atomic(0)
    let connectionCount: Int

    /// Opens or creates the file.
    init(path: String, readers: Int) throws {
        let library: SQLiteLibrary
        switch SQLiteLibrary.system {
        case .success(let found): library = found
        case .failure(let failure):
            throw StartFailure(.unavailable, "SQLite cannot be loaded (\(failure)); on Debian the package libsqlite3-0 has it.")
        }
        connectionCount = readers + 1
        do {
            let connection = try SQLiteConnection(library, path: path, isReadOnly: false)
            try connection.run("PRAGMA journal_mode = WAL")
            let writer = SQLiteWriter(connection, queue: writes)
            guard WorkerThread.start(named: "sqlite-write", { writer.run() }) else { throw Self.noThread }
            for _ in 0..<readers {
                let reader = SQLiteReader(try SQLiteConnection(library, path: path, isReadOnly: true), reads: reads, writes: writes)
                guard WorkerThread.start(named: "sqlite-read", { reader.run() }) else { throw Self.noThread }
            }
        } catch let error as SQLiteError {
            throw error.databaseError
        }
    }

    private static let noThread = StartFailure(.unavailable, "The system gives no more threads.")

    var usage: DatabasePoolMetrics.Usage {
        DatabasePoolMetrics.Usage(idle: connectionCount, used: 0, pendingRequests: writes.count + reads.count)
    }

    func rows(_ text: String, _ parameters: [DatabaseValue], until deadline: Deadline) async throws(DatabaseError) -> [DatabaseRow] {
        let writes = writing.withLock { $0.contains(text) }
        let job = SQLiteJob(.statement(text, parameters), until: deadline)
        return try await job.answer(from: writes ? self.writes : reads)
    }

    func begin(until deadline: Deadline) async throws(DatabaseError) -> any DatabaseLease {
        let lease = SQLiteLease(until: deadline)
        _ = try await SQLiteJob(.begin(lease), until: deadline).answer(from: writes)
        return lease
    }

    func close() async {
        reads.close()
        writes.close()
    }
}
