// A running system uses what its configuration names, and not its neighbour.

import Testing

@testable import Telemetry

@Suite(.enabled(if: ConfigurationTexts.hasYAML, "libyaml is installed."))
struct ConfiguredSelectionTests {
    private func parsed(_ lines: String) throws -> TelemetryConfiguration {
        try TelemetryConfiguration.parse("file_format: \"1.1\"\n" + lines, format: .yaml, environment: [:])
    }

    @Test(arguments: [("b3", ["b3"]), ("b3multi", ["x-b3-traceid"]), ("xray", ["x-amzn-trace-id"]), ("jaeger", ["uber-trace-id"])])
    func propagatorHasTheFieldsOfItsName(name: String, fields: [String]) async throws {
        let telemetry = try TelemetrySystem.start(configuration: parsed("propagator: {composite: [{\(name): }]}\n"), environment: [:])
        #expect(
            fields.allSatisfy { telemetry.propagator.fields.contains($0) } && telemetry.propagator.fields.contains("b3") == (name == "b3"))
        await telemetry.shutdown(within: .seconds(60))
    }

    @Test func emptyNamesInAListOfPropagatorsAreNone() throws {
        #expect(try parsed("propagator: {composite_list: \"tracecontext, ,\"}\n").review().warnings.isEmpty)
        #expect(try parsed("propagator: {composite_list: \"tracecontext,x\"}\n").review().warnings.count == 1)
    }

    @Test(arguments: ["remote_parent_sampled", "remote_parent_not_sampled", "local_parent_sampled", "local_parent_not_sampled"])
    func samplerOfAParentIsThatOfItsKind(kind: String) async throws {
        // The one of this kind decides otherwise than all others.
        let others = ["remote_parent_sampled", "remote_parent_not_sampled", "local_parent_sampled", "local_parent_not_sampled"]
            .map { "\($0): {\($0 == kind ? "always_on" : "always_off"): }" }
        let telemetry = try TelemetrySystem.start(
            configuration: parsed(
                "tracer_provider: {processors: [{simple: {exporter: {console: }}}], sampler: {parent_based: {\(others.joined(separator: ", "))}}}\n"
            ), environment: [:])
        for (name, isRemote, isSampled) in [
            ("remote_parent_sampled", true, true), ("remote_parent_not_sampled", true, false), ("local_parent_sampled", false, true),
            ("local_parent_not_sampled", false, false),
        ] {
            let parent = SpanContext(
                traceID: TraceID(high: 1, low: 2), spanID: SpanID(3), flags: isSampled ? .sampled : [], isRemote: isRemote)
            let span = telemetry.tracer("a").startSpan("a", parent: Context.root.with(spanContext: parent))
            #expect(span.isRecording == (name == kind))
        }
        await telemetry.shutdown(within: .seconds(60))
    }
}
