// What a configuration says of instrumentation reaches the helpers.

import Testing

@testable import Telemetry

@Suite(.serialized) struct ConfiguredInstrumentationTests {
    /// Exporters that keep what they get, registered as `memory`.
    private struct Memory {
        let spans = InMemorySpanExporter()
        let metrics = InMemoryMetricExporter()
        var components = ComponentProviders()

        init() throws {
            let (spans, metrics) = (spans, metrics)
            try components.register(spanExporter: "memory") { _ in spans }
            try components.register(metricExporter: "memory") { _ in metrics }
        }

        /// Starts telemetry whose configuration has these settings of instrumentation, lets a closure record, and shuts it down.
        func run(
            _ instrumentation: String, environment: [String: String] = [:], _ record: (TelemetrySystem) async throws -> Void
        ) async throws {
            let text = """
                {"file_format": "1.1", "instrumentation/development": \(instrumentation),
                 "tracer_provider": {"processors": [{"simple": {"exporter": {"memory": {}}}}]},
                 "meter_provider": {"readers": [{"periodic": {"exporter": {"memory": {}}}}]}}
                """
            let configuration = try TelemetryConfiguration.parse(text, format: .json, environment: environment)
            let telemetry = try TelemetrySystem.start(configuration: configuration, components: components, environment: environment)
            try await record(telemetry)
            await telemetry.shutdown(within: .seconds(60))
        }

        func attributes(_ name: String) throws -> Attributes {
            try #require(spans.finishedSpans.first { $0.name == name }, "\(spans.finishedSpans.map(\.name))").attributes
        }

        var metricNames: [String] { metrics.batches.last?.metrics.map(\.name).sorted() ?? [] }
    }

    private static let headers: [String: [String]] = [
        "x-request-id": ["a"], "accept": ["text/html", "*/*"], "etag": ["e"], "content-type": ["text/plain"], "host": ["shop"],
        "x-forwarded-for": ["203.0.113.9"], "content-length": ["12"],
    ]

    /// Records a request that is answered, one that is sent, and an operation of a database.
    private static func record(_ telemetry: TelemetrySystem) {
        let (tracer, meter) = (telemetry.tracer("t"), telemetry.meter("m"))
        let request = HTTPServerRequest(
            method: "REPORT", target: "/albums?sig=1&token=2", peerAddress: "10.0.0.1", route: "/albums", headers: { headers[$0] ?? [] })
        let server = tracer.startHTTPServerSpan(request, parent: .root, metrics: HTTPServerMetrics(meter))
        server.finish(statusCode: 200) { headers[$0] ?? [] }
        let sent = HTTPClientRequest(method: "PROPFIND", url: "http://shop:80/albums?sig=1&token=2", headers: { headers[$0] ?? [] })
        tracer.startHTTPClientSpan(sent, parent: .root, metrics: HTTPClientMetrics(meter)).finish(statusCode: 200) { headers[$0] ?? [] }
        let operation = DatabaseOperation("SELECT", collectionName: "albums", at: DatabaseEndpoint(.postgresql))
        tracer.startDatabaseClientSpan(operation, parent: .root, metrics: DatabaseClientMetrics(meter)).finish(returnedRows: 3)
    }

