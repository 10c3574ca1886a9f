// The jobs in a database.

import ExampleSupport
import Telemetry

/// Jobs that outlast the process: any replica answers for them, and any worker does them.
struct DatabaseJobs: AlbumJobs {
    /// Whether there is room is judged by each statement for itself: callers at the same moment may exceed the limit by their number.
    private static let enqueuing: DatabaseStatement = """
        INSERT INTO album_jobs (id, status, album_id, title, artist, price, trace_parent)
        SELECT CAST($1 AS TEXT), 'queued', CAST($2 AS INTEGER), CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS DOUBLE PRECISION),
            CAST($6 AS TEXT)
        WHERE (SELECT COUNT(*) FROM album_jobs WHERE status = 'queued') < CAST($7 AS INTEGER)
        RETURNING id
        """
    private static let finding: DatabaseStatement =
        "SELECT album_id, title, artist, price, id, status, trace_parent FROM album_jobs WHERE id = $1"
    /// The second condition is checked again once another worker's claim of the same job is committed.
    private static let claiming: DatabaseStatement = """
        UPDATE album_jobs SET status = 'running', leased_until = $1
        WHERE position = (
            SELECT position FROM album_jobs WHERE status = 'queued' OR (status = 'running' AND leased_until < $2)
            ORDER BY position LIMIT 1
        ) AND (status = 'queued' OR (status = 'running' AND leased_until < $2))
        RETURNING album_id, title, artist, price, id, status, trace_parent
        """
    private static let finishing: DatabaseStatement =
        "UPDATE album_jobs SET status = 'done' WHERE id = $1 AND status = 'running' RETURNING position"
    private static let failing: DatabaseStatement = "UPDATE album_jobs SET status = 'failed' WHERE id = $1"
    private static let forgetting: DatabaseStatement =
        "DELETE FROM album_jobs WHERE position <= $1 AND status IN ('done', 'failed')"

    /// How long a claimed job is left to its worker; afterwards the worker is taken for dead. Clocks of replicas may differ by less.
    private static let leaseMilliseconds = 30_000

    let isShared = true
    let database: Database
    let shelf: DatabaseShelf
    let limits: JobLimits
    var clock = TelemetryClock.system

    func enqueue(_ job: AlbumJob) async throws(DatabaseError) -> Bool {
        let values = [.text(job.id.description)] + job.album.values + [.text(job.traceParent), DatabaseValue(limits.queue)]
        return try await !database.rows(Self.enqueuing, values).isEmpty
    }

    func job(_ id: UUID) async throws(DatabaseError) -> AlbumJob? {
        try await database.rows(Self.finding, .text(id.description)).first.map { row throws(DatabaseError) in try AlbumJob(row) }
    }

    func claim() async throws(DatabaseError) -> AlbumJob? {
        let now = Int(clock.now.nanosecondsSinceEpoch / 1_000_000)
        let rows = try await database.rows(Self.claiming, DatabaseValue(now + Self.leaseMilliseconds), DatabaseValue(now))
        return try rows.first.map { row throws(DatabaseError) in try AlbumJob(row) }
    }

    func execute(_ job: AlbumJob) async throws(DatabaseError) -> AlbumJob.Status? {
        let status = try await database.transaction { transaction async throws(DatabaseError) -> AlbumJob.Status? in
            let id = DatabaseValue.text(job.id.description)
            guard let position = try await transaction.rows(Self.finishing, id).first?.integer(0) else { return nil }
            let isAdded = try await !transaction.rows(DatabaseShelf.insertion, job.album.values).isEmpty
            if !isAdded { _ = try await transaction.rows(Self.failing, id) }
            _ = try await transaction.rows(Self.forgetting, DatabaseValue(position - limits.history))
            return isAdded ? .done : .failed
        }
        if status == .done { shelf.noteAddition() }
        return status
    }
}

extension AlbumJob {
    /// Reads the columns album_id, title, artist, price, id, status, trace_parent.
    fileprivate init(_ row: DatabaseRow) throws(DatabaseError) {
        guard let id = UUID(try row.text(4)), let status = Status(rawValue: try row.text(5)) else {
            throw .statement(code: "22000", "A job has an identifier and a status that this version does not know.")
        }
        self.init(id: id, album: try Album(row), status: status, traceParent: try row.text(6))
    }
}
