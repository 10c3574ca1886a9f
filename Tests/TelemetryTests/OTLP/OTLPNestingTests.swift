// Deep values in every place of a request, and protobuf's usual limit of nesting.

import ExampleSupport
import Testing

@testable import Telemetry

struct OTLPNestingTests {
    /// The kind of nesting of a deep value.
    enum Shape: CaseIterable, Sendable {
        case arrays, maps, mixed

        func nested(_ levels: Int, around core: AttributeValue = 1) -> AttributeValue {
            (0..<levels).reduce(core) { value, level in
                let isArray = self == .arrays || self == .mixed && level.isMultiple(of: 2)
                return isArray ? [value, "beside"] : ["key": value]
            }
        }
    }

    /// Returns the depth of messages below a message.
    private static func nesting(of message: OTLPMessage, _ bytes: UnsafeRawBufferPointer) throws -> Int {
        var reader = WireReader(bytes)
        var deepest = 0
        while let field = try reader.next() {
            guard case .message(let inner)? = message.field(field.number)?.type else { continue }
            deepest = max(deepest, 1 + (try nesting(of: inner, field.bytes)))
        }
        return deepest
    }

    private static func nesting(of message: OTLPMessage, _ body: [UInt8]) throws -> Int {
        let outcome = body.withUnsafeBytes { bytes in Result { try nesting(of: message, bytes) } }
        return try outcome.get()
    }

    /// Returns the depth of a value along its first elements.
    private static func levels(_ value: AttributeValue?) -> Int {
        switch value {
        case .array(let values): 1 + levels(values.first)
        case .map(let entries): 1 + levels(entries["key"])
        default: 0
        }
    }

    private static let hour = BatchOptions(scheduleDelay: .seconds(3600))

    private static func resource(_ deep: AttributeValue) -> Resource { Resource(attributes: ["service.name": "deep", "deep": deep]) }

    private static func scope(_ deep: AttributeValue) -> InstrumentationScope {
        InstrumentationScope(name: "deep", attributes: ["deep": deep])
    }

