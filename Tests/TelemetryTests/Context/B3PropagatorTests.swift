// The B3 headers, by the description of Zipkin and the requirements of the specification.

import Testing

@testable import Telemetry

struct B3PropagatorTests {
    private static let trace = "80f198ee56343ba864fe8b2a57d3eff7"
    private static let span = "e457b5a2e4d86bd1"
    private static let parent = "05e3ac9a4f6e3b90"

    private let single: any Propagator = .b3
    private let multi: any Propagator = .b3Multi

    private func extracted(_ headers: [String: String]) -> SpanContext { single.extract(from: headers, into: .root).spanContext }

    private func injected(_ context: Context, _ propagator: any Propagator) -> [String: String] {
        var headers: [String: String] = [:]
        propagator.inject(context, into: &headers)
        return headers
    }

    private static let multiHeaders = ["X-B3-TraceId": trace, "X-B3-SpanId": span, "X-B3-ParentSpanId": parent, "X-B3-Sampled": "1"]

    @Test(arguments: [
        ("\(trace)-\(span)-1-\(parent)", true), ("\(trace)-\(span)-1", true), ("\(trace)-\(span)-0", false), ("\(trace)-\(span)", false),
        ("\(trace)-\(span)-d", true), (" \(trace)-\(span)-1\t", true),
    ])
    func singleHeaderIsRead(header: String, isSampled: Bool) {
        let context = extracted(["B3": header])
        #expect(context.traceID.description == Self.trace && context.spanID.description == Self.span)
        #expect(context.isRemote && context.isSampled == isSampled && context.traceState.isEmpty)
    }

    @Test func multipleHeadersAreReadByEitherFormat() {
        for propagator in [single, multi] {
            let context = propagator.extract(from: Self.multiHeaders, into: .root).spanContext
            #expect(context.traceID.description == Self.trace && context.spanID.description == Self.span)
            #expect(context.isRemote && context.isSampled)
        }
    }

    @Test func singleHeaderTakesPrecedenceOverMultipleHeaders() {
        let other = "463ac35c9f6413ad48485a3953bb6124-a2fb4a1d1a96d312-0"
        let both = Self.multiHeaders.merging(["b3": other]) { $1 }
        for propagator in [single, multi] {
            let context = propagator.extract(from: both, into: .root).spanContext
            #expect(context.traceID.description == "463ac35c9f6413ad48485a3953bb6124" && !context.isSampled)
        }
        #expect(extracted(Self.multiHeaders.merging(["b3": "nonsense"]) { $1 }).traceID.description == Self.trace)
    }

    @Test func singleHeaderIsDefaultFormat() {
        let context = single.extract(from: Self.multiHeaders, into: .root)
        #expect(injected(context, B3Propagator()) == ["b3": "\(Self.trace)-\(Self.span)-1"])
        #expect(injected(context, single) == ["b3": "\(Self.trace)-\(Self.span)-1"])
        #expect(injected(context, multi) == ["x-b3-traceid": Self.trace, "x-b3-spanid": Self.span, "x-b3-sampled": "1"])
    }

    @Test func parentSpanIDIsNotInjected() {
        let context = single.extract(from: ["b3": "\(Self.trace)-\(Self.span)-0-\(Self.parent)"], into: .root)
        for propagator in [single, multi] {
            let headers = injected(context, propagator)
            #expect(!headers.contains { $0.key.contains("parent") || $0.value.contains(Self.parent) })
        }
        #expect(injected(context, single) == ["b3": "\(Self.trace)-\(Self.span)-0"])
        #expect(injected(context, multi)["x-b3-sampled"] == "0")
    }

    @Test func serverSpanHasNewSpanID() throws {
        let provider = TracerProvider(
            resource: .empty, sampler: .alwaysOn, limits: SpanLimits(), processors: [.simple(InMemorySpanExporter())], idGenerator: nil,
            clock: .system)
        let context = single.extract(from: ["b3": "\(Self.trace)-\(Self.span)-1"], into: .root)
        let span = provider.tracer(InstrumentationScope(name: "server")).startSpan("request", kind: .server, parent: context)
        #expect(span.context.traceID.description == Self.trace && span.context.spanID.description != Self.span)
        #expect(span.context.isSampled && !span.context.isRemote)
    }

    @Test func debugFlagImpliesSampledAndIsPropagated() {
        let headers: [[String: String]] = [
            ["b3": "\(Self.trace)-\(Self.span)-d"],
            ["x-b3-traceid": Self.trace, "x-b3-spanid": Self.span, "x-b3-flags": "1"],
            ["x-b3-traceid": Self.trace, "x-b3-spanid": Self.span, "x-b3-flags": "1", "x-b3-sampled": "0"],
        ]
        for headers in headers {
            let context = single.extract(from: headers, into: .root)
            #expect(context.spanContext.isSampled)
            // A child's identity takes the place of the caller's; the flag stays.
            let child = SpanContext(traceID: context.spanContext.traceID, spanID: SpanID(7), flags: .sampled)
            let inner = context.with(spanContext: child)
            #expect(injected(inner, single) == ["b3": "\(Self.trace)-0000000000000007-d"])
            #expect(injected(inner, multi) == ["x-b3-traceid": Self.trace, "x-b3-spanid": "0000000000000007", "x-b3-flags": "1"])
        }
    }

