// The worker that does the jobs, one after another.

import ExampleSupport
import Telemetry

/// Does jobs from the time it is made until it is stopped or released.
final class JobWorker: Sendable {
    /// How often the worker looks for jobs that other processes have left behind.
    private static let pollInterval = Duration.seconds(1)

    private let wakes: AsyncStream<Void>.Continuation
    private let work: Task<Void, Never>
    private let polls: Task<Void, Never>

    init(_ jobs: any AlbumJobs, _ intake: AlbumIntake, _ telemetry: ServiceTelemetry) {
        let (stream, wakes) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.wakes = wakes
        let round = JobRound(jobs: jobs, intake: intake, telemetry: telemetry)
        work = Task {
            for await _ in stream { await round.run() }
        }
        polls = Task {
            while jobs.isShared, !Task.isCancelled {
                wakes.yield()
                try? await Task.sleep(for: Self.pollInterval)
            }
        }
    }

    deinit {
        end()
    }

    /// Has the worker look for jobs.
    func wake() { wakes.yield() }

    /// Does what is queued, and ends; returns false if that takes too long.
    func stop(within duration: Duration) async -> Bool {
        wake()
        end()
        let timer = Task { [work] in
            try await Task.sleep(for: duration)
            work.cancel()
        }
        await work.value
        timer.cancel()
        return !work.isCancelled
    }

    private func end() {
        polls.cancel()
        wakes.finish()
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
