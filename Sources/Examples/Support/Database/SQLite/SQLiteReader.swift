// A thread that reads from an SQLite file.

import Telemetry

/// Executes statements that only read, on a connection that cannot write.
///
/// `@unchecked`: the connection is used on the reader's thread only.
final class SQLiteReader: @unchecked Sendable {
    private let connection: SQLiteConnection
    private let reads: SQLiteQueue
    private let writes: SQLiteQueue

    init(_ connection: SQLiteConnection, reads: SQLiteQueue, writes: SQLiteQueue) {
        self.connection = connection
        self.reads = reads
        self.writes = writes
    }

    func run() {
        while let job = reads.take()?.first { execute(job) }
    }

    private func execute(_ job: SQLiteJob) {
        guard case .statement(let text, let parameters) = job.work else { preconditionFailure("Readers get statements only.") }
        do throws(SQLiteError) {
            guard try connection.statement(text).isReadOnly else {
                if let refusal = writes.add(job) { job.finish(.failure(refusal)) }
                return
            }
            job.finish(.success(try connection.rows(text, parameters, until: job.deadline, interruptedWith: job)))
        } catch {
            job.finish(.failure(job.isCancelled ? .cancelled : error.databaseError))
        }
    }
}
