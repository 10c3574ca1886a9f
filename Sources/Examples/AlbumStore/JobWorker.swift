// The worker that does the jobs, one after another.

import ExampleSupport
import Telemetry

/// Does jobs from the time it is made until it is stopped or released.
final class JobWorker: Sendable {
    /// How often the worker looks for jobs that other processes have left behind.
    private static let pollInterval = Duration.seconds(1)

    private let work: BackgroundWork

    init(_ jobs: any AlbumJobs, _ intake: AlbumIntake, _ telemetry: ServiceTelemetry) {
        let round = JobRound(jobs: jobs, intake: intake, telemetry: telemetry)
        work = BackgroundWork(every: jobs.isShared ? Self.pollInterval : nil, clock: ContinuousClock()) { await round.run() }
    }

    /// Has the worker look for jobs.
    func wake() { work.wake() }

    /// Does what is queued, and ends; returns false if that takes too long.
    func stop(within duration: Duration) async -> Bool {
        wake()
        return await work.stop(within: duration)
    }
}

/// Does the jobs that are in the queue.
private struct JobRound: Sendable {
    let jobs: any AlbumJobs
    let intake: AlbumIntake
    let telemetry: ServiceTelemetry

    func run() async {
        do throws(DatabaseError) {
            // Looking for jobs is frequent and finds none for the most part: its spans would bury the others.
            while !Task.isCancelled,
                let job = try await Context.root.suppressed.run({ () async throws(DatabaseError) in try await jobs.claim() })
            {
                try await execute(job)
            }
        } catch {
            // A shared job is done later, by the worker that finds its lease at an end.
            telemetry.log.warn("jobs are not done", ["detail": .string("\(error)")])
        }
    }

    /// Does a job in a trace of its own, which a link connects with that of the request: a job may take any time after it.
    /// (Semantic conventions for messaging spans, "Consumer spans".)
    private func execute(_ job: AlbumJob) async throws(DatabaseError) {
        let origin = W3CTraceContextPropagator().extract(from: ["traceparent": job.traceParent], into: .root).spanContext
        try await telemetry.tracer.withSpan(
            "process \(JobRoutes.queue)", kind: .consumer, parent: .root, JobRoutes.attributes("process", job),
            links: origin.isValid ? [SpanLink(origin)] : []
        ) { span async throws(DatabaseError) in
            guard let status = try await jobs.execute(job) else { return }
            span["album-store.job.status"] = .string(status.rawValue)
            if status == .done {
                intake.record(job.album)
            } else {
                telemetry.log.warn("job failed", ["job.id": .string(job.id.description), "album.id": job.album.id])
            }
        }
    }
}
