// Propagators selected by the environment, and reports of unknown names.

import Testing

@testable import Telemetry

struct PropagatorSelectionTests {
    private func fields(_ value: String?) -> [String] {
        TracingEnvironment.propagator(EnvironmentReader(value.map { ["OTEL_PROPAGATORS": $0] } ?? [:])).fields
    }

    private static let standard = ["traceparent", "tracestate", "baggage"]
    private static let multi = ["x-b3-traceid", "x-b3-spanid", "x-b3-sampled", "x-b3-flags"]

    @Test func knownNamesSelectPropagators() {
        #expect(fields("tracecontext") == ["traceparent", "tracestate"] && fields("baggage") == ["baggage"])
        #expect(fields("b3") == ["b3"] && fields("b3multi") == Self.multi && fields("jaeger") == ["uber-trace-id"])
        #expect(fields("xray") == ["x-amzn-trace-id"] && fields("XRay,baggage") == ["x-amzn-trace-id", "baggage"])
        #expect(fields(" B3 , TraceContext,b3multi") == ["b3", "traceparent", "tracestate"] + Self.multi)
    }

    @Test func defaultPropagatorsAreTraceContextAndBaggage() {
        #expect(fields(nil) == Self.standard && fields("") == Self.standard && fields(" , ") == Self.standard)
    }

    @Test func noneDisablesPropagation() {
        #expect(fields("none").isEmpty && fields("None,tracecontext").isEmpty)
    }

    @Test func repeatedPropagatorNameIsUsedOnce() {
        let environment = EnvironmentReader(["OTEL_PROPAGATORS": "b3,B3,baggage,b3"])
        #expect(environment.words("OTEL_PROPAGATORS") == ["b3", "baggage"])
        #expect(fields("b3,B3,baggage,b3") == ["b3", "baggage"])
    }

    @Test func unknownPropagatorNamesAreIgnoredAndDefaultsApplyIfNoneIsLeft() {
        #expect(fields("skywalking,b3,ottrace") == ["b3"])
        #expect(fields("ottrace") == Self.standard)
        #expect(EnvironmentReader(["OTEL_PROPAGATORS": "XRay, b3,"]).words("OTEL_PROPAGATORS") == ["XRay", "b3"], "Reported as written.")
    }
}
