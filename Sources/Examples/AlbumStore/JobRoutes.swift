// Asynchronous creation: a request leaves a job behind, and another one asks for its state.

import ExampleSupport
import Telemetry

/// The handlers of jobs.
struct JobRoutes: Sendable {
    static let queue = "album-jobs"

    private let jobs: any AlbumJobs
    private let worker: JobWorker
    private let telemetry: ServiceTelemetry

    init(_ jobs: any AlbumJobs, _ worker: JobWorker, _ telemetry: ServiceTelemetry) {
        self.jobs = jobs
        self.worker = worker
        self.telemetry = telemetry
    }

    /// Returns whether a request asks to be answered before its album is added: by `async=true`, or by `Prefer: respond-async`.
    static func isWanted(by request: ServiceRequest) throws(Refusal) -> Bool {
        switch request.queryParameter("async") {
        case "true": return true
        case "false": return false
        case nil: return prefersAsynchrony(request)
        case _?: throw Refusal("Query parameter async must be true or false")
        }
    }

    /// Preferences are separated by commas, over any number of fields, and their parameters by semicolons. (RFC 7240, section 2.)
    private static func prefersAsynchrony(_ request: ServiceRequest) -> Bool {
        request.headers.values(named: "Prefer").contains { field in
            field.split(separator: ",").contains { preference in
                preference.prefix { $0 != ";" }.filter { !$0.isWhitespace }.lowercased() == "respond-async"
            }
        }
    }

    /// Enqueues the album inside a span of its own, with which the worker's span is linked.
    func enqueue(_ album: Album, _ request: ServiceRequest) async throws(Refusal) -> ServiceResponse {
        let id = UUID()
        let tracer = telemetry.tracer
        let job: AlbumJob?
        do throws(DatabaseError) {
            job = try await tracer.withSpan("send \(Self.queue)", kind: .producer) { span async throws(DatabaseError) in
                var carrier: [String: String] = [:]
                W3CTraceContextPropagator().inject(.current, into: &carrier)
                let job = AlbumJob(id: id, album: album, traceParent: carrier["traceparent"] ?? "")
                for (key, value) in Self.attributes("send", job) { span[key] = value }
                guard try await jobs.enqueue(job) else {
                    span.setStatus(.error("the queue is full"))
                    return nil
                }
                return job
            }
        } catch { throw .albumsUnavailable(error) }
        guard let job else { throw .overLimit("Too many albums are waiting", status: 503, retryAfterSeconds: 1) }
        worker.wake()
        var response = AlbumRoutes.contract.response(job.json, status: 202, to: request)
        response.headers["Location"] = "/jobs/\(id)"
        if Self.prefersAsynchrony(request) { response.headers["Preference-Applied"] = "respond-async" }
        return response
    }

    func job(_ request: ServiceRequest) async throws(Refusal) -> ServiceResponse {
        AlbumRoutes.contract.recordParameter(.id, of: request)
        let unknown = { (text: String) in Refusal("Job [\(text)] not found", status: 404, recordsBody: false) }
        let id = try request.parameter("id", as: UUID.self, orRefuse: unknown)
        let job: AlbumJob?
        do { job = try await jobs.job(id) } catch { throw .albumsUnavailable(error) }
        guard let job else { throw unknown(id.description) }
        return AlbumRoutes.contract.response(job.json, to: request)
    }

    /// The attributes of the semantic conventions for messaging.
    static func attributes(_ operation: String, _ job: AlbumJob) -> Attributes {
        [
            "messaging.system": "album-store", "messaging.destination.name": .string(queue), "messaging.operation.name": .string(operation),
            "messaging.operation.type": .string(operation), "messaging.message.id": .string(job.id.description),
        ]
    }
}
