// The context that requests of services bring and take along.

import ExampleSupport
import Telemetry
import Testing

struct ServiceContextTests {
    private static let traceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    private func telemetry(_ propagators: [any Propagator]? = nil) throws -> ServiceTelemetry {
        let system = try TelemetrySystem.start(
            detectors: [], spans: [], propagators: propagators, metrics: [.prometheus(hasEndpoint: false)], logs: [], environment: [:])
        return ServiceTelemetry("test", system)
    }

    @Test func contextIsReadAndWrittenAsByThePropagatorsOfTheSystem() async throws {
        let telemetry = try telemetry()
        let requests: [HTTPHeaders] = [
            [:], ["traceparent": Self.traceParent], ["TraceParent": Self.traceParent, "tracestate": "a=1", "TRACESTATE": "b=2"],
            ["traceparent": Self.traceParent, "baggage": "user=1,plan=gold"], ["baggage": "user=1"], ["traceparent": "00-0-0-01"],
        ]
        for request in requests {
            let context = telemetry.extractContext(from: request)
            let expected = telemetry.propagator.extract(from: request, into: .root)
            #expect(context.spanContext == expected.spanContext && context.baggage == expected.baggage)
            var (written, expectedFields): (HTTPHeaders, HTTPHeaders) = ([:], [:])
            telemetry.injectContext(context, into: &written)
            telemetry.propagator.inject(expected, into: &expectedFields)
            #expect(written.map { "\($0.name): \($0.value)" } == expectedFields.map { "\($0.name): \($0.value)" })
        }
        #expect(telemetry.extractContext(from: requests[2]).spanContext.traceState.headerValue == "a=1,b=2")
        #expect(telemetry.extractContext(from: requests[3]).baggage["plan"] == "gold")
        _ = await telemetry.stop(within: .seconds(60))
    }

    @Test func otherPropagatorsReadAndWriteTheirOwnFields() async throws {
        let telemetry = try telemetry([.b3])
        let field = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1"
        #expect(!telemetry.extractContext(from: ["traceparent": Self.traceParent]).spanContext.isValid)
        let context = telemetry.extractContext(from: ["b3": field])
        #expect(context.spanContext.spanID.description == "b7ad6b7169203331")
        var written: HTTPHeaders = [:]
        telemetry.injectContext(context, into: &written)
        #expect(written["b3"] == field && written["traceparent"] == nil)
        _ = await telemetry.stop(within: .seconds(60))
    }
}
