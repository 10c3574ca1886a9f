// SQLite as a service's database: a file, readers and one writer, which have threads, and one reader on the threads of the callers.

import Glibc
import Telemetry

/// Executes statements on an SQLite file: short reads in place, what else only reads on one of several threads, what writes on the writer's.
final class SQLiteDriver: DatabaseDriver {
    private let shortReads: SQLiteShortReader
    private let routes: SQLiteRoutes
    private let closing: DatabaseClosing

    /// Opens or creates the file; waits until the deadline while another process does so.
    init(path: String, _ pool: DatabasePool, until deadline: Deadline) throws(StartFailure) {
        let readers = pool.maximum - 2
        precondition(readers > 0, "There are a writer, a reader of the callers' threads and one of its own thread.")
        let routes = SQLiteRoutes(pool, readers: readers)
        self.routes = routes
        closing = DatabaseClosing(count: readers + 1)
        do throws(SQLiteError) {
            let library = try Self.library()
            // The writer first: it creates the file, and the log that readers expect.
            let writer = SQLiteWriter(
                try Self.connect(pool) { () throws(SQLiteError) in try Self.writable(library, path, until: deadline) }, routes.writes, pool
            ) { () throws(SQLiteError) in try Self.reopened(library, path) }
            shortReads = try Self.connect(pool) { () throws(SQLiteError) in try SQLiteShortReader(library, path: path, pool) }
            let connections = try (0..<readers).map { _ throws(SQLiteError) in
                try Self.connect(pool) { () throws(SQLiteError) in try SQLiteConnection(library, path: path, isReadOnly: true) }
            }
            try start("sqlite-write") { writer.run() }
            for connection in connections {
                let reader = SQLiteReader(connection, routes, pool)
                try start("sqlite-read") { reader.run() }
            }
        } catch {
            routes.close()
            throw StartFailure(.unavailable, "The SQLite file \(path) cannot be used: \(error.message).")
        }
    }

    /// All writes share commits: the one writer locks the whole file, so that none waits for another one.
    func rows(
        _ text: String, _ parameters: [DatabaseValue], sharesRoundTrip: Bool, until deadline: Deadline
    ) async throws(DatabaseError) -> [DatabaseRow] {
        if Task.isCancelled { throw .cancelled }
        if let answer = shortReads.answer(text, parameters, until: deadline) { return try answer.get() }
        return try await routes.rows(text, parameters, until: deadline)
    }

    func begin(until deadline: Deadline) async throws(DatabaseError) -> any DatabaseLease {
        let lease = SQLiteLease(until: deadline)
        try await routes.begin(lease)
        return lease
    }

    func close() async {
        shortReads.close()
        routes.close()
        await closing.wait()
    }

    private static func library() throws(SQLiteError) -> SQLiteLibrary {
        switch SQLiteLibrary.system {
        case .success(let library): return library
        case .failure(let failure):
            throw SQLiteError(code: SQLiteError.cannotOpen, message: "\(failure); on Debian the library is in the package libsqlite3-0")
        }
    }

    private static func connect<Connection>(
        _ pool: DatabasePool, _ open: () throws(SQLiteError) -> Connection
    ) throws(SQLiteError) -> Connection {
        let start = ContinuousClock.now
        let connection = try open()
        pool.connectionOpened(in: start.duration(to: .now))
        return connection
    }

    /// Reopens a file that could not be written. A missing file is not created: it would be empty, while readers have the old one.
    static func reopened(_ library: SQLiteLibrary, _ path: String) throws(SQLiteError) -> SQLiteConnection {
        try writable(library, path, createsFile: false, until: .after(.milliseconds(100)))
    }

    private static func writable(
        _ library: SQLiteLibrary, _ path: String, createsFile: Bool = true, until deadline: Deadline
    ) throws(SQLiteError) -> SQLiteConnection {
        let connection = try SQLiteConnection(library, path: path, isReadOnly: false, createsFile: createsFile)
        do throws(SQLiteError) { try enableLog(of: connection, until: deadline) } catch {
            connection.close()
            throw error
        }
        return connection
    }

    /// Has a connection write ahead to a log, durably.
    private static func enableLog(of connection: SQLiteConnection, until deadline: Deadline) throws(SQLiteError) {
        var mode: DatabaseValue?
        let error = connection.retryWhileBusy(until: deadline) { () throws(SQLiteError) in
            mode = try connection.rows("PRAGMA journal_mode = WAL").first?.values.first
            try connection.run("PRAGMA synchronous = FULL")
            try connection.run("PRAGMA foreign_keys = ON")
        }
        if let error { throw error }
        guard mode == "wal" else {
            throw SQLiteError(code: SQLiteError.cannotOpen, message: "its file system or its mode allows no write-ahead log")
        }
    }

    /// Has the scheduler not interrupt a thread that submits a statement for this one, where they share a processor: it goes on with other
    /// requests, whose statements are then executed together.
    private static func letSubmittersGoOn() {
        // The kernel's number of SCHED_BATCH, which glibc's headers have for GNU programs alone.
        let batch: Int32 = 3
        var parameters = sched_param()
        _ = pthread_setschedparam(pthread_self(), batch, &parameters)
    }

    private func start(_ name: String, _ body: @escaping @Sendable () -> Void) throws(SQLiteError) {
        let isStarted = WorkerThread.start(named: name) { [closing] in
            Self.letSubmittersGoOn()
            body()
            closing.countDown()
        }
        guard isStarted else { throw SQLiteError(code: SQLiteError.cannotOpen, message: "the system gives no more threads") }
    }
}