    @Test func headersMethodsAndQueryParametersApplyToEachSide() async throws {
        let memory = try Memory()
        let general = """
            {"general": {"http": {
                "client": {"request_captured_headers": ["Accept"], "response_captured_headers": ["ETag"], "known_methods": ["PROPFIND"]},
                "server": {"request_captured_headers": ["X-Request-ID", "X-None"], "response_captured_headers": ["Content-Type"],
                           "known_methods": ["REPORT"]}},
             "sanitization": {"url": {"sensitive_query_parameters": ["token"]}}}}
            """
        try await memory.run(general) { Self.record($0) }
        let server = try memory.attributes("REPORT /albums")
        #expect(server["http.request.method"] == "REPORT" && server["url.query"] == "sig=1&token=REDACTED")
        #expect(server["http.request.header.x-request-id"] == ["a"] && server["http.response.header.content-type"] == ["text/plain"])
        #expect(server["http.request.header.accept"] == nil && server["http.response.header.etag"] == nil)
        #expect(server["client.address"] == "203.0.113.9")
        let client = try memory.attributes("PROPFIND")
        #expect(client["http.request.header.accept"] == ["text/html", "*/*"] && client["http.response.header.etag"] == ["e"])
        #expect(client["http.request.header.x-request-id"] == nil && client["http.response.header.content-type"] == nil)
        #expect(client["url.full"] == "http://shop:80/albums?sig=1&token=REDACTED")
        #expect(
            memory.metricNames == [
                "db.client.operation.duration", "http.client.request.duration", "http.server.request.duration",
            ])
    }

    @Test func withoutSettingsTheDefaultsOfTheConventionsApply() async throws {
        let memory = try Memory()
        // No variable counts besides a configuration.
        let variables = ["OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS": "REPORT,PROPFIND"]
        try await memory.run("{}", environment: variables) { Self.record($0) }
        let server = try memory.attributes("HTTP /albums")
        #expect(server["http.request.method"] == "_OTHER" && server["http.request.method_original"] == "REPORT")
        #expect(server["url.query"] == "sig=REDACTED&token=2" && server["http.request.header.accept"] == nil)
        #expect(try memory.attributes("HTTP")["http.request.method_original"] == "PROPFIND")
    }

    @Test func experimentalConventionsAddTheMetricsInDevelopment() async throws {
        let memory = try Memory()
        let general = """
            {"general": {"http": {"semconv": {"experimental": true}}, "db": {"semconv": {"version": 1, "experimental": true}}}}
            """
        try await memory.run(general) { Self.record($0) }
        #expect(
            memory.metricNames == [
                "db.client.operation.duration", "db.client.response.returned_rows", "http.client.active_requests",
                "http.client.request.body.size", "http.client.request.duration", "http.client.response.body.size",
                "http.server.active_requests", "http.server.request.body.size", "http.server.request.duration",
                "http.server.response.body.size",
            ])
    }

    @Test func settingsOfTheHelpersApplyAndBeatExperimentalOnes() async throws {
        let memory = try Memory()
        let own = """
            {"general": {"http": {"semconv": {"experimental": true}}, "db": {"semconv": {"experimental": true}}},
             "swift": {"swift-telemetry": {"trust_forwarded_headers": false, "http_server_metrics": ["active_requests"],
                "http_client_metrics": [], "database_returned_rows": false}}}
            """
        try await memory.run(own) { Self.record($0) }
        #expect(try memory.attributes("HTTP /albums")["client.address"] == "10.0.0.1")
        #expect(
            memory.metricNames == [
                "db.client.operation.duration", "http.client.request.duration", "http.server.active_requests",
                "http.server.request.duration",
            ])
    }

    @Test(arguments: [("{}", false), (#"{"swift": {"swift-telemetry": {"gen_ai_messages": true}}}"#, true)])
    func messagesOfModelsAreRecordedWhereTheConfigurationAsksForThem(instrumentation: String, areRecorded: Bool) async throws {
        let memory = try Memory()
        let variables = ["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": areRecorded ? "false" : "true"]
        try await memory.run(instrumentation, environment: variables) { telemetry in
            let tracer = telemetry.tracer("t")
            func chat(_ model: String) -> GenAIOperation { GenAIOperation(.chat, provider: .openAI, model: model) }
            for span in [
                tracer.startGenAISpan(chat("by default")), tracer.startGenAISpan(chat("as configured"), contents: .standard),
                tracer.startGenAISpan(chat("switched off"), contents: .none),
                tracer.startGenAISpan(chat("switched on"), contents: .onSpans),
            ] {
                span.setSystemInstructions("Be brief.")
                span.finish()
            }
            await tracer.withGenAISpan(chat("off around"), contents: .none) { $0.setSystemInstructions("Be brief.") }
        }
        func instructions(_ model: String) throws -> AttributeValue? {
            try memory.attributes("chat \(model)")["gen_ai.system_instructions"]
        }
        #expect(try instructions("by default") == (areRecorded ? "Be brief." : nil))
        #expect(try instructions("as configured") == (areRecorded ? "Be brief." : nil))
        #expect(try instructions("switched off") == nil && instructions("off around") == nil, "Code beats the configuration.")
        #expect(try instructions("switched on") == "Be brief.", "Code beats the configuration.")
    }

    @Test func conventionsOfCodeBeatTheConfiguration() async throws {
        let memory = try Memory()
        let general = #"{"general": {"http": {"server": {"request_captured_headers": ["accept"]}}}}"#
        try await memory.run(general) { telemetry in
            let tracer = telemetry.tracer("t")
            #expect(tracer.httpServerConventions.recordedRequestHeaders == ["accept"])
            #expect(tracer.httpClientConventions.recordedRequestHeaders.isEmpty)
            let request = HTTPServerRequest(method: "GET", target: "/", route: "/", headers: { Self.headers[$0] ?? [] })
            tracer.startHTTPServerSpan(request, parent: .root, conventions: HTTPConventions(recordedRequestHeaders: ["etag"]))
                .finish(statusCode: 200)
        }
        let span = try memory.attributes("GET /")
        #expect(span["http.request.header.etag"] == ["e"] && span["http.request.header.accept"] == nil)
    }

    @Test func variablesOfTheStartReachTheHelpersWithoutAConfiguration() async throws {
        let spans = InMemorySpanExporter()
        let variables = [
            "OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS": "REPORT", "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "true",
        ]
        let telemetry = try TelemetrySystem.start(
            detectors: [], spans: [.simple(spans)], metrics: [], logs: [], environment: variables)
        #expect(telemetry.instrumentation == .init())
        let tracer = telemetry.tracer("t")
        tracer.startHTTPServerSpan(HTTPServerRequest(method: "REPORT", target: "/"), parent: .root).finish(statusCode: 200)
        #expect(tracer.startGenAISpan(GenAIOperation(.chat, provider: .openAI)).recordsContents)
        await telemetry.shutdown(within: .seconds(60))
        #expect(spans.finishedSpans.first?.name == "REPORT")
    }

    @Test func librariesReadTheirSettings() async throws {
        let memory = try Memory()
        try await memory.run(#"{"swift": {"queue": {"batch": 5}}, "go": {"queue": {"batch": 6}}}"#) { telemetry in
            let library = telemetry.instrumentation.library("queue")
            let batch = try library.integer("batch")
            #expect(batch == 5)
            #expect(throws: ConfigurationError.self) { try library.text("batch") }
        }
    }

    /// Conventions that are not recorded are warned of, and the telemetry starts all the same.
    private static let unknown: [(String, String, [String])] = [
        (#"{"http": {"semconv": {"version": 2}}}"#, "http.semconv.version", ["there is no version 2 here; version 1 is recorded"]),
        (
            #"{"db": {"semconv": {"version": 1, "dual_emit": true}}}"#, "db.semconv.dual_emit",
            ["the version before is not recorded beside it; version 1 is recorded"]
        ),
        (
            #"{"gen_ai": {"semconv": {"version": 1}}}"#, "gen_ai.semconv.version",
            ["there is no version 1 here; no version is stable yet, and the conventions in development are recorded"]
        ),
        (
            #"{"stability_opt_in_list": "http, database/dup,,htp"}"#, "stability_opt_in_list",
            [
                "\"database/dup\": the version before is not recorded beside it; version 1 is recorded",
                "\"htp\" is unknown, and has no effect; expected http, code, rpc, messaging, database, gen_ai_latest_experimental",
            ]
        ),
        // A domain of its own beats the list.
        (#"{"http": {"semconv": {"version": 1}}, "stability_opt_in_list": "http/dup"}"#, "", []),
        (#"{"http": {"semconv": {"version": 1}}, "code": {"semconv": {"version": 1}}, "rpc": {"semconv": {}}}"#, "", []),
    ]

    @Test(arguments: unknown.indices) func conventionsThatAreNotRecordedAreWarnedOf(row: Int) throws {
        let (general, property, messages) = Self.unknown[row]
        let text = "{\"file_format\": \"1.1\",\n\"instrumentation/development\": {\"general\": \(general)}}"
        let review = try TelemetryConfiguration.parse(text, format: .json, environment: [:]).review()
        #expect(review.errors.isEmpty && review.warnings.map(\.message) == messages, "\(review.warnings)")
        #expect(review.warnings.allSatisfy { $0.property == "instrumentation/development.general.\(property)" && $0.line == 2 })
    }

    @Test func summaryShowsWhatDiffersFromTheDefaults() throws {
        let text = """
            {"file_format": "1.1", "instrumentation/development": {
             "general": {"http": {"semconv": {"experimental": true}, "server": {"request_captured_headers": ["Accept"], "known_methods": []},
                                  "client": {"response_captured_headers": ["ETag"], "known_methods": ["GET", "PUT"]}},
                         "db": {"semconv": {"experimental": true}}, "sanitization": {"url": {"sensitive_query_parameters": []}}},
             "swift": {"queue": {"a": 1}, "swift-telemetry": {"gen_ai_messages": true, "trust_forwarded_headers": false,
                       "http_client_metrics": ["scheme"]}}}}
            """
        let summary = try TelemetryConfiguration.parse(text, format: .json, environment: [:]).summary(width: 200)
        let lines = summary.split(separator: "\n").suffix(6)
        #expect(
            lines == [
                "http server   request headers Accept, no method is known, metrics active_requests request_body_size response_body_size, "
                    + "forwarded headers are not trusted",
                "http client   response headers ETag, methods GET PUT, metrics scheme", "urls          no query parameter is redacted",
                "databases     returned rows are counted", "models        messages are recorded", "libraries     settings for queue",
            ])
        let plain = try TelemetryConfiguration.parse("{\"file_format\": \"1.1\"}", format: .json, environment: [:]).summary()
        #expect(!plain.contains("http "))
    }
}
