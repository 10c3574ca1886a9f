// PostgreSQL as a service's database.

import Telemetry

/// Executes statements on a PostgreSQL server, over connections that the service's thread drives.
final class PostgreSQLDriver: DatabaseDriver {
    private let loop: EventLoop
    private let pool: PostgreSQLPool

    /// Connects when the first statement comes.
    init(_ library: PostgreSQLLibrary, _ address: PostgreSQLAddress, _ counts: DatabasePool, timeout: Duration) throws(StartFailure) {
        guard let loop = EventLoop.ofService else {
            throw StartFailure(.unavailable, "The system gives no thread for the database.")
        }
        self.loop = loop
        pool = PostgreSQLPool(library, address, loop, counts, connectTimeout: timeout)
    }

    static func library() throws(StartFailure) -> PostgreSQLLibrary {
        switch PostgreSQLLibrary.system {
        case .success(let library): return library
        case .failure(let failure):
            throw StartFailure(
                .unavailable, "PostgreSQL's client library cannot be loaded (\(failure)); on Debian the package libpq5 has it.")
        }
    }

    func rows(
        _ text: String, _ parameters: [DatabaseValue], sharesRoundTrip: Bool, until deadline: Deadline
    ) async throws(DatabaseError) -> [DatabaseRow] {
        try await answer(PostgreSQLJob(.statement(text, parameters), sharesRoundTrip: sharesRoundTrip, until: deadline))
    }

    func begin(until deadline: Deadline) async throws(DatabaseError) -> any DatabaseLease {
        let lease = PostgreSQLLease(loop, until: deadline)
        _ = try await answer(PostgreSQLJob(.begin(lease), until: deadline))
        return lease
    }

    func close() async { await pool.close() }

    private func answer(_ job: PostgreSQLJob) async throws(DatabaseError) -> [DatabaseRow] {
        try await job.answer(
            submit: { [pool] job in
                if !loop.execute({ pool.submit(job) }) { job.fail(.unavailable("the database is closed")) }
            },
            cancel: { [loop, pool] job in loop.execute { pool.cancel(job) } })
    }
}
