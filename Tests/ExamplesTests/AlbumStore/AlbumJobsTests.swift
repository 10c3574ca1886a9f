// ALB-16: albums that are added after the answer.

import ExampleSupport
import Telemetry
import Testing

@testable import AlbumStore

struct AlbumJobsTests {
    private static func album(_ id: Int) -> String { #"{"id":\#(id),"title":"The Ozzman Cometh","artist":"Black Sabbath","price":66.6}"# }

    /// Waits for the end of a job, and returns it.
    private static func finished(_ path: String, _ store: RunningTestService) async throws -> JSONValue {
        var job = JSONValue.null
        #expect(
            try await eventually {
                job = try JSONValue(parsing: try await store.send("GET", path).body)
                return job["status"] == "done" || job["status"] == "failed"
            })
        return job
    }

    @Test("ALB-16: a request that asks for it is answered with 202 and a job", arguments: AlbumStoreBackend.all)
    func jobAddsAlbum(backend: AlbumStoreBackend) async throws {
        try await backend.running { store in
            let answer = try await store.send("POST", "/albums?async=true", Self.album(10))
            let path = try #require(answer.headers["location"])
            let job = try JSONValue(parsing: answer.body)
            #expect(answer.status == 202 && path == "/jobs/\(job["id"]?.stringValue ?? "")" && job["status"] == "queued")
            #expect(answer.headers["preference-applied"] == nil)
            let finished = try await Self.finished(path, store)
            #expect(finished["album"]?.description == Self.album(10) && finished["errors"] == nil)
            #expect(try await store.send("GET", "/albums/10").text == Self.album(10))
            let page = try await store.send("GET", "/metrics").text
            #expect(page.contains(#"albums_created_total{otel_scope_name="album-store"} 1"#))
            #expect(page.contains(#"albums_stored{otel_scope_name="album-store"} 4"#))
        }
    }

    @Test("ALB-16: a taken identifier makes the job fail with the errors", arguments: AlbumStoreBackend.all)
    func takenIdentifierFailsJob(backend: AlbumStoreBackend) async throws {
        try await backend.running { store in
            let path = try #require(try await store.send("POST", "/albums?async=true", Self.album(1)).headers["location"])
            let job = try await Self.finished(path, store)
            #expect(job["status"] == "failed" && job["album"] == nil)
            #expect(job["errors"] == [["field": "id", "message": "already exists"]])
        }
    }

    @Test(
        "ALB-16: the preference respond-async is applied, and others are not",
        arguments: [
            ("respond-async", 202), ("Respond-Async; wait=10", 202), ("handling=lenient, respond-async", 202), ("wait=10", 201), ("", 201),
        ])
    func preferenceIsApplied(value: String, status: Int) async throws {
        try await AlbumStoreBackend.memory.running { store in
            let answer = try await store.send("POST", "/albums", Self.album(10), headers: ["Prefer": value])
            #expect(answer.status == status)
            #expect(answer.headers["preference-applied"] == (status == 202 ? "respond-async" : nil))
        }
    }

    @Test("ALB-16: the query counts more than the preference, and mistakes are answered at once")
    func mistakesAreAnsweredAtOnce() async throws {
        try await AlbumStoreBackend.memory.running { store in
            let preferred: HTTPHeaders = ["Prefer": "respond-async"]
            #expect(try await store.send("POST", "/albums?async=false", Self.album(10), headers: preferred).status == 201)
            for (path, body) in [("/albums?async=true", "{"), ("/albums?async=true", "{}"), ("/albums?async=yes", Self.album(11))] {
                #expect(try await store.send("POST", path, body).status == 400)
            }
            for path in ["/jobs/5", "/jobs/\(UUID())"] {
                let answer = try await store.send("GET", path)
                #expect(answer.status == 404 && answer.text == #"{"message":"Job [\#(path.dropFirst(6))] not found"}"#)
            }
        }
    }

    @Test("ALB-16: a producer span below the request, and a consumer span in a trace of its own that is linked with it")
    func consumerSpanIsLinkedWithProducerSpan() async throws {
        for backend in AlbumStoreBackend.all {
            try await backend.running { store in
                let path = try #require(try await store.send("POST", "/albums?async=true", Self.album(10)).headers["location"])
                #expect(await eventually { store.memory.finishedSpans.contains { $0.kind == .consumer } })
                let spans = store.memory.finishedSpans
                let server = try #require(spans.first { $0.kind == .server && $0.name == "/albums POST" })
                let producer = try #require(spans.first { $0.kind == .producer })
                let consumer = try #require(spans.first { $0.kind == .consumer })
                #expect(producer.name == "send album-jobs" && producer.parentSpanID == server.spanID)
                #expect(consumer.name == "process album-jobs" && !consumer.parentSpanID.isValid && consumer.traceID != server.traceID)
                #expect(consumer.links.map(\.context.spanID) == [producer.spanID] && consumer.links[0].context.traceID == server.traceID)
                for (span, operation) in [(producer, "send"), (consumer, "process")] {
                    #expect(span.attributes["messaging.message.id"] == .string(String(path.dropFirst(6))))
                    #expect(span.attributes["messaging.destination.name"] == "album-jobs")
                    #expect(span.attributes["messaging.operation.type"] == .string(operation))
                }
                #expect(consumer.attributes["album-store.job.status"] == "done")
                let statements = spans.filter { $0.kind == .client && $0.traceID == consumer.traceID }
                #expect(statements.isEmpty == (backend == .memory) && statements.allSatisfy { $0.parentSpanID == consumer.spanID })
            }
        }
    }

