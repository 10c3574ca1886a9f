// What is wrong in a file is told with its place, all of it.

import Testing

@testable import Telemetry

@Suite(.enabled(if: ConfigurationTexts.hasYAML, "libyaml is installed."))
struct ConfigurationProblemTests {
    private func problems(
        _ text: String, _ format: TelemetryConfiguration.Format = .yaml, environment: [String: String] = [:]
    ) -> [ConfigurationProblem] {
        do throws(ConfigurationError) {
            _ = try TelemetryConfiguration.parse(text, format: format, name: "otel.yaml", environment: environment)
            return []
        } catch {
            return error.problems
        }
    }

    private func texts(_ text: String, _ format: TelemetryConfiguration.Format = .yaml) -> [String] {
        problems(text, format).map { $0.text(kind: "error") }
    }

    @Test func allProblemsAreToldInTheOrderOfTheirPlaces() {
        let text = """
            file_format: "1.1"
            log_level: verbose
            tracer_provider:
              processors:
                - batch:
                    shedule_delay: 100
                    max_queue_size: 0
                    exporter:
                      otlp_http:
                        timeout: "10"
                        tls: {ca_file: ca.pem}
                        compression: zip
              sampler:
                trace_id_ratio_based: {ratio: 1.5}
            meter_provider:
              views: []
            """
        let expected = [
            "otel.yaml:2:12: error: log_level: \"verbose\" is unknown; expected trace, debug, info, warn, error or fatal, or one of them with 2 to 4",
            "otel.yaml:6:9: error: tracer_provider.processors[0].batch: \"shedule_delay\" is unknown; did you mean \"schedule_delay\"?",
            "otel.yaml:7:25: error: tracer_provider.processors[0].batch.max_queue_size: 0 cannot be used; expected a whole number of items, from 1 to 1000000000, without quotes",
            "otel.yaml:10:22: error: tracer_provider.processors[0].batch.exporter.otlp_http.timeout: the text \"10\" cannot be used; expected a whole number of milliseconds, 0 or more, without quotes",
            "otel.yaml:11:28: error: tracer_provider.processors[0].batch.exporter.otlp_http.tls.ca_file: \"ca.pem\" is no absolute path; expected one that starts with /",
            "otel.yaml:12:26: error: tracer_provider.processors[0].batch.exporter.otlp_http.compression: the text \"zip\" cannot be used; expected one of: none, gzip, zstd",
            "otel.yaml:14:35: error: tracer_provider.sampler.trace_id_ratio_based.ratio: 1.5 cannot be used; expected a number from 0.0 to 1.0, without quotes",
            "otel.yaml:16:3: error: meter_provider: \"readers\" is missing; expected a list of metric readers with at least one",
            "otel.yaml:16:10: error: meter_provider.views: an empty list cannot be used; expected a list of views with selector and stream with at least one, or leave out the property",
        ]
        #expect(texts(text) == expected)
    }

