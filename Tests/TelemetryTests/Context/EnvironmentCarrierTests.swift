// Names of variables, and propagation through the environment of a process.

import Testing

@testable import Telemetry

struct EnvironmentCarrierTests {
    private static let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    private let propagator: any Propagator = .composite([.traceContext, .baggage])

    @Test(arguments: [
        ("traceparent", "TRACEPARENT"), ("x-b3-traceid", "X_B3_TRACEID"), ("b3", "B3"), ("", "_"), ("1a", "_1A"), ("_a", "_A"),
        ("A.b c", "A_B_C"), ("é", "_"), ("naïve", "NA_VE"), ("a=b", "A_B"), ("9", "_9"), ("ALREADY_1", "ALREADY_1"), ("\u{0}", "_"),
        ("-", "_"),
    ])
    func nameIsNormalized(name: String, expected: String) {
        #expect(EnvironmentCarrier.normalized(name) == expected)
        #expect(EnvironmentCarrier.normalized(expected) == expected)
    }

    @Test func onlyNormalizedNamesAreAccessible() {
        var carrier = EnvironmentCarrier(["x-b3-traceid": "1", "traceparent": "2", "TRACEPARENT": "3", "": "4", "1A": "5", "_1A": "6"])
        #expect(carrier.value(for: "x-b3-traceid") == nil)
        #expect(carrier.value(for: "traceparent") == "3" && carrier.value(for: "TraceParent") == "3" && carrier.value(for: "1a") == "6")
        #expect(carrier.value(for: "") == nil)
        #expect(carrier.names == ["TRACEPARENT", "_1A"])
        carrier.setValue("7", for: "x-b3-traceid")
        carrier.setValue("8", for: "")
        #expect(carrier.variables["X_B3_TRACEID"] == "7" && carrier.variables["x-b3-traceid"] == "1")
        #expect(carrier.variables["_"] == "8" && carrier.variables[""] == "4")
    }

    @Test func valuesAreCarriedUnchanged() {
        var carrier = EnvironmentCarrier()
        for value in ["", " x ", "a=b;c,d", "ü\n"] {
            carrier.setValue(value, for: "any")
            #expect(carrier.value(for: "any") == value && carrier.values(for: "any") == [value])
        }
    }

    @Test func contextPropagatesThroughEnvironment() {
        let context = propagator.extract(from: ["traceparent": Self.parent, "tracestate": "a=1", "baggage": "user=ada"], into: .root)
        var child = EnvironmentCarrier(["PATH": "/bin"])
        propagator.inject(context, into: &child)
        #expect(child.variables == ["PATH": "/bin", "TRACEPARENT": Self.parent, "TRACESTATE": "a=1", "BAGGAGE": "user=ada"])
        let received = propagator.extract(from: child, into: .root)
        #expect(received.spanContext == context.spanContext && received.baggage == context.baggage)
        var zipkin = EnvironmentCarrier()
        B3Propagator(.multi).inject(context, into: &zipkin)
        #expect(B3Propagator().extract(from: zipkin, into: .root).spanContext.traceID == context.spanContext.traceID)
    }

    @Test func processCarrierIsCopy() {
        var carrier = EnvironmentCarrier.process
        #expect(carrier.value(for: "PATH") == ProcessInformation.environmentVariable("PATH") && carrier.value(for: "PATH") != nil)
        carrier.setValue("changed", for: "PATH")
        #expect(EnvironmentCarrier.process.value(for: "PATH") != "changed")
    }
}