    @Test("ALB-16: a full queue is answered with 503")
    func fullQueueIs503() async throws {
        let spans = InMemorySpanExporter()
        let store = AlbumStoreApp(try ServiceHarness.telemetry("album-store", spans), MemoryShelf(), FullJobs())
        let request = ServiceRequest(method: "POST", target: "/albums?async=true", body: Array(Self.album(10).utf8))
        let answer = await store.application.respond(to: request)
        #expect(answer.status == 503 && answer.headers["retry-after"] == "1")
        #expect(answer.text == #"{"message":"Too many albums are waiting"}"#)
        #expect(spans.finishedSpans.first { $0.kind == .producer }?.status == .error("the queue is full"))
    }

    @Test("ALB-16: the queue takes jobs up to its limit, and again once one is claimed", arguments: AlbumStoreBackend.databases)
    func queueIsBounded(backend: AlbumStoreBackend) async throws {
        var limits = JobLimits()
        limits.queue = 2
        try await Self.expectBound(MemoryJobs(MemoryShelf(), limits))
        try await backend.withJobs(limits) { try await Self.expectBound($0) }
    }

    private static func job(_ id: Int) -> AlbumJob {
        AlbumJob(id: UUID(), album: Album(id: id, title: "ab", artist: "ab", price: 1), traceParent: "")
    }

    private static func expectBound(_ jobs: any AlbumJobs) async throws {
        let first = Self.job(10)
        #expect(try await jobs.enqueue(first))
        #expect(try await jobs.enqueue(Self.job(11)))
        #expect(try await !jobs.enqueue(Self.job(12)))
        #expect(try await jobs.job(first.id) == first)
        let claimed = try #require(try await jobs.claim())
        #expect(claimed.id == first.id && claimed.album == first.album && claimed.status == .running)
        #expect(try await jobs.enqueue(Self.job(12)))
        #expect(try await jobs.execute(claimed) == .done)
    }

    @Test("ALB-16: the oldest finished jobs are forgotten", arguments: AlbumStoreBackend.all)
    func oldestFinishedJobsAreForgotten(backend: AlbumStoreBackend) async throws {
        try await backend.running(["JOB_HISTORY": "2"]) { store in
            var paths: [String] = []
            for id in 10..<15 {
                let path = try #require(try await store.send("POST", "/albums?async=true", Self.album(id)).headers["location"])
                _ = try await Self.finished(path, store)
                paths.append(path)
            }
            #expect(try await store.send("GET", paths[0]).status == 404)
            #expect(try await store.send("GET", paths[4]).status == 200)
        }
    }

    @Test("ALB-16: what is queued is done before the store stops")
    func queuedJobsAreDoneBeforeStop() async throws {
        let telemetry = try ServiceHarness.telemetry("album-store", InMemorySpanExporter())
        let shelf = MemoryShelf()
        let store = AlbumStoreApp(telemetry, shelf, MemoryJobs(shelf))
        for id in 100..<400 {
            let request = ServiceRequest(method: "POST", target: "/albums?async=true", body: Array(Self.album(id).utf8))
            #expect(await store.application.respond(to: request).status == 202)
        }
        #expect(await store.stop(within: ServiceHarness.patience))
        #expect(shelf.count() == 303)
    }

    @Test("ALB-16: any replica answers for a job, and one does it", arguments: AlbumStoreBackend.databases)
    func anyReplicaAnswersForJob(backend: AlbumStoreBackend) async throws {
        try await backend.withVariables { variables in
            try await AlbumStoreBackend.running(variables) { first in
                try await AlbumStoreBackend.running(variables) { second in
                    var paths: [String] = []
                    for id in 10..<30 {
                        let answer = try await (id % 2 == 0 ? first : second).send("POST", "/albums?async=true", Self.album(id))
                        paths.append(try #require(answer.headers["location"]))
                    }
                    for (number, path) in paths.enumerated() {
                        #expect(try await Self.finished(path, number % 2 == 0 ? second : first)["status"] == "done")
                    }
                    let consumers = (first.memory.finishedSpans + second.memory.finishedSpans).filter { $0.kind == .consumer }
                    #expect(consumers.count == 20)
                    #expect(try await first.send("GET", "/albums?limit=1").headers["x-total-count"] == "23")
                }
            }
        }
    }

    @Test("ALB-16: a job whose worker is dead is done by another one after its lease", arguments: AlbumStoreBackend.databases)
    func jobOfDeadWorkerIsDoneByAnother(backend: AlbumStoreBackend) async throws {
        try await backend.withJobs { jobs in
            let time = ManualClock()
            var jobs = jobs
            jobs.clock = .manual(time)
            #expect(try await jobs.enqueue(Self.job(10)))
            let abandoned = try #require(try await jobs.claim())
            #expect(try await jobs.claim() == nil)
            time.advance(by: .seconds(31))
            let again = try #require(try await jobs.claim())
            #expect(again.id == abandoned.id)
            #expect(try await jobs.execute(again) == .done)
            // The first worker was only slow.
            #expect(try await jobs.execute(abandoned) == nil)
        }
    }
}

/// Takes no job.
private struct FullJobs: AlbumJobs {
    let isShared = false

    func enqueue(_ job: AlbumJob) -> Bool { false }
    func job(_ id: UUID) -> AlbumJob? { nil }
    func claim() -> AlbumJob? { nil }
    func execute(_ job: AlbumJob) -> AlbumJob.Status? { nil }
}