    @Test func debugFlagIsClearedByTraceWithoutIt() {
        let debugged = single.extract(from: ["b3": "\(Self.trace)-\(Self.span)-d"], into: .root)
        let next = single.extract(from: ["b3": "\(Self.trace)-\(Self.span)-1"], into: debugged)
        #expect(injected(next, single) == ["b3": "\(Self.trace)-\(Self.span)-1"])
    }

    @Test func flagsOtherThanDebugAreIgnored() {
        for flags in ["", "0", "2", "true"] {
            let context = single.extract(
                from: ["x-b3-traceid": Self.trace, "x-b3-spanid": Self.span, "x-b3-flags": flags], into: .root)
            #expect(context.spanContext.isValid && !context.spanContext.isSampled && !context.isDebugged)
        }
    }

    @Test func traceIDOf64BitsIsLeftPadded() {
        let short = "48485a3953bb6124"
        let padded = "0000000000000000" + short
        #expect(extracted(["b3": "\(short)-\(Self.span)-1"]).traceID.description == padded)
        #expect(extracted(["x-b3-traceid": short, "x-b3-spanid": Self.span]).traceID.description == padded)
        let context = single.extract(from: ["b3": "\(short)-\(Self.span)-1"], into: .root)
        #expect(injected(context, single)["b3"] == "\(padded)-\(Self.span)-1")
        #expect(injected(context, multi)["x-b3-traceid"] == padded)
    }

    @Test func decisionWithoutIdentifiersLeavesContextUnchanged() {
        let before = Context.root.with(spanContext: SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(3)))
        for header in ["0", "1", "d"] {
            #expect(single.extract(from: ["b3": header], into: before).node === before.node)
            #expect(single.extract(from: Self.multiHeaders.merging(["b3": header]) { $1 }, into: before).node === before.node)
        }
        #expect(single.extract(from: ["x-b3-sampled": "0"], into: before).node === before.node)
    }

    @Test(arguments: ["true", "TRUE", "1", " 1 "])
    func sampledHeaderAcceptsTrue(text: String) {
        #expect(extracted(["x-b3-traceid": Self.trace, "x-b3-spanid": Self.span, "x-b3-sampled": text]).isSampled)
    }

    @Test(arguments: [
        "", "-", "--", "x", "2", "\(trace)", "\(trace)-", "\(trace)-\(span)-", "\(trace)-\(span)-2", "\(trace)-\(span)-true",
        "\(trace)-\(span)-1-", "\(trace)-\(span)-1-\(parent)-", "\(trace)-\(span)-1-x", "\(trace)-\(span)-11", "-\(span)-1",
        "00000000000000000000000000000000-\(span)-1", "0000000000000000-\(span)-1", "\(trace)-0000000000000000-1",
        "80F198EE56343BA864FE8B2A57D3EFF7-\(span)-1", "\(trace)-E457B5A2E4D86BD1-1", "\(trace)0-\(span)-1", "0\(span)-\(span)-1",
        "\(trace)-\(span)0-1", "\(trace) -\(span)-1", "g0f198ee56343ba864fe8b2a57d3eff7-\(span)-1", "é-\(span)-1",
    ])
    func malformedHeaderLeavesContextUnchanged(header: String) {
        let before = Context.root.with(spanContext: SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(3)))
        #expect(single.extract(from: ["b3": header], into: before).node === before.node)
    }

    @Test func missingOrMalformedIdentifiersLeaveContextUnchanged() {
        for headers in [
            [:], ["x-b3-traceid": Self.trace], ["x-b3-spanid": Self.span], ["x-b3-traceid": Self.trace, "x-b3-spanid": ""],
            ["x-b3-traceid": "0000000000000000", "x-b3-spanid": Self.span], ["x-b3-traceid": "x", "x-b3-spanid": Self.span],
        ] {
            #expect(multi.extract(from: headers, into: .root).node == nil)
        }
    }

    @Test func fieldsListsInjectedHeaders() {
        #expect(single.fields == ["b3"])
        #expect(multi.fields == ["x-b3-traceid", "x-b3-spanid", "x-b3-sampled", "x-b3-flags"])
        #expect(injected(.root, single).isEmpty && injected(.root, multi).isEmpty)
    }

    @Test func randomHeadersNeverTrapAndRoundTrip() {
        var random = SplitMix64(seed: 11)
        for round in 0..<20_000 {
            let original = Array("\(Self.trace)-\(Self.span)-1-\(Self.parent)".utf8)
            let bytes = round % 4 == 0 ? random.bytes(upTo: 60) : random.damaged(original)
            let context = single.extract(from: ["b3": String(decoding: bytes, as: UTF8.self)], into: .root)
            guard context.spanContext.isValid else { continue }
            for propagator in [single, multi]
            where single.extract(from: injected(context, propagator), into: .root).spanContext
                != context.spanContext
            {
                Issue.record("Read differently after being written: \(bytes)")
            }
        }
    }
}
