// The headers of Jaeger clients.

import Testing

@testable import Telemetry

@Suite(.serialized) struct JaegerPropagatorTests {
    private static let trace = "ab7ad6b7169203331c80319c0af76519"
    private static let span = "b7ad6b7169203331"

    private let propagator: any Propagator = .jaeger

    private func extracted(_ header: String) -> SpanContext {
        propagator.extract(from: ["Uber-Trace-Id": header], into: .root).spanContext
    }

    private func injected(_ context: Context) -> [String: String] {
        var headers: [String: String] = [:]
        propagator.inject(context, into: &headers)
        return headers
    }

    @Test(arguments: [
        ("\(trace):\(span):0:1", true), ("\(trace):\(span):\(span):01", true), ("\(trace):\(span):0:0", false),
        ("\(trace):\(span):0:3", true),
        ("\(trace):\(span)::9", true), ("\(trace):\(span):0:2", false), ("\(trace)%3A\(span)%3a0%3A1", true),
        (" \(trace):\(span):0:8 ", false),
    ])
    func spanContextIsExtracted(header: String, isSampled: Bool) {
        let context = extracted(header)
        #expect(context.traceID.description == Self.trace && context.spanID.description == Self.span)
        #expect(context.isRemote && context.isSampled == isSampled)
    }

    @Test(arguments: [
        ("1:2:0:1", "00000000000000000000000000000001", "0000000000000002"),
        ("b7ad6b7169203331:f:0:1", "0000000000000000b7ad6b7169203331", "000000000000000f"),
        ("ab7ad6b7169203331:2:0:1", "000000000000000ab7ad6b7169203331", "0000000000000002"),
    ])
    func shortIdentifiersAreLeftPadded(header: String, trace: String, span: String) {
        #expect(extracted(header).traceID.description == trace && extracted(header).spanID.description == span)
    }

    @Test(arguments: [
        "", ":", ":::", "0:1:0:1", "1:0:0:1", "1:2:0", "1:2:0:1:1", "1:2:0:", "1:2:0:111", "1:2:0:x", "x:2:0:1", "1:x:0:1",
        "\(trace)0:\(span):0:1",
        "\(trace):\(span)0:0:1", "1%2:0:1", "+1:2:0:1", "é:2:0:1",
    ])
    func malformedHeaderLeavesContextUnchanged(header: String) {
        let before = Context.root.with(spanContext: SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(3)))
        #expect(propagator.extract(from: ["uber-trace-id": header], into: before).node === before.node)
    }

    @Test func spanContextIsInjectedWithoutParentSpanID() {
        let context = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(3), flags: .sampled)
        #expect(
            injected(Context.root.with(spanContext: context)) == ["uber-trace-id": "00000000000000010000000000000002:0000000000000003:0:1"])
        let unsampled = propagator.extract(from: ["uber-trace-id": "\(Self.trace):\(Self.span):0:0"], into: .root)
        #expect(injected(unsampled) == ["uber-trace-id": "\(Self.trace):\(Self.span):0:0"])
        #expect(injected(.root).isEmpty)
        #expect(propagator.fields == ["uber-trace-id"])
    }

    @Test func debugFlagIsPropagatedAndImpliesSampledInB3() {
        let context = propagator.extract(from: ["uber-trace-id": "\(Self.trace):\(Self.span):0:3"], into: .root)
        #expect(context.spanContext.isSampled)
        #expect(injected(context) == ["uber-trace-id": "\(Self.trace):\(Self.span):0:3"])
        var headers: [String: String] = [:]
        B3Propagator().inject(context, into: &headers)
        #expect(headers == ["b3": "\(Self.trace)-\(Self.span)-d"])
    }

    /// What OpenTelemetry's SDK for Python writes for a trace that it began and did not sample.
    @Test func debugFlagWithoutSampledFlagIsIgnored() {
        let context = propagator.extract(from: ["uber-trace-id": "\(Self.trace):\(Self.span):0000000000000000:02"], into: .root)
        #expect(context.spanContext.isValid && !context.spanContext.isSampled)
        #expect(injected(context) == ["uber-trace-id": "\(Self.trace):\(Self.span):0:0"])
        var headers: [String: String] = [:]
        B3Propagator().inject(context, into: &headers)
        #expect(headers == ["b3": "\(Self.trace)-\(Self.span)-0"])
    }

    @Test func baggageEntriesAreInjectedAsEncodedHeaders() {
        let context = Context.root.settingBaggage("user", to: "ä, b").settingBaggage("plan", to: "free").settingBaggage("no token", to: "1")
        #expect(injected(context) == ["uberctx-user": "%C3%A4%2C%20b", "uberctx-plan": "free"])
    }

    @Test func extractedBaggageIsMergedIntoContext() {
        let before = Context.root.settingBaggage("user", to: "ada").settingBaggage("plan", to: "free")
        let context = propagator.extract(from: ["Uberctx-User": "%C3%A4 b%zz", "uberctx-": "x", "uberctxs": "y"], into: before)
        #expect(context.baggage.entries.map(\.name) == ["user", "plan"])
        #expect(context.baggage["user"] == "ä b%zz" && context.baggage["plan"] == "free")
        #expect(propagator.extract(from: ["x": "y"], into: before).node === before.node)
    }

    @Test func baggageHasLimitsOfBaggageHeader() {
        let before = W3CBaggagePropagator.leftOutMemberCount
        var many = Context.root
        for number in 0..<70 { many = many.settingBaggage("k\(number)", to: "v") }
        let headers = injected(many)
        #expect(headers.count == 64 && headers["uberctx-k63"] == "v")
        #expect(W3CBaggagePropagator.leftOutMemberCount >= before + 6)
        let received = Dictionary(uniqueKeysWithValues: (0..<70).map { ("uberctx-k\($0)", "v") })
        #expect(propagator.extract(from: received, into: .root).baggage.entries.count == 64)
        #expect(injected(Context.root.settingBaggage("long", to: String(repeating: "x", count: 8189))).isEmpty)
        #expect(propagator.extract(from: ["uberctx-long": String(repeating: "x", count: 8189)], into: .root).baggage.isEmpty)
    }

    @Test func baggageLimitOf8192BytesHoldsForAllEntriesTogether() {
        let half = String(repeating: "x", count: 5000)
        #expect(injected(Context.root.settingBaggage("a", to: half).settingBaggage("b", to: half)) == ["uberctx-a": half])
        #expect(propagator.extract(from: ["uberctx-a": half, "uberctx-b": half], into: .root).baggage.entries.count == 1)
    }

    @Test func randomHeadersNeverTrapAndRoundTrip() {
        var random = SplitMix64(seed: 12)
        for round in 0..<20_000 {
            let original = Array("\(Self.trace):\(Self.span):0:1".utf8)
            let bytes = round % 4 == 0 ? random.bytes(upTo: 60) : random.damaged(original)
            let context = propagator.extract(from: ["uber-trace-id": String(decoding: bytes, as: UTF8.self)], into: .root)
            guard context.spanContext.isValid else { continue }
            #expect(propagator.extract(from: injected(context), into: .root).spanContext == context.spanContext)
        }
    }
}
