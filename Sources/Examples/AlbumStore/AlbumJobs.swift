// Where jobs wait and are kept: what routes and worker need of it.

import ExampleSupport

/// A bounded queue of jobs, and a bounded history of those that are finished.
protocol AlbumJobs: Sendable {
    /// Whether jobs may come from other processes, which do not wake this one's worker.
    var isShared: Bool { get }

    /// Returns false if the queue is full.
    func enqueue(_ job: AlbumJob) async throws(DatabaseError) -> Bool

    /// Returns a job that is known still.
    func job(_ id: UUID) async throws(DatabaseError) -> AlbumJob?

    /// Takes the oldest job out of the queue; nil if there is none.
    func claim() async throws(DatabaseError) -> AlbumJob?

    /// Adds the album of a claimed job and records whether it was added; returns nil if another worker has done so.
    func execute(_ job: AlbumJob) async throws(DatabaseError) -> AlbumJob.Status?
}

/// The bounds of jobs.
struct JobLimits: Sendable {
    /// The jobs that may wait.
    var queue = 1000
    /// The finished jobs that are known still.
    var history = 1000

    init() {}

    /// Reads `JOB_QUEUE` and `JOB_HISTORY`.
    init(_ environment: ServiceEnvironment) throws(StartFailure) {
        queue = try environment.number("JOB_QUEUE", default: queue, in: 1...100_000)
        history = try environment.number("JOB_HISTORY", default: history, in: 1...100_000)
    }
}