    @Test(arguments: Shape.allCases, [OTLPEncoding.protobuf, .json])
    func spanRequestIsNestedNoDeeperThanReceiversRead(shape: Shape, encoding: OTLPEncoding) async throws {
        let receiver = try ScriptedReceiver()
        let memory = InMemorySpanExporter()
        let batch = BatchSpanProcessor(
            OTLPSpanExporter(
                endpoint: receiver.url, options: OTLPOptions(timeout: .patience, encoding: encoding, retry: OTLPDelivering.quick)),
            options: Self.hour)
        try batch.configure(EnvironmentReader([:]))
        let deep = shape.nested(200)
        let provider = TracerProvider(
            resource: Self.resource(deep), sampler: .alwaysOn, limits: SpanLimits(), processors: [memory, batch], idGenerator: nil,
            clock: .system)
        let tracer = provider.tracer(Self.scope(deep))
        tracer.startSpan("plain", parent: .root, ["fits": shape.nested(20)]).end()
        let span = tracer.startSpan("deep", parent: .root, ["deep": deep, "fits": 1], links: [SpanLink(.madeUp(), ["deep": deep])])
        span.addEvent("event", ["deep": deep])
        span.end()
        #expect(await provider.shutdown(deadline: .after(.seconds(60))) == .completed)
        let request = try #require(receiver.requests.first)
        if encoding == .protobuf {
            #expect(
                try (97...99).contains(Self.nesting(of: .tracesData, request.body)),
                "The request is as deep as receivers read, and no deeper.")
            // Each processor has a lane of its own; spans are compared in the order of their names.
            let sent = try OTLPTraceRequest.decode(request.body).sorted { $0.name > $1.name }
            let levels = [Shape.arrays: 47, .maps: 31, .mixed: 37][shape]
            #expect(sent.map(\.name) == ["plain", "deep"] && Self.levels(sent[1].attributes["deep"]) == levels)
            #expect(sent[0].attributes == ["fits": shape.nested(20)] && sent[1].attributes["fits"] == 1)
            #expect(
                Self.levels(sent[1].events.first?.attributes["deep"]) >= 30 && Self.levels(sent[1].links.first?.attributes["deep"]) >= 30)
            #expect(
                Self.levels(sent[1].resource.attributes["deep"]) >= 30 && Self.levels(sent[1].instrumentationScope.attributes["deep"]) >= 30
            )
        } else {
            #expect(try JSONReader.value(of: request.body, maximumDepth: 200)["resourceSpans"]?.elements?.count == 1)
        }
        let kept = try memory.finishedSpans.last.unwrapped()
        #expect(Self.levels(kept.attributes["deep"]) == 64 && Self.levels(kept.events.first?.attributes["deep"]) == 64)
        await receiver.stop()
    }

    @Test(arguments: Shape.allCases)
    func logRequestIsNestedNoDeeperThanReceiversRead(shape: Shape) async throws {
        let receiver = try ScriptedReceiver()
        let memory = InMemoryLogExporter()
        let batch = BatchLogProcessor(
            OTLPLogExporter(endpoint: receiver.url, options: OTLPOptions(timeout: .patience, retry: OTLPDelivering.quick)),
            options: Self.hour)
        try batch.configure(EnvironmentReader([:]))
        let deep = shape.nested(200)
        let provider = LoggerProvider(resource: Self.resource(deep), processors: [memory, batch])
        provider.logger(Self.scope(deep)).emit(LogRecord(deep, severity: .info, attributes: ["deep": deep]))
        #expect(await provider.shutdown(deadline: .after(.seconds(60))) == .completed)
        let body = try #require(receiver.requests.first).body
        #expect(try (97...99).contains(Self.nesting(of: .logsData, body)))
        let sent = try OTLPLogsRequest.decode(body)
        #expect(sent.count == 1 && Self.levels(sent[0].body) >= 30 && Self.levels(sent[0].attributes["deep"]) >= 30)
        #expect(Self.levels(memory.finishedRecords.first?.body) == 64)
        #expect(Self.levels(memory.finishedRecords.first?.attributes["deep"]) == 64)
        await receiver.stop()
    }

    @Test(arguments: Shape.allCases)
    func metricsRequestIsNestedNoDeeperThanReceiversRead(shape: Shape) throws {
        let deep = shape.nested(200)
        let reader = PullMetricReader()
        let provider = try MeterProvider(
            resource: Self.resource(deep), readers: [reader],
            views: [MetricView(of: "filtered", attributeKeys: .only([]))],
            exemplarFilter: .alwaysOn)
        let meter = provider.meter(Self.scope(deep))
        meter.counter("kept").add(1, ["deep": deep])
        meter.histogram("filtered", of: Double.self).record(1, ["deep": deep])
        let body = OTLPRequestBody(OTLPMetricsRequest.items(try reader.collect()), of: .metrics).withPieces { $0.flatMap { Array($0) } }
        #expect(try (97...99).contains(Self.nesting(of: .metricsData, body)))
    }

    @Test func itemsWithoutDeepValuesAreNotCopied() {
        var span = WireWriter()
        span.field(9, attributes: ["fits": Shape.maps.nested(30)])
        var items = WireWriter()
        for _ in 0..<3 { items.field(2, message: span.bytes) }
        items.bytes.withUnsafeBytes { #expect(OTLPNesting.withoutDeepValues($0, .scopeSpans) == nil) }
    }

    @Test func damagedItemsNeverTrap() {
        var random = SplitMix64(seed: 77)
        var span = WireWriter()
        span.field(9, attributes: ["deep": Shape.mixed.nested(30), "text": "x"])
        var items = WireWriter()
        items.field(2, message: span.bytes)
        for _ in 0..<3_000 {
            var bytes = items.bytes
            for _ in 0..<3 { bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random) }
            let result = bytes.withUnsafeBytes { OTLPNesting.withoutDeepValues($0, .scopeSpans) }
            #expect(result.map { $0.count < bytes.count } ?? true)
        }
    }
}
