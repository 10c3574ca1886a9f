// ALB-17: the limits of rate and concurrency.

import ExampleSupport
import Synchronization
import Telemetry
import Testing

@testable import AlbumStore

struct AlbumLimitsTests {
    @Test("ALB-17: requests beyond the burst are answered with 429 until there is a token, and probes are exempt")
    func requestsBeyondRateAre429() async throws {
        let spans = InMemorySpanExporter()
        let telemetry = try ServiceHarness.telemetry("album-store", spans)
        let clock = ManualNanoseconds()
        let limit = TokenBucketLimit(MemoryTokens(TokenBucket(rate: 1, burst: 2), now: { clock.now }), telemetry)
        let application = Self.store(telemetry, limit)
        #expect(await Self.status(application, "/albums") == 200)
        #expect(await Self.status(application, "/albums/1") == 200)
        spans.reset()
        let refused = await application.respond(to: ServiceRequest(method: "GET", target: "/albums/1"))
        #expect(refused.status == 429 && refused.headers["retry-after"] == "1")
        #expect(refused.text == #"{"message":"Too many requests"}"#)
        #expect(
            spans.finishedSpans.map { SpanContract($0) } == [
                SpanContract(
                    name: "/albums/:id GET", status: .error("Too many requests"),
                    attributes: [
                        "album-store.response.code": 429, "album-store.response.body": #"{"message":"Too many requests"}"#,
                    ], events: ["Too many requests"])
            ])
        #expect(await Self.status(application, "/status") == 200)
        let page = await application.respond(to: ServiceRequest(method: "GET", target: "/metrics")).text
        #expect(page.contains(#"requests_accepted_total{limit="rate",otel_scope_name="album-store"} 2"#))
        #expect(page.contains(#"requests_refused_total{limit="rate",otel_scope_name="album-store"} 1"#))
        clock.advance(1_000_000_000)
        #expect(await Self.status(application, "/albums/1") == 200)
        #expect(await Self.status(application, "/albums/1") == 429)
    }

    @Test("ALB-17: requests beyond the concurrency are answered with 503, up to the end of a streamed answer")
    func requestsBeyondConcurrencyAre503() async throws {
        let telemetry = try ServiceHarness.telemetry("album-store", InMemorySpanExporter())
        let (isHeld, mayGo) = (AsyncStream<Void>.makeStream(), AsyncStream<Void>.makeStream())
        var router = Router()
        router.on("GET", "/slow") { _ in
            isHeld.continuation.yield()
            for await _ in mayGo.stream { break }
            return .text("slow")
        }
        router.on("GET", "/stream") { _ in
            var response = ServiceResponse.text("")
            response.stream = { await $0.write(Array("piece".utf8)) }
            return response
        }
        let application = TracedApplication(telemetry, router: router, layers: [ConcurrencyLimit(maximum: 1, telemetry)])
        async let slow = Self.status(application, "/slow")
        for await _ in isHeld.stream { break }
        let refused = await application.respond(to: ServiceRequest(method: "GET", target: "/slow"))
        #expect(refused.status == 503 && refused.headers["retry-after"] == "1")
        #expect(refused.text == #"{"message":"Too many requests at once"}"#)
        #expect(await Self.status(application, "/status") == 200)
        #expect(await Self.page(application).contains(#"requests_in_flight{otel_scope_name="album-store"} 1"#))
        mayGo.continuation.yield()
        #expect(await slow == 200)
        var streamed: ServiceResponse? = await application.respond(to: ServiceRequest(method: "GET", target: "/stream"))
        #expect(streamed?.status == 200 && streamed?.stream != nil)
        #expect(await Self.status(application, "/stream") == 503)
        streamed = nil
        #expect(await Self.status(application, "/stream") == 200)
        let page = await Self.page(application)
        #expect(page.contains(#"requests_in_flight{otel_scope_name="album-store"} 0"#))
        #expect(page.contains(#"requests_refused_total{limit="concurrency",otel_scope_name="album-store"} 2"#))
    }

    @Test("ALB-17: the variables set the limits, which are off without them")
    func variablesSetLimits() async throws {
        let limits = ["REQUESTS_PER_SECOND": "1", "REQUEST_BURST": "3", "MAXIMUM_CONCURRENT_REQUESTS": "50"]
        try await AlbumStoreBackend.memory.running(limits) { store in
            for _ in 0..<3 { #expect(try await store.send("GET", "/albums/1").status == 200) }
            // More pass with each second.
            let isRefused = try await eventually { try await store.send("GET", "/albums/1").status == 429 }
            #expect(isRefused)
            #expect(try await store.send("GET", "/metrics").text.contains(#"requests_accepted_total{limit="concurrency","#))
        }
        try await AlbumStoreBackend.memory.running { store in
            for _ in 0..<20 { #expect(try await store.send("GET", "/albums/1").status == 200) }
            let page = try await store.send("GET", "/metrics").text
            #expect(!page.contains("requests_accepted"))
        }
    }

    private static func store(_ telemetry: ServiceTelemetry, _ layer: any RequestLayer) -> TracedApplication {
        let shelf = MemoryShelf()
        return AlbumStoreApp(telemetry, shelf, MemoryJobs(shelf), layers: [layer]).application
    }

    private static func status(_ application: TracedApplication, _ path: String) async -> Int {
        await application.respond(to: ServiceRequest(method: "GET", target: path)).status
    }

    private static func page(_ application: TracedApplication) async -> String {
        await application.respond(to: ServiceRequest(method: "GET", target: "/metrics")).text
    }
}

/// Nanoseconds that a test advances.
private final class ManualNanoseconds: Sendable {
    private let value = Atomic<Int64>(0)

    var now: Int64 { value.load(ordering: .relaxed) }

    func advance(_ nanoseconds: Int64) { value.add(nanoseconds, ordering: .relaxed) }
}