    /// A fault, the place where it is told, and a part of the message.
    static let faults: [(String, Int, Int, String)] = [
        ("disabled: true\n", 1, 1, "\"file_format\" is missing"), ("file_format:\n", 1, 1, "has no value"),
        ("file_format: \"2.0\"\n", 1, 14, "expected \"1.0\" to \"1.2\""), ("file_format: \"1\"\n", 1, 14, "\"1\" cannot be read"),
        ("file_format: [1]\n", 1, 14, "a list cannot be used; expected a text"), ("- a\n", 1, 1, "expected a mapping"),
        ("", 1, 1, "the file is empty"),
        ("file_format: \"1.1\"\ndisabled: yes\n", 2, 11, "the text \"yes\" cannot be used; expected true or false"),
        ("file_format: \"1.1\"\na: b: c\n", 2, 5, "it is not YAML"), ("a: [1\n", 2, 1, "it is not YAML"),
        ("a: {b:}\n", 1, 6, "a key without a value needs a space after its colon"),
        ("file_format: \"1.1\"\nfile_format: \"1.0\"\n", 2, 1, "stands twice, first in line 1"),
        ("file_format: \"1.1\"\nresource: *there\n", 2, 11, "the alias *there refers to nothing"),
        ("file_format: \"1.1\"\nresource: !thing {}\n", 2, 11, "the tag <!thing> cannot be used"),
        ("file_format: \"1.1\"\ndisabled: !!int true\n", 2, 11, "the tag <tag:yaml.org,2002:int> cannot be used for this value"),
        ("file_format: \"1.1\"\n---\nfile_format: \"1.1\"\n", 2, 1, "a second document begins"),
        ("file_format: \"1.1\"\n? [a]\n: b\n", 2, 3, "a key must be a text"),
        ("file_format: \"1.1\"\ntracer_provider:\n", 2, 1, "has no value; expected a mapping"),
        ("file_format: \"1.1\"\ntracer_provider: {processors: [{batch: , simple: }]}\n", 2, 32, "has 2 members: batch, simple"),
        ("file_format: \"1.1\"\ntracer_provider: {processors: [{batch: {}}]}\n", 2, 40, "\"exporter\" is missing"),
        (
            "file_format: \"1.1\"\ntracer_provider: {processors: [{simple: {exporter: {}}}]}\n", 2, 52,
            "is empty; expected exactly one exporter"
        ),
        ("file_format: \"1.1\"\nresource: {attributes: [{name: a, value: 1}]}\n", 2, 42, "or say type: int"),
        ("file_format: \"1.1\"\nresource: {attributes: [{name: a, value: x, type: int}]}\n", 2, 42, "expected a whole number"),
        ("file_format: \"1.1\"\nresource: {attributes: [{name: a}]}\n", 2, 25, "\"value\" is missing"),
        ("file_format: \"1.1\"\nresource: {attributes_list: \"a=b,c\"}\n", 2, 29, "pair 2 after \"a\" has no equals sign"),
        ("file_format: \"1.1\"\nresource: {attributes: }\n", 2, 12, "expected a list of attributes"),
        ("file_format: \"1.1\"\nattribute_limits: {attribute_count_limit: -1}\n", 2, 43, "0 or more"),
        ("file_format: \"1.1\"\nattribute_limits: {attribute_count_limit: 99999999999999999999}\n", 2, 43, "0 or more"),
        ("file_format: \"1.1\"\npropagator: {composite: [{tracecontext: {a: 1}}]}\n", 2, 42, "\"a\" is unknown; known here: nothing"),
        ("file_format: \"1.1\"\ninstrumentation/development: []\n", 2, 30, "expected a mapping"),
        (
            "file_format: \"1.1\"\ntracer_provider: {processors: []}\n", 2, 31,
            "an empty list cannot be used; expected a list of span processors with at least one"
        ),
        ("file_format: \"1.1\"\ninstrumentation/development: {genaral: {}}\n", 2, 31, "did you mean \"general\"?"),
        ("file_format: \"1.1\"\ninstrumentation/development: {general: {htp: {}}}\n", 2, 41, "\"htp\" is unknown; did you mean \"http\"?"),
        ("file_format: \"1.1\"\ninstrumentation/development: {general: {db: {client: {}}}}\n", 2, 46, "\"client\" is unknown"),
        ("file_format: \"1.1\"\ninstrumentation/development: {general: {rpc: {semconv: {version: -1}}}}\n", 2, 66, "0 or more"),
        ("file_format: \"1.1\"\nresource: {<<: 5}\n", 2, 16, "5 cannot be merged; expected a mapping"),
        ("file_format: \"1.1\"\nresource: {<<: {}, <<: {}}\n", 2, 20, "\"<<\" stands twice, first in line 2"),
        ("file_format: \"1.1.x\"\n", 1, 14, "\"1.1.x\" cannot be read"), ("file_format: \"1.1.0.0\"\n", 1, 14, "cannot be read"),
        ("file_format: \"1.1\"\nlog_level: ${LEVEL:info}\n", 2, 12, "a default after :-, as in ${NAME}"),
        (
            "file_format: \"1.1\"\ninstrumentation/development: {general: {http: {client: {known_methods: [GET, \"P T\"]}}}}\n", 2, 78,
            "\"P T\" cannot be used"
        ),
        ("file_format: \"1.1\"\ninstrumentation/development: {java: {agent: 1}}\n", 2, 45, "1 cannot be used; expected a mapping"),
        (
            "file_format: \"1.1\"\ninstrumentation/development: {swift: {swift-telemetry: {http_server_metrics: [sizes]}}}\n", 2, 79,
            "\"sizes\" is unknown; expected active_requests, request_body_size"
        ),
        (
            "file_format: \"1.1\"\ninstrumentation/development: {swift: {swift-telemetry: {gen_ai_mesages: true}}}\n", 2, 57,
            "did you mean \"gen_ai_messages\"?"
        ),
        ("file_format: \"1.1\"\ndistribution: {swift-telemetry: {wach: true}}\n", 2, 34, "did you mean \"watch\"?"),
    ]

