// Trace requests with random damage.

import ExampleSupport
import Testing

@testable import Telemetry

struct TraceRequestDamageTests {
    /// Returns a request with a few spans that have every field.
    private static func request(_ random: inout SplitMix64) -> [UInt8] {
        let recording = Recording()
        for index in 0..<3 {
            let parent = index == 1 ? Context.root.with(spanContext: .madeUp(isRemote: true, traceState: "a=1,b=2")) : .root
            let span = recording.tracer.startSpan("span \(index)", kind: .client, parent: parent)
            for key in 0..<4 { span["key \(key)"] = .random(depth: 3, using: &random) }
            span.addEvent("event", ["value": AttributeValue.random(depth: 2, using: &random)])
            span.addLink(.madeUp(traceState: "c=3"), ["value": AttributeValue.random(depth: 2, using: &random)])
            span.setStatus(.error("broken"))
            span.end()
        }
        var scope = WireWriter()
        scope.field(1, text: "tests")
        scope.field(3, attributes: ["a": 1])
        var scopeSpans = WireWriter()
        scopeSpans.field(1, message: scope.bytes)
        for span in recording.spans { scopeSpans.field(2, message: span.withMessage { Array($0) }) }
        scopeSpans.field(3, text: "https://example.com/scope")
        var resource = WireWriter()
        resource.field(1, attributes: ["service.name": "tests"])
        var resourceSpans = WireWriter()
        resourceSpans.field(1, message: resource.bytes)
        resourceSpans.field(2, message: scopeSpans.bytes)
        var request = WireWriter()
        request.field(1, message: resourceSpans.bytes)
        return request.bytes
    }

    private static func readEverything(of span: ReadableSpan) -> Int {
        var sum = span.name.count + span.attributes.count + span.events.count + span.links.count
        // Damage may make the counts arbitrarily large.
        sum = sum &+ span.droppedAttributeCount &+ span.droppedEventCount &+ span.droppedLinkCount
        sum = sum &+ span.context.hashValue &+ span.parentContext.hashValue &+ span.status.hashValue &+ span.kind.hashValue
        return sum &+ span.duration.hashValue &+ span.instrumentationScope.hashValue &+ span.resource.hashValue
    }

    @Test func undamagedRequestIsDecoded() throws {
        var random = SplitMix64(seed: 51)
        let spans = try OTLPTraceRequest.decode(Self.request(&random))
        #expect(spans.map(\.name) == ["span 0", "span 1", "span 2"])
        #expect(spans.allSatisfy { $0.attributes.count == 4 && $0.events.count == 1 && $0.links.count == 1 })
        #expect(
            spans.allSatisfy { $0.instrumentationScope.name == "tests" && $0.instrumentationScope.schemaURL == "https://example.com/scope" }
        )
        #expect(spans.allSatisfy { $0.resource.attributes == ["service.name": "tests"] })
        #expect(spans[1].hasRemoteParent && spans[1].parentContext.isRemote)
    }

    @Test func damagedRequestGivesReadableSpansOrError() {
        var random = SplitMix64(seed: 52)
        var readable = 0
        for round in 0..<50 {
            let whole = Self.request(&random)
            for _ in 0..<500 {
                guard let spans = try? OTLPTraceRequest.decode(whole.damaged(using: &random)) else { continue }
                for span in spans { readable = readable &+ (Self.readEverything(of: span) == 0 ? 0 : 1) }
            }
            if round == 49 { #expect(readable > 0, "Some damage leaves a readable request.") }
        }
    }

    @Test func truncatedRequestIsRefused() {
        var random = SplitMix64(seed: 53)
        let whole = Self.request(&random)
        for count in whole.indices.dropFirst() {
            #expect(throws: WireError.truncated, "Cut after \(count) of \(whole.count) bytes.") {
                try OTLPTraceRequest.decode(Array(whole.prefix(count)))
            }
        }
    }
}
