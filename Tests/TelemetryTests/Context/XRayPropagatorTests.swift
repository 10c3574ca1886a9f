// The header of AWS X-Ray, and its identifiers.

import Testing

@testable import Telemetry

struct XRayPropagatorTests {
    /// The example of the documentation of Amazon and of the OpenTelemetry SDKs.
    private static let known = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"

    private func extracted(_ header: String) -> SpanContext {
        XRayPropagator().extract(from: ["X-Amzn-Trace-Id": header], into: Context.root).spanContext
    }

    @Test func knownHeaderIsReadAndWritten() {
        let span = extracted(Self.known)
        #expect(span.traceID.description == "5759e988bd862e3fe1be46a994272793" && span.spanID.description == "53995c3f42cd8ad8")
        #expect(span.isSampled && span.isRemote && span.traceState.isEmpty)
        var headers: [String: String] = [:]
        XRayPropagator().inject(Context.root.with(spanContext: span), into: &headers)
        #expect(headers == ["x-amzn-trace-id": Self.known])
        #expect(XRayPropagator().fields == ["x-amzn-trace-id"])
    }

    @Test(arguments: [
        ("Sampled=0;Parent=53995c3f42cd8ad8;Root=1-5759e988-bd862e3fe1be46a994272793", false),
        (
            "Self=1-67891234-12456789abcdef012345678;Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;CalledFrom=app",
            true
        ),
        ("Root=1-5759e988-bd862e3fe1be46a994272793; Parent=53995c3f42cd8ad8; Sampled=?", false),
        ("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Lineage=1:a:2", false), ("\(known);", true),
    ])
    func headersOfServicesOfAWSAreRead(header: String, isSampled: Bool) {
        let span = extracted(header)
        #expect(span.traceID.description == "5759e988bd862e3fe1be46a994272793" && span.isSampled == isSampled)
    }

    @Test(arguments: [
        "", ";", "Root", "Root=1-5759e988-bd862e3fe1be46a994272793", "Parent=53995c3f42cd8ad8;Sampled=1",
        "Root=2-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8",
        "Root=1-5759e98-8bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8",
        "Root=1-5759e988bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8",
        "Root=1-5759e988-bd862e3fe1be46a99427279x;Parent=53995c3f42cd8ad8",
        "Root=1-00000000-000000000000000000000000;Parent=53995c3f42cd8ad8",
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=0000000000000000",
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad", "\(known);\(String(repeating: "x=1;", count: 500))",
    ])
    func headerWithoutASpanLeavesTheContext(header: String) {
        let context = Context.root.with(spanContext: SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(3), flags: []))
        let read = XRayPropagator().extract(from: ["x-amzn-trace-id": header], into: context).spanContext
        #expect(read.traceID == TraceID(high: 1, low: 2))
    }

    @Test func invalidSpanIsNotWritten() {
        var headers: [String: String] = [:]
        XRayPropagator().inject(Context.root, into: &headers)
        #expect(headers.isEmpty)
    }

    @Test func mutationsCrashNothing() {
        var random = SplitMix64(seed: 5)
        var readCount = 0
        for _ in 0..<10_000 {
            var bytes = Array(Self.known.utf8)
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 32...126, using: &random)
            }
            if extracted(String(decoding: bytes, as: UTF8.self)).isValid { readCount += 1 }
        }
        #expect(readCount > 2_500 && readCount < 10_000)
    }

    @Test func traceIdentifiersBeginWithTheTime() {
        let clock = ManualClock(startingAt: Timestamp(nanosecondsSinceEpoch: 0x5759_E988 * 1_000_000_000))
        let generator = XRayIDGenerator(clock: .manual(clock))
        let first = generator.traceID()
        #expect(first.description.hasPrefix("5759e988") && generator.makesRandomTraceIDs)
        // All that follows the time is random, the end of the first half too.
        #expect(Set((0..<100).map { _ in generator.traceID().description.dropFirst(8).prefix(8) }).count > 90)
        clock.advance(by: .seconds(1))
        #expect(generator.traceID().description.hasPrefix("5759e989"))
        #expect(Set((0..<1_000).map { _ in generator.traceID() }).count == 1_000)
        #expect(Set((0..<1_000).map { _ in generator.spanID() }).count == 1_000)
    }

    @Test func generatorGivesTheIdentifiersOfATelemetrySystem() async throws {
        let memory = InMemorySpanExporter()
        let telemetry = try TelemetrySystem.start(
            sampler: .alwaysOn, spans: [.simple(memory)], spanOptions: SpanOptions(idGenerator: .xray), metrics: [], logs: [],
            environment: [:])
        telemetry.tracer("test").startSpan("a").end()
        #expect(await telemetry.shutdown() == .completed)
        let seconds = Timestamp.now.nanosecondsSinceEpoch / 1_000_000_000
        let time = try #require(memory.finishedSpans.first.flatMap { UInt64($0.context.traceID.description.prefix(8), radix: 16) })
        #expect(time <= seconds && time + 3_600 > seconds)
    }
}