    @Test(arguments: faults.indices)
    func faultIsToldWithItsPlace(row: Int) throws {
        let (text, line, column, part) = Self.faults[row]
        let found = problems(text)
        let problem = try #require(found.first, "\(text)")
        #expect(found.count == 1 && problem.message.contains(part), "\(text)\(found)")
        #expect(problem.line == line && problem.column == column, "\(text)\(problem)")
    }

    /// Faults of a tracer provider, in lines from the sixth on.
    static let tracingFaults: [(String, String)] = [
        ("sampler: {parent_based: {root: {always_of: {a: }}, rot: }}", "parent_based: \"rot\" is unknown; did you mean \"root\"?"),
        ("sampler: {always_record: }", "always_record: has no value"), ("sampler: {always_on: {ratio: 1}}", "\"ratio\" is unknown"),
        ("sampler: {jaeger_remote/development: {endpoint: \"x:1\", initial_sampler: {always_on: }}}", "\"x:1\" is no URL"),
        ("sampler: {jaeger_remote/development: {endpoint: \"http://x:1\"}}", "\"initial_sampler\" is missing"),
        ("sampler: {composite/development: {sometimes: }}", "\"sometimes\" is unknown; expected always_on, always_off"),
        (
            "sampler: {composite/development: {rule_based: {rules: [{span_kinds: [klient], sampler: {always_on: }}]}}}",
            "\"klient\" is unknown"
        ),
        (
            "sampler: {composite/development: {rule_based: {rules: [{attribute_values: {key: a}, sampler: {always_on: }}]}}}",
            "\"values\" is missing"
        ),
        ("sampler: {composite/development: {rule_based: {rules: [{parent: [none]}]}}}", "\"sampler\" is missing"),
        ("limits: {event_count_limit: 1.5}", "1.5 cannot be used; expected a whole number"),
        ("tracer_configurator/development: {tracers: [{name: a}]}", "\"config\" is missing"), ("id_generator: {}", "is empty"),
    ]

    @Test(arguments: tracingFaults.indices)
    func faultOfTheTracerProviderIsTold(row: Int) {
        let (lines, part) = Self.tracingFaults[row]
        let found = problems(ConfigurationTexts.tracing(lines))
        #expect(found.count == 1 && found.first?.description.contains(part) == true, "\(lines): \(found)")
        #expect(found.first?.line == 6)
    }

    @Test(arguments: [
        ("otlp_http: {endpoint: \"localhost:4318\"}", "\"localhost:4318\" is no address; expected a URL with the path of the signal"),
        ("otlp_http: {endpoint: \"ftp://me:hidden@a\"}", "\"ftp://…@a\" is no address"), ("otlp_grpc: {endpoint: \"a/b\"}", "no address"),
        ("otlp_http: {encoding: xml}", "expected one of: protobuf, json"), ("otlp_grpc: {encoding: json}", "\"encoding\" is unknown"),
        ("otlp_http: {tls: {insecure: true}}", "\"insecure\" is unknown"), ("otlp_http: {max_response_size: 0}", "1 or more"),
        ("otlp_http: {headers: [{name: \"a b\", value: hidden}]}", "the header cannot be sent"),
        ("otlp_http: {headers: [{name: a, value: [hidden]}]}", "the value cannot be used"),
        ("otlp_http: {headers: \"a: hidden\"}", "a text cannot be used; expected a list"),
        ("otlp_http: {headers: [\"a: hidden\"]}", "a text cannot be used; expected a mapping"),
        ("otlp_http: {headers_list: hidden}", "pair 1 has no equals sign"), ("console: {color: true}", "\"color\" is unknown"),
        ("otlp_file/development: {output_stream: \"/var/log/a\"}", "expected stdout, or file:///"), ("mine: 1", "expected a mapping"),
    ])
    func faultOfAnExporterIsTold(exporter: String, part: String) {
        let found = problems(ConfigurationTexts.tracing("", exporter: exporter))
        #expect(found.count == 1 && found.first?.description.contains(part) == true, "\(found)")
        #expect(found.first?.line == 5 && !found.description.contains("hidden"))
    }

