// The examples of the guide to traces, word for word: all are compiled, most are run.

import Testing

@testable import Telemetry

struct TracingGuideTests {
    @Test func everyExampleOfTheGuideStandsHere() throws {
        let examples = try GuideExamples("Tracing.md")
        #expect(examples.blocks.count == 30)
        #expect(try examples.missing(in: #filePath) == [])
    }

    // MARK: Declarations that the examples use

    enum Tier: String, AttributeValueConvertible { case free, paid }

    struct Money: AttributeValueConvertible {
        var cents: Int
        var attributeValue: AttributeValue? { .double(Double(cents) / 100) }
    }

    struct HeaderLines: CarrierReader, CarrierWriter {
        var lines: [(name: String, value: String)] = []

        var names: [String] { lines.map(\.name) }
        func value(for name: String) -> String? { lines.first { $0.name.lowercased() == name }?.value }
        mutating func setValue(_ value: String, for name: String) { lines.append((name, value)) }
    }

    private struct Album { var title = "Blue Train" }
    private struct NoRoom: Error {}
    private struct Store {
        func album(_ id: Int) async throws -> Album { Album() }
        func save(_ album: Album) async throws { throw NoRoom() }
        func cover(_ id: Int) async -> String { "cover \(id)" }
        func reindex() async {}
    }
    private struct User { var (tier, email): (Tier, String?) = (.paid, nil) }
    private struct Cart { var (items, total) = (["a", "b"], Money(cents: 150)) }
    private struct Job { var (queuedAt, startedAt) = (Timestamp(nanosecondsSinceEpoch: 1), Timestamp(nanosecondsSinceEpoch: 3)) }
    private struct Message { var (id, spanContext) = ("m1", SpanContext.madeUp()) }
    private final class Connection {
        var close: ((any Error)?) -> Void = { _ in }
        var sent: [SpanContext] = []
        func onClose(_ body: @escaping ((any Error)?) -> Void) { close = body }
        func send(_ file: String) throws { sent.append(Context.current.spanContext) }
    }

    private let store = Store()
    private let memory = InMemorySpanExporter()
    private let telemetry: TelemetrySystem
    private let tracer: Tracer

    init() throws {
        telemetry = try TelemetrySystem.start(spans: [memory], metrics: [], logs: [], environment: [:])
        tracer = telemetry.tracer("guide")
    }

    private func work() {}
    private func process(_ messages: [Message]) {}

    private func finished(_ name: String) throws -> ReadableSpan { try #require(memory.finishedSpans.last { $0.name == name }) }

    // MARK: Examples that start the telemetry of the process: compiled, and not run

    private func firstTrace(_ id: Int) async throws {
        let telemetry = try TelemetrySystem.start(resource: .service("album-store"), spans: [.console(showsAttributes: true)])
        let tracer = telemetry.tracer("album-store")

        let album = try await tracer.withSpan("find album", ["album.id": id]) { span in
            let album = try await store.album(id)
            span["album.title"] = album.title
            return album
        }
        await telemetry.shutdown()
        _ = album
    }

    private struct Queue {
        func processNext() async {}
        func close() async {}
    }

    private func working(_ queue: Queue) async {
        while !Task.isCancelled {
            await tracer.withSpan("process batch") { _ in await queue.processNext() }
        }
        await tracer.withSpan("close") { _ in await queue.close() }
    }

    private func serve(_ telemetry: TelemetrySystem) async throws {}

    private func running() async throws {
        try await TelemetrySystem.run(resource: .service("album-store")) { telemetry in
            try await serve(telemetry)
        }
    }

    private func sampling() throws {
        let telemetry = try TelemetrySystem.start(sampler: .parentBased(.ratio(0.1)))
        _ = telemetry
    }

    struct WithoutProbes: Sampler {
        let other: any Sampler

        func decision(for request: borrowing SamplingRequest) -> SamplingDecision {
            guard request.attributes["url.path"]?.stringValue == "/healthz" else { return other.decision(for: request) }
            return SamplingDecision(.drop)
        }

        var description: String { "WithoutProbes{\(other)}" }
    }

    private func ownSampling() throws {
        let telemetry = try TelemetrySystem.start(sampler: WithoutProbes(other: .parentBased(.alwaysOn)))
        _ = telemetry
    }

    private func processor() throws {
        struct SlowSpans: EndingSpanProcessor {
            func onStart(_ span: TraceSpan, parent: Context) {}
            func onEnding(_ span: borrowing EndingSpan) { span["is.slow"] = span.snapshot.duration > .seconds(1) }
            func onEnd(_ span: ReadableSpan) {}
        }

        struct TenantOnEverySpan: SpanProcessor {
            func onStart(_ span: TraceSpan, parent: Context) { span["tenant.id"] = parent.baggage["tenant.id"] }
            func onEnd(_ span: ReadableSpan) {}
        }

        let telemetry = try TelemetrySystem.start(spans: [TenantOnEverySpan(), .batch(.otlp())])
        _ = telemetry
    }

    private func exporter() throws {
        struct LineExporter: SpanExporter {
            let write: @Sendable (String) -> Void

            func export(_ batch: SpanBatch, deadline: Deadline) async throws(ExportFailure) {
                for span in batch {
                    write("\(span.traceID) \(span.name) \(span.duration) \(span.attributes["album.id"]?.intValue ?? 0)")
                }
            }
        }

        let telemetry = try TelemetrySystem.start(spans: [.batch(LineExporter { line in print(line) })])
        _ = telemetry
    }

    // MARK: Examples that are run

    @Test func variablesAreAttributes() throws {
        let (user, cart, coupon) = (User(), Cart(), String?.none)
        let span = tracer.startSpan(
            "checkout", ["user.tier": user.tier, "user.email": user.email, "cart.items": cart.items, "cart.total": cart.total])
        span["coupon"] = coupon
        span.setAttributes(["cart.weight": 2.5, "cart.gift": true])
        span.end()
        #expect(
            try finished("checkout").attributes
                == ["user.tier": "paid", "cart.items": ["a", "b"], "cart.total": 1.5, "cart.weight": 2.5, "cart.gift": true])
    }

