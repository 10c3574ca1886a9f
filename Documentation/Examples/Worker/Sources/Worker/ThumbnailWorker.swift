// The service that does the work: each job is a span, and its outcome and duration are metrics.

import Logging
import ServiceLifecycle
import Telemetry

struct ThumbnailWorker: Service {
    private let tracer: Tracer
    private let propagator: any Propagator
    private let jobs: Counter<Int>
    private let durations: Histogram<Double>
    private let logger: Logger

    init(_ telemetry: TelemetrySystem, _ logger: Logger) {
        tracer = telemetry.tracer("thumbnails")
        propagator = telemetry.propagator
        let meter = telemetry.meter("thumbnails")
        jobs = meter.counter("jobs.done", unit: "{job}", description: "Jobs by their outcome.")
        durations = meter.histogram("job.duration", unit: "s", description: "What a job takes.")
        self.logger = logger
    }

    func run() async {
        logger.info("worker ready")
        // At graceful shutdown no further job is taken, and the one at hand is finished.
        for await job in JobQueue().cancelOnGracefulShutdown() { await work(on: job) }
        logger.info("worker stopped")
    }

    private func work(on job: Job) async {
        let clock = ContinuousClock()
        let start = clock.now
        var outcome = "done"
        do {
            // The job belongs to the trace of the program that queued it.
            try await tracer.withSpan(
                "make thumbnail", kind: .consumer, parent: propagator.extract(from: job.headers), ["job.id": job.id]
            ) { _ in
                do {
                    try await makeThumbnail(job)
                } catch {
                    logger.error("job failed", error: error, metadata: ["job.id": "\(job.id)"])
                    throw error
                }
            }
        } catch {
            outcome = "failed"
        }
        jobs.add(1, ["outcome": outcome])
        durations.record((clock.now - start) / .seconds(1))
    }

    private func makeThumbnail(_ job: Job) async throws {
        try await tracer.withSpan("resize") { _ in try await Task.sleep(for: .milliseconds(20)) }
        if job.id.isMultiple(of: 3) { throw UnknownFormat() }
    }
}

struct UnknownFormat: Error {}
