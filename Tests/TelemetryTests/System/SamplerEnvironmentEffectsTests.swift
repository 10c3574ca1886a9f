// Effects of the variables for the Jaeger remote sampler on exported spans.

import Testing

@testable import Telemetry

@Suite(.serialized) struct SamplerEnvironmentEffectsTests {
    private static let remote = Context.root.with(spanContext: .madeUp(isRemote: true))

    private static func strategy(_ rate: Int) -> HTTPResponse {
        .text(#"{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":\#(rate)}}"#)
    }

    private static func start(
        _ memory: InMemorySpanExporter, _ name: String, _ argument: String, clock: TelemetryClock = .system
    ) throws -> TelemetrySystem {
        try .start(
            resource: .service("shop"), detectors: [], spans: [memory], metrics: [], logs: [], clock: clock,
            environment: ["OTEL_TRACES_SAMPLER": name, "OTEL_TRACES_SAMPLER_ARG": argument])
    }

    /// Returns the names of the exported spans of a root and of a child of a sampled remote span.
    private static func exported(_ telemetry: TelemetrySystem, _ memory: InMemorySpanExporter) -> [String] {
        let count = memory.finishedSpans.count
        telemetry.tracer("tests").startSpan("root", parent: .root).end()
        telemetry.tracer("tests").startSpan("child", parent: remote).end()
        return memory.finishedSpans.dropFirst(count).map(\.name)
    }

    @Test(
        arguments: [
            ("ratelimited", "1", ["root"]), ("ratelimited", "0", []), ("ratelimited", "2", ["root", "child"]),
            ("parentbased_ratelimited", "0", ["child"]), ("ParentBased_RateLimited", "1", ["root", "child"]),
            ("ratelimited", "many", ["root", "child"]),
        ])
    func rateOfTheArgumentIsKept(name: String, rate: String, expected: [String]) async throws {
        let memory = InMemorySpanExporter()
        let telemetry = try Self.start(memory, name, rate, clock: .manual(ManualClock()))
        #expect(Self.exported(telemetry, memory) == expected)
        await telemetry.shutdown(within: .seconds(60))
    }

    @Test(
        arguments: [
            ("jaeger_remote", "1", ["root", "child"]), ("jaeger_remote", "0", []), ("parentbased_jaeger_remote", "1", ["root", "child"]),
            ("parentbased_jaeger_remote", "0", ["child"]),
        ])
    func initialSamplingRateAppliesWithoutAnswer(name: String, rate: String, expected: [String]) async throws {
        let memory = InMemorySpanExporter()
        let receiver = try MisbehavingReceiver(MisbehavingReceiver.hanging)
        let telemetry = try Self.start(memory, name, "endpoint=\(receiver.url),initialSamplingRate=\(rate)")
        #expect(Self.exported(telemetry, memory) == expected)
        receiver.stop()
        await telemetry.shutdown(within: .patience)
    }

    @Test(arguments: ["jaeger_remote", "parentbased_jaeger_remote"])
    func strategyOfTheEndpointSelectsSpans(name: String) async throws {
        for (initial, rate) in [("0", 1), ("1", 0)] {
            let memory = InMemorySpanExporter()
            let server = try ScriptedReceiver(Array(repeating: Self.strategy(rate), count: 100))
            let telemetry = try Self.start(
                memory, name, "endpoint=\(server.url)/strategies,pollingIntervalMs=3600000,initialSamplingRate=\(initial)")
            #expect(await eventually { Self.exported(telemetry, memory).contains("root") == (rate == 1) })
            #expect(server.requests.map(\.target) == ["/strategies?service=shop"])
            await telemetry.shutdown(within: .patience)
            await server.stop()
        }
    }

    @Test func strategyIsPolledAtTheInterval() async throws {
        let memory = InMemorySpanExporter()
        let server = try ScriptedReceiver([Self.strategy(0), Self.strategy(0)] + Array(repeating: Self.strategy(1), count: 10_000))
        let telemetry = try Self.start(
            memory, "jaeger_remote", "endpoint=\(server.url)/,pollingIntervalMs=10,initialSamplingRate=0")
        // The default of a minute would not come to a third question.
        #expect(await eventually { Self.exported(telemetry, memory) == ["root", "child"] })
        #expect(server.requests.count >= 3)
        await telemetry.shutdown(within: .patience)
        await server.stop()
    }

    @Test(arguments: [
        "pollingIntervalMs=0", "pollingIntervalMs=x", "initialSamplingRate=2", "initialSamplingRate=x", "unknown=1", "nonsense",
    ])
    func invalidSamplerArgumentIsIgnoredEntirely(part: String) async throws {
        let memory = InMemorySpanExporter()
        let server = try ScriptedReceiver([Self.strategy(1)])
        let telemetry = try Self.start(memory, "parentbased_jaeger_remote", "endpoint=\(server.url)/,initialSamplingRate=1,\(part)")
        // The default rate is one of a thousand: of so many roots almost all are left out.
        var roots = 0
        for _ in 0..<100 { roots += Self.exported(telemetry, memory).count { $0 == "root" } }
        #expect(roots < 50 && server.requests.isEmpty)
        await telemetry.shutdown(within: .patience)
        await server.stop()
    }

    @Test func ratioSamplerKeepsAShareOfTraces() async throws {
        let memory = InMemorySpanExporter()
        let telemetry = try Self.start(memory, "traceidratio", "0.5")
        for _ in 0..<1000 { telemetry.tracer("tests").startSpan("root", parent: .root).end() }
        #expect((200..<800).contains(memory.finishedSpans.count))
        await telemetry.shutdown(within: .patience)
    }
}
