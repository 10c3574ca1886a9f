// Effects of the tracing variables on exported spans.

import Testing

@testable import Telemetry

@Suite(.serialized) struct TracingEnvironmentEffectsTests {
    private static let remote = SpanContext(
        traceID: TraceID(hexadecimal: "4bf92f3577b34da6a3ce929d0e0e4736")!, spanID: SpanID(hexadecimal: "00f067aa0ba902b7")!,
        flags: .sampled,
        isRemote: true)

    private static let texts: Attributes = ["a": "long", "b": "text", "c": "more"]

    /// The one span that is exported when all kinds of attributes, events and links are added to it.
    private static func span(_ environment: [String: String]) async throws -> ReadableSpan {
        let memory = InMemorySpanExporter()
        let telemetry = try TelemetrySystem.start(detectors: [], spans: [memory], metrics: [], logs: [], environment: environment)
        let span = telemetry.tracer("tests").startSpan("x", parent: .root)
        for (key, value) in texts { span.setAttribute(key, value) }
        for name in ["one", "two", "three"] { span.addEvent(name, texts) }
        for _ in 0..<3 { span.addLink(remote, texts) }
        span.end()
        await telemetry.shutdown(within: .seconds(60))
        return try #require(memory.finishedSpans.first)
    }

    @Test func countLimitVariablesApplyToSpans() async throws {
        let plain = try await Self.span([:])
        #expect(plain.attributes.count == 3 && plain.events.count == 3 && plain.links.count == 3)
        let attributes = try await Self.span(["OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "2"])
        #expect(attributes.attributes.count == 2 && attributes.droppedAttributeCount == 1 && attributes.events[0].attributes.count == 3)
        let events = try await Self.span(["OTEL_SPAN_EVENT_COUNT_LIMIT": "1"])
        #expect(events.events.count == 1 && events.droppedEventCount == 2 && events.links.count == 3)
        let links = try await Self.span(["OTEL_SPAN_LINK_COUNT_LIMIT": "1"])
        #expect(links.links.count == 1 && links.droppedLinkCount == 2 && links.events.count == 3)
        let ofEvents = try await Self.span(["OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT": "1"])
        #expect(ofEvents.events.map(\.attributes.count) == [1, 1, 1] && ofEvents.links[0].attributes.count == 3)
        #expect(ofEvents.events.map(\.droppedAttributeCount) == [2, 2, 2] && ofEvents.links.map(\.droppedAttributeCount) == [0, 0, 0])
        let ofLinks = try await Self.span(["OTEL_LINK_ATTRIBUTE_COUNT_LIMIT": "1"])
        #expect(ofLinks.links.map(\.attributes.count) == [1, 1, 1] && ofLinks.events[0].attributes.count == 3)
        #expect(ofLinks.links.map(\.droppedAttributeCount) == [2, 2, 2] && ofLinks.events.map(\.droppedAttributeCount) == [0, 0, 0])
        let all = try await Self.span(["OTEL_ATTRIBUTE_COUNT_LIMIT": "1"])
        #expect(all.attributes.count == 1 && all.events[0].attributes.count == 1 && all.links[0].attributes.count == 1)
    }

    @Test(arguments: ["OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT"])
    func lengthLimitVariablesApplyToSpans(variable: String) async throws {
        let span = try await Self.span([variable: "2"])
        #expect(span.attributes["a"] == "lo" && span.attributes["b"] == "te")
        #expect(try await Self.span([:]).attributes["a"] == "long")
    }

    /// Returns the exported span after 130 attributes, events and links, one of which has 130 attributes.
    private static func crowdedSpan(_ environment: [String: String]) async throws -> ReadableSpan {
        let many = Attributes((0..<130).map { ("\($0)", AttributeValue($0)) })
        let memory = InMemorySpanExporter()
        let telemetry = try TelemetrySystem.start(detectors: [], spans: [memory], metrics: [], logs: [], environment: environment)
        let span = telemetry.tracer("tests").startSpan("x", parent: .root)
        for (key, value) in many { span.setAttribute(key, value) }
        for _ in 0..<130 { span.addEvent("event", many) }
        for _ in 0..<130 { span.addLink(remote, many) }
        span.end()
        await telemetry.shutdown(within: .seconds(60))
        return try #require(memory.finishedSpans.first)
    }

    @Test func withoutVariablesEveryLimitIs128() async throws {
        let span = try await Self.crowdedSpan([:])
        #expect(span.attributes.count == 128 && span.events.count == 128 && span.links.count == 128)
        #expect(span.events[0].attributes.count == 128 && span.links[0].attributes.count == 128)
        #expect(span.droppedAttributeCount == 2 && span.droppedEventCount == 2 && span.droppedLinkCount == 2)
    }

    @Test func limitOfZeroIsAllowed() async throws {
        let span = try await Self.crowdedSpan([
            "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "0", "OTEL_SPAN_EVENT_COUNT_LIMIT": "0", "OTEL_SPAN_LINK_COUNT_LIMIT": "0",
        ])
        #expect(span.attributes.isEmpty && span.events.isEmpty && span.links.isEmpty)
        #expect(span.droppedAttributeCount == 130 && span.droppedEventCount == 130 && span.droppedLinkCount == 130)
        let bare = try await Self.crowdedSpan(["OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT": "0", "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT": "0"])
        #expect(bare.events[0].attributes.isEmpty && bare.links[0].attributes.isEmpty)
    }

    @Test func spanLimitVariablesBeatAttributeLimitVariables() async throws {
        let counted = try await Self.span([
            "OTEL_ATTRIBUTE_COUNT_LIMIT": "0", "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "1", "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT": "2",
            "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT": "3",
        ])
        #expect(counted.attributes.count == 1 && counted.events[0].attributes.count == 2 && counted.links[0].attributes.count == 3)
        let cut = try await Self.span(["OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "1", "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT": "2"])
        #expect(cut.attributes["a"] == "lo")
        // Invalid values count as not set.
        let unusable = try await Self.span(["OTEL_ATTRIBUTE_COUNT_LIMIT": "1", "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "-1"])
        #expect(unusable.attributes.count == 1)
    }

    /// How many of the root spans, and of those below a sampled remote parent, are exported.
    private static func sampled(_ name: String?, _ argument: String? = nil) async throws -> (roots: Int, children: Int) {
        let memory = InMemorySpanExporter()
        var environment: [String: String] = [:]
        environment["OTEL_TRACES_SAMPLER"] = name
        environment["OTEL_TRACES_SAMPLER_ARG"] = argument
        let telemetry = try TelemetrySystem.start(detectors: [], spans: [memory], metrics: [], logs: [], environment: environment)
        let tracer = telemetry.tracer("tests")
        for _ in 0..<20 {
            tracer.startSpan("root", parent: .root).end()
            tracer.startSpan("child", parent: Context.root.with(spanContext: remote)).end()
        }
        await telemetry.shutdown(within: .seconds(60))
        let names = memory.finishedSpans.map(\.name)
        return (names.count { $0 == "root" }, names.count { $0 == "child" })
    }

    @Test(
        arguments: [
            (nil, nil, 20, 20), ("always_on", nil, 20, 20), ("always_off", nil, 0, 0), ("parentbased_always_on", nil, 20, 20),
            ("parentbased_always_off", nil, 0, 20), ("traceidratio", "0", 0, 0), ("traceidratio", "1", 20, 20),
            ("traceidratio", nil, 20, 20), ("parentbased_traceidratio", "0", 0, 20), ("parentbased_traceidratio", "1", 20, 20),
        ] as [(String?, String?, Int, Int)])
    func samplerVariablesSelectExportedSpans(name: String?, argument: String?, roots: Int, children: Int) async throws {
        let counts = try await Self.sampled(name, argument)
        #expect(counts.roots == roots && counts.children == children)
    }

    @Test func batchSizeVariableAppliesToSpans() async throws {
        let probe = ProbeExporter()
        let telemetry = try TelemetrySystem.start(
            detectors: [], spans: [BatchSpanProcessor(probe)], metrics: [], logs: [],
            environment: ["OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "2", "OTEL_BSP_SCHEDULE_DELAY": "3600000"])
        for index in 0..<6 { telemetry.tracer("tests").startSpan("\(index)", parent: .root).end() }
        await telemetry.shutdown(within: .seconds(60))
        #expect(probe.names.count == 6 && probe.state.batches.allSatisfy { $0.count <= 2 })
    }

    @Test func resourceVariablesApplyToExportedSpans() async throws {
        let span = try await Self.span(["OTEL_SERVICE_NAME": "shop", "OTEL_RESOURCE_ATTRIBUTES": "service.name=other,team=a%2Cb"])
        #expect(span.resource.attributes["service.name"] == "shop" && span.resource.attributes["team"] == "a,b")
        let unnamed = try await Self.span(["OTEL_RESOURCE_ATTRIBUTES": "service.name=other"])
        #expect(unnamed.resource.attributes["service.name"] == "other")
    }

    @Test(arguments: ["novalue", "a=b,=c", "a=%zz", "a=%c3%28"])
    func invalidResourceVariableIsIgnoredEntirely(text: String) async throws {
        let span = try await Self.span(["OTEL_RESOURCE_ATTRIBUTES": "team=jazz," + text])
        #expect(span.resource.attributes["team"] == nil && span.resource.attributes["a"] == nil)
        #expect(try await Self.span(["OTEL_RESOURCE_ATTRIBUTES": "team=jazz"]).resource.attributes["team"] == "jazz")
    }
}