    @Test func placesInJSONAreTold() {
        #expect(
            texts("{\"file_format\": \"1.1\",\n \"é\": 1, \"log_level\": \"x\"}", .json).first?.hasPrefix(
                "otel.yaml:2:23: error: log_level: ") == true)
        #expect(
            texts("{\"file_format\": \"1.1\",\n  \"resource\": {\"a\": 1}}", .json) == [
                "otel.yaml:2:16: error: resource: \"a\" is unknown; known here: attributes, attributes_list, schema_url, detection/development"
            ])
        #expect(
            texts("{\"file_format\": \"1.1\",\n}", .json) == ["otel.yaml:2:1: error: it is not JSON: expecting a value after the comma"])
        #expect(
            texts("{\"file_format\": 1.1", .json) == [
                "otel.yaml:1:20: error: it is not JSON: expecting a comma or an end, but the file ends"
            ])
        #expect(
            texts("{\"a\": 1, \"a\": 2, \"file_format\": \"1.1\"}", .json).first?.contains("1:10: error: the key \"a\" stands twice")
                == true)
    }

    @Test func propertyWithoutAPlaceHasThatOfWhatContainsIt() {
        let place = ConfigurationPlace(line: 3, column: 5)
        let problems = ConfigurationProblems(file: "a", places: ["processors": place])
        #expect(problems.place(of: "processors[0].batch") == place && problems.place(of: "processor") == nil)
    }

    @Test func unknownTopLevelPropertyAndNewerMinorVersionAreWarnings() throws {
        let configuration = try TelemetryConfiguration.parse("file_format: \"1.9\"\nnew_thing: {a: 1}\n", format: .yaml, name: "a")
        #expect(configuration.warnings.count == 2)
        #expect(configuration.warnings[0].description.hasPrefix("a:1:14: file_format: \"1.9\" is newer than \"1.2\""))
        #expect(configuration.warnings[1].description.hasPrefix("a:2:1: \"new_thing\" is unknown"))
    }

    @Test func longPathsAndNamesAreCut() throws {
        var deep = "file_format: \"1.1\"\ninstrumentation/development:\n swift:\n"
        for level in 2...9 { deep += String(repeating: " ", count: level) + String(repeating: "k", count: 250) + ":\n" }
        let places = try #require(try TelemetryConfiguration.parse(deep, format: .yaml).source?.places)
        #expect(places.count > 3 && places.keys.allSatisfy { $0.utf8.count <= 1024 })
        let members = (1...12).map { "m\($0): " }.joined(separator: ", ")
        let wide = "file_format: \"1.1\"\ntracer_provider: {processors: [{\(members)}]}\n"
        #expect(problems(wide).first?.message.contains("has 12 members: m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, …;") == true)
    }

    @Test func boundsAreKept() {
        let deep = "file_format: \"1.1\"\nx: " + String(repeating: "[", count: 70) + String(repeating: "]", count: 70)
        #expect(problems(deep).first?.message == "values are nested in more than 64 levels")
        #expect(problems(String(repeating: "[", count: 100_000), .json).first?.message == "values are nested in more than 64 levels")
        // Aliases of aliases are nested too.
        var chain = "file_format: \"1.1\"\na0: &a0 [x]\n"
        for level in 1...3 {
            let (open, close) = (String(repeating: "[", count: 30), String(repeating: "]", count: 30))
            chain += "a\(level): &a\(level) \(open)*a\(level - 1)\(close)\n"
        }
        #expect(problems(chain).first?.message.hasPrefix("values are nested in more than 64 levels; aliases count") == true)
        let key = String(repeating: "k", count: 257)
        #expect(
            texts("file_format: \"1.1\"\n\(key): 1\n") == [
                "otel.yaml:2:1: error: the key \"kkkkkkkkkkkkkkkkkkkk…\" has more than 256 bytes"
            ])
        // Each level repeats the one before ten times.
        var bomb = "file_format: \"1.1\"\na0: &a0 [x]\n"
        for level in 1...9 { bomb += "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]\n" }
        #expect(problems(bomb).first?.message.hasPrefix("the file has more than 100000 values") == true)
        let large = "file_format: \"1.1\"\nx: \"" + String(repeating: "a", count: 1 << 20) + "\""
        #expect(problems(large).first?.message == "the text has more than 1048576 bytes")
        let growing = "file_format: \"1.1\"\nx: " + String(repeating: "${A}", count: 20)
        #expect(problems(growing, environment: ["A": String(repeating: "a", count: 100_000)]).first?.line == 2)
        let many = "file_format: \"1.1\"\nresource:\n" + (0..<200).map { "  a\($0): 1\n" }.joined()
        let found = problems(many)
        #expect(found.count == 101 && found.last?.message == "100 further problems left out")
        #expect(problems("file_format: \"1.1\"\nx: &x [*x]\n").first?.message.contains("refers to nothing") == true)
    }

    @Test func listsOfAttributesAndHeadersAreBounded() {
        let pairs = (0...1000).map { "a\($0)=b" }.joined(separator: ",")
        #expect(
            problems("file_format: \"1.1\"\nresource: {attributes_list: \"\(pairs)\"}\n").first?.message
                == "the list has 1001 pairs; expected at most 1000")
        let list = String(repeating: "{name: a, value: b}, ", count: 1001)
        let expected = "the list has 1001 elements; expected at most 1000"
        #expect(problems("file_format: \"1.1\"\nresource: {attributes: [\(list)]}\n").first?.message == expected)
        #expect(problems(ConfigurationTexts.tracing("", exporter: "otlp_http: {headers: [\(list)]}")).first?.message == expected)
        #expect(problems(ConfigurationTexts.tracing("", exporter: "otlp_http: {headers_list: \"\(pairs)\"}")).count == 1)
    }

    /// Neither reading nor its recursion may depend on how long one piece is.
    @Test(arguments: ["${", "$$", "${A:-b}", "- ", "[", "a: ", "{a: b}, ", "? ", "# ", "\t"])
    func largeTextOfOnePieceIsReadOrRefused(piece: String) {
        let text = String(repeating: piece, count: 200_000 / piece.utf8.count)
        let lead = "file_format: \"1.1\"\ninstrumentation/development:\n  swift: "
        _ = problems(lead + (piece.hasPrefix("$") ? "{a: \"\(text)\"}" : "{a: " + text))
        _ = problems(lead + "\n    " + text)
        _ = problems("{\"file_format\": \"1.1\", \"instrumentation/development\": {\"swift\": {\"a\": \"" + text + "\"}}}", .json)
        #expect(problems("file_format: \"1.1\"\n").isEmpty, "Reading ends.")
    }

    @Test func controlCharactersOfTheFileStayOnTheirLine() {
        #expect(
            texts("file_format: \"1.1\"\nlog_level: \"a\\nb:1:1: error: c\"\n").first?.contains("log_level: \"a\\nb:1:1: error: c\"")
                == true)
    }

    @Test func textThatIsNotUTF8IsRefused() throws {
        let directory = try TemporaryDirectory()
        try directory.write(Array("file_format: \"1.1\"\nx: ".utf8) + [0xFF, 0x0A], to: "a.yaml")
        let error = try #require(throws: ConfigurationError.self) { try TelemetryConfiguration.parse(file: "\(directory.path)/a.yaml") }
        #expect(error.problems.map(\.line) == [2] && error.problems.map(\.message) == ["the text is not UTF-8"])
        #expect(error.description.contains("a.yaml:2:1: error: the text is not UTF-8"))
    }
}