    /// Not `Sendable`.
    private final class Parser {
        func parse(_ text: String) async -> Album { Album(title: text) }
    }

    @Test func blockRunsWhereTheMethodsOfItsObjectsDo() async throws {
        let text = "Giant Steps"
        let parser = Parser()
        let album = await tracer.withSpan("parse") { @concurrent span in await parser.parse(text) }
        #expect(album.title == text)
        #expect(try finished("parse").status == .unset)
    }

    @Test func attributesOfASpanAreRead() throws {
        let (user, cart) = (User(), Cart())
        let span = tracer.startSpan("pack", ["user.tier": user.tier, "cart.items": cart.items, "cart.weight": 2.5])
        span["cart.position"] = [cart.total, 3, "left"]
        let first = span["cart.items"]?.arrayValue?.first?.stringValue
        let isKnown = span["user.tier"] == AttributeValue(user.tier) && span["cart.weight"]?.doubleValue == 2.5
        span.end()
        #expect(first == "a" && isKnown)
        #expect(try finished("pack").attributes["cart.position"] == .array([1.5, 3, "left"]))
    }

    @Test func attributesAreKeptForSeveralSpans() throws {
        let (tenant, region, labels) = ("t1", "eu", ["b": "2", "a": "1"])
        var common: Attributes = ["tenant.id": tenant, "retry.count": 2]
        common["region"] = region
        let span = tracer.startSpan("import", common)
        span.setAttributes(Attributes(labels))
        span.end()
        let found = try finished("import").attributes
        #expect(found == ["tenant.id": "t1", "retry.count": 2, "region": "eu", "a": "1", "b": "2"])
    }

    @Test func aSpanStartedByHandIsCurrentWhereItsContextRuns() throws {
        let (connection, file) = (Connection(), "file")
        let span = tracer.startSpan("upload", kind: .client)
        let context = Context.current.with(span: span)
        connection.onClose { error in
            if let error { span.recordException(error); span.setStatus(.error("the connection broke")) }
            span.end()
        }
        try context.run { try connection.send(file) }
        connection.close(NoRoom())
        #expect(connection.sent == [span.context])
        #expect(try finished("upload").status == .error("the connection broke"))
        #expect(try finished("upload").events.map(\.name) == ["exception"])
    }

    @Test func whatHappenedBeforeHasItsOwnTimes() throws {
        let job = Job()
        tracer.startSpan("queued", parent: .root, startTime: job.queuedAt).end(at: job.startedAt)
        #expect(try finished("queued").duration == .nanoseconds(2))
    }

    @Test func eventsAndHandledErrorsAreRecorded() async throws {
        let (album, key, retries, waited) = (Album(), "k", 2, Duration.milliseconds(3))
        let span = tracer.startSpan("save")
        span.addEvent("cache miss", ["cache.key": key])
        span.addEvent("lock acquired", at: .now - waited)
        span.updateName("find album by key")
        do {
            try await store.save(album)
        } catch {
            span.recordException(error, ["retry.count": retries])
            span.setStatus(.error("album not saved"))
            span["error.type"] = "\(type(of: error))"
        }
        span.end()
        let saved = try finished("find album by key")
        #expect(saved.events.map(\.name) == ["cache miss", "lock acquired", "exception"])
        #expect(saved.events[2].attributes["retry.count"] == 2 && saved.attributes == ["error.type": "NoRoom"])
    }

    @Test func messagesAreLinks() throws {
        let messages = [Message()]
        let links = messages.filter(\.spanContext.isValid).map { SpanLink($0.spanContext, ["message.id": $0.id]) }
        tracer.withSpan("process batch", kind: .consumer, links: links) { span in
            process(messages)
        }
        #expect(try finished("process batch").links == links)
    }

