// Trace context in the attributes and headers of messages.

import Testing

@testable import Telemetry

struct MessageCarrierTests {
    private static let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    private let propagator = W3CTraceContextPropagator()

    @Test func typedAttributesCarryTheContextAsStrings() {
        let context = propagator.extract(from: ["traceparent": Self.parent, "tracestate": "a=1"], into: .root)
        var attributes = TypedMessageAttributes(["kind": .init(type: "Number", "7")])
        propagator.inject(context, into: &attributes)
        #expect(attributes.values["traceparent"] == .init(Self.parent) && attributes.values["tracestate"] == .init("a=1"))
        #expect(attributes.names == ["traceparent", "tracestate"], "A number is nothing that a propagator reads.")
        #expect(propagator.extract(from: attributes, into: .root).spanContext == context.spanContext)
    }

    @Test func typedAttributesAreFoundInAnyCase() {
        var attributes = TypedMessageAttributes(["TraceParent": .init(Self.parent)])
        #expect(propagator.extract(from: attributes, into: .root).spanContext.isValid)
        attributes.setValue("x", for: "traceparent")
        #expect(attributes.values == ["traceparent": .init("x")])
    }

    @Test func typedAttributeOfAnotherTypeIsNotRead() {
        let attributes = TypedMessageAttributes(["traceparent": .init(type: "Binary", Self.parent)])
        #expect(attributes.value(for: "traceparent") == nil)
        #expect(!propagator.extract(from: attributes, into: .root).spanContext.isValid)
    }

    @Test func fullTypedAttributesAreLeftAloneAndWhatIsOmittedIsCounted() {
        let values = (1...10).map { ("a\($0)", TypedMessageAttributes.Value("v")) }
        var attributes = TypedMessageAttributes(Dictionary(uniqueKeysWithValues: values))
        attributes.setValue("x", for: "traceparent")
        #expect(attributes.values.count == 10 && attributes.value(for: "traceparent") == nil && attributes.omittedCount == 1)
        attributes.setValue("x", for: "a1")
        #expect(attributes.value(for: "a1") == "x" && attributes.omittedCount == 1)
    }

    @Test func byteHeadersCarryTheContextAsUTF8() {
        let context = propagator.extract(from: ["traceparent": Self.parent], into: .root)
        var headers = ByteMessageHeaders([.init(name: "id", bytes: [0xFF]), .init(name: "TRACEPARENT", bytes: [0x30])])
        propagator.inject(context, into: &headers)
        #expect(headers.headers == [.init(name: "id", bytes: [0xFF]), .init(name: "traceparent", bytes: Array(Self.parent.utf8))])
        #expect(propagator.extract(from: headers, into: .root).spanContext == context.spanContext)
        #expect(headers.value(for: "id") == nil && headers.names == ["id", "traceparent"])
    }

    @Test func lastByteHeaderOfOneNameCounts() {
        let headers = ByteMessageHeaders([
            .init(name: "k", bytes: [0x31]), .init(name: "K", bytes: [0x32]), .init(name: "k", bytes: [0xFF]),
        ])
        #expect(headers.values(for: "k") == ["2"] && headers.value(for: "k") == "2" && headers.value(for: "n") == nil)
        // OpenTelemetry's instrumentation of confluent-kafka appends to the headers of a message that is passed on.
        let first = "00-00000000000000000000000000000001-0000000000000002-01"
        let passedOn = ByteMessageHeaders([first, Self.parent].map { .init(name: "traceparent", bytes: Array($0.utf8)) })
        let expected = propagator.extract(from: ["traceparent": Self.parent], into: .root).spanContext
        #expect(expected.isValid && propagator.extract(from: passedOn, into: .root).spanContext == expected)
    }
}
