// Files as other SDKs and their documents write them are read, also where they leave the schema.

import Testing

@testable import Telemetry

@Suite(.enabled(if: ConfigurationTexts.hasYAML, "libyaml is installed."))
struct ForeignConfigurationTests {
    private func parsed(_ text: String) throws -> TelemetryConfiguration {
        try TelemetryConfiguration.parse(text, format: .yaml, name: "otel.yaml", environment: [:])
    }

    /// The Java agent's generated example has an empty list for each property that a user may fill.
    @Test func emptyListsOfCapturedHeadersCaptureNone() throws {
        let text = """
            file_format: '1.0'
            instrumentation/development:
              general:
                http:
                  client:
                    request_captured_headers: []
                    response_captured_headers: []
                  server:
                    request_captured_headers: []
                    response_captured_headers: [etag]
              java:
                common:
                  span_suppression_strategy: semconv
            """
        let configuration = try parsed(text)
        #expect(configuration.instrumentation.httpClient == .init() && configuration.warnings.isEmpty)
        #expect(configuration.instrumentation.httpServer == .init(responseHeaders: ["etag"]))
    }

    /// The examples of .NET's instrumentation have mappings for what is a list in the schema.
    @Test func mappingsOfPropagatorsAndDetectorsAreReadAsListsAndWarnedOf() throws {
        let text = """
            file_format: "1.0"
            propagator:
              composite:
                tracecontext: # W3C Trace Context
                b3multi:
            resource:
              detection/development:
                detectors:
                  host:
                  mine: {share: 0.5}
            """
        let configuration = try parsed(text)
        #expect(configuration.propagator.composite.map(\.name) == ["tracecontext", "b3multi"])
        #expect(configuration.resource.detectors.map(\.name) == ["host", "mine"])
        #expect(try configuration.resource.detectors[1].properties.number("share") == 0.5)
        let places = configuration.warnings.map { "\($0.property):\($0.line ?? 0):\($0.column ?? 0)" }
        #expect(places.sorted() == ["propagator.composite:4:5", "resource.detection/development.detectors:9:7"])
        #expect(configuration.warnings.first?.message.hasPrefix("a mapping counts as the list of its members; expected a list of") == true)
        // What is wrong in a member keeps its place.
        let error = #expect(throws: ConfigurationError.self) {
            try parsed("file_format: \"1.0\"\npropagator:\n  composite:\n    tracecontext: {a: 1}\n")
        }
        #expect(error?.problems.map(\.line) == [4] && error?.problems.first?.message.contains("\"a\" is unknown") == true)
        let unknown = try parsed("file_format: \"1.0\"\npropagator:\n  composite:\n    tracecontext:\n    trasecontext:\n").review()
        #expect(unknown.errors.map(\.line) == [5] && unknown.errors.first?.message.contains("did you mean \"tracecontext\"?") == true)
    }

    @Test func emptyListOfPropagatorsPropagatesNothing() throws {
        let configuration = try parsed("file_format: \"1.0\"\npropagator: {composite: []}\n")
        #expect(configuration.propagator == .init() && configuration.review().errors.isEmpty)
    }

    @Test func thirdNumberOfTheVersionIsIgnored() throws {
        #expect(try parsed("file_format: \"1.0.0\"\n").warnings.isEmpty)
        #expect(try parsed("file_format: \"1.1.7\"\n").fileFormat == "1.1.7")
        #expect(try parsed("file_format: \"1.9.0\"\n").warnings.count == 1)
    }

    /// PHP's and Go's readers know merge keys.
    @Test func mergedMembersCountWhereTheyAreNotThereThemselves() throws {
        let text = """
            file_format: "1.0"
            x-http: &http
              endpoint: http://a:1/v1/traces
              compression: gzip
              timeout: 70
            x-slow: &slow {timeout: 90, encoding: json}
            tracer_provider:
              processors:
                - simple:
                    exporter:
                      otlp_http:
                        <<: *http
                        endpoint: http://b:2/v1/traces
                - simple: {exporter: {otlp_http: {<<: [*slow, *http]}}}
                - simple: {exporter: {otlp_http: {"<<": 1}}}
            """
        let error = try #require(throws: ConfigurationError.self) { try parsed(text) }
        // In quotes it is a name as any other.
        #expect(error.problems.map(\.line) == [15] && error.problems[0].message.contains("\"<<\" is unknown"))
        let processors = try parsed(text.split(separator: "\n").dropLast().joined(separator: "\n")).tracerProvider?.processors
        var first = TelemetryConfiguration.OTLP(endpoint: "http://b:2/v1/traces")
        first.compression = .gzip
        first.timeout = .milliseconds(70)
        var second = TelemetryConfiguration.OTLP(encoding: .json, endpoint: "http://a:1/v1/traces")
        second.compression = .gzip
        second.timeout = .milliseconds(90)
        #expect(processors == [.simple(.otlp(first)), .simple(.otlp(second))])
    }

    @Test func memberOfItsOwnStandsForTheMergedOne() throws {
        let text = """
            file_format: "1.0"
            x-sampler: &sampler {always_on: }
            tracer_provider:
              processors: [{simple: {exporter: {console: }}}]
              sampler:
                <<: *sampler
                always_on:

            """
        #expect(try parsed(text).tracerProvider?.sampler == .alwaysOn, "There is one sampler, not two.")
    }

    @Test func mergedMembersAreCheckedAndBounded() throws {
        let unknown = "file_format: \"1.0\"\nx: &x {wrong: 1}\nresource: {<<: *x}\n"
        let error = #expect(throws: ConfigurationError.self) { try parsed(unknown) }
        #expect(error?.problems.map(\.line) == [2] && error?.problems.first?.message.contains("\"wrong\" is unknown") == true)
        // Each level repeats the one before ten times.
        var bomb = "file_format: \"1.0\"\na0: &a0 {x: 1}\n"
        for level in 1...9 {
            bomb += "a\(level): &a\(level) {<<: [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]}\n"
        }
        let bound = #expect(throws: ConfigurationError.self) { try parsed(bomb) }
        #expect(bound?.problems.first?.message.hasPrefix("the file has more than 100000 values") == true)
    }
}