    @Test func taskGroupsInheritAndDetachedTasksAreGivenTheContext() async throws {
        let ids = [1, 2]
        let covers = await tracer.withSpan("load covers") { _ in
            await withTaskGroup(of: String.self) { group in
                for id in ids {
                    group.addTask { await tracer.withSpan("load cover", ["album.id": id]) { _ in await store.cover(id) } }
                }
                var covers: [String] = []
                for await cover in group { covers.append(cover) }
                return covers
            }
        }
        #expect(covers.sorted() == ["cover 1", "cover 2"])
        let parent = try finished("load covers").spanID
        #expect(memory.finishedSpans.filter { $0.name == "load cover" }.map(\.parentSpanID) == [parent, parent])

        await tracer.withSpan("outer") { _ in
            let context = Context.current
            let task = Task.detached {
                await context.run { await tracer.withSpan("reindex") { _ in await store.reindex() } }
            }
            await task.value
        }
        #expect(try finished("reindex").parentSpanID == finished("outer").spanID)
    }

    @Test func contextsGoFromProgramToProgram() throws {
        let headers = tracer.withSpan("send") { _ in
            var headers: [String: String] = [:]
            telemetry.propagator.inject(.current, into: &headers)
            return headers
        }
        let context = telemetry.propagator.extract(from: headers, into: .root)
        tracer.withSpan("receive", kind: .server, parent: context) { _ in work() }
        #expect(try finished("receive").parentSpanID == finished("send").spanID)
    }

    @Test func ownHeadersCarryTheContext() throws {
        var headers = HeaderLines()
        let sent = tracer.withSpan("send") { span in
            telemetry.propagator.inject(.current, into: &headers)
            return span.context
        }
        #expect(telemetry.propagator.extract(from: headers, into: .root).spanContext.spanID == sent.spanID)
        tracer.withSpan("poll") { span in
            let none = HeaderLines()
            #expect(!telemetry.propagator.extract(from: none, into: .root).spanContext.isValid)
            #expect(telemetry.propagator.extract(from: none).spanContext.spanID == span.context.spanID)
        }
    }

    @Test func baggageIsReadWhereItIsWanted() throws {
        let tenant = "t1"
        let context = Context.current.with(baggage: Baggage.current.setting("tenant.id", to: tenant))
        context.run {
            tracer.withSpan("render", ["tenant.id": Baggage.current["tenant.id"]]) { _ in work() }
        }
        #expect(try finished("render").attributes == ["tenant.id": "t1"])
        #expect(Baggage.current.isEmpty)

        let outgoing = Baggage.empty.setting("tenant.id", to: tenant).setting("plan", to: "gold", metadata: "ttl=60").removing("plan")
        for entry in outgoing { print(entry.name, entry.value, entry.metadata) }
        #expect(outgoing.map(\.name) == ["tenant.id"])
    }

    @Test func attributesOfAContextAreOnWhatIsRecordedInIt() throws {
        let tenant = "t1"
        let log = TelemetrySystem.current.logger("guide")
        Context.current.with(attributes: ["tenant.id": tenant]).run {
            tracer.withSpan("render") { _ in log.info("rendering") }
        }
        #expect(try finished("render").attributes == ["tenant.id": "t1"])
    }

    @Test func eachSignalSelectsAttributesOfTheContext() async throws {
        let telemetry = try TelemetrySystem.start(
            metricOptions: MetricOptions(contextAttributes: .only(["tenant.id"])), logOptions: LogOptions(contextAttributes: .none))
        #expect(Context.root.with(attributes: ["tenant.id": "t1"]).attributes == ["tenant.id": "t1"])
        await telemetry.shutdown(within: .zero)
    }

    @Test func anOwnSamplerDecides() throws {
        let telemetry = try TelemetrySystem.start(
            sampler: WithoutProbes(other: .parentBased(.alwaysOn)), spans: [memory], metrics: [], logs: [], environment: [:])
        telemetry.tracer("guide").withSpan("probe", ["url.path": "/healthz"]) { _ in
            telemetry.tracer("guide").withSpan("SELECT 1") { _ in work() }
        }
        telemetry.tracer("guide").startSpan("request", ["url.path": "/albums"]).end()
        #expect(memory.finishedSpans.map(\.name) == ["request"])
    }

    @Test func aLibraryWorksWithoutTelemetry() {
        #expect(resize(Image()).width == 1)
    }

    @Test func spansAreKeptInMemoryForTests() throws {
        let memory = InMemorySpanExporter()
        let telemetry = try TelemetrySystem.start(spans: [memory], metrics: [], logs: [])
        telemetry.tracer("test").withSpan("find album", ["album.id": 42]) { span in
            span.addEvent("cache miss")
        }

        let span = try #require(memory.finishedSpans.first)
        #expect(span.name == "find album" && span.attributes == ["album.id": 42])
        #expect(span.events.map(\.name) == ["cache miss"] && span.status == .unset)
    }
}

struct Image { var width = 2; var half: Image { Image(width: width / 2) } }

func resize(_ image: Image) -> Image {
    TelemetrySystem.current.tracer("image-kit", version: "2.1.0").withSpan("resize", ["image.width": image.width]) { _ in
        image.half
    }
}
