// What `telemetry check` prints, and how it ends.

import Foundation
import Testing

@testable import TelemetryTool

struct CheckCommandTests {
    private static let usable = """
        {"file_format": "1.1",
         "resource": {"attributes": [{"name": "service.name", "value": "${SHOP:-shop}"}]},
         "propagator": {"composite_list": "tracecontext,baggage"},
         "tracer_provider": {
            "processors": [{"batch": {"exporter": {"otlp_http": {
                "endpoint": "http://me:hidden@collector.with.quite.a.long.name.example.com:4318/v1/traces",
                "headers": [{"name": "api-key", "value": "hidden"}]}}}}, {"batch": {"exporter": {"queue": {"password": "hidden"}}}}],
            "sampler": {"trace_id_ratio_based": {"ratio": 0.5}}},
         "instrumentation/development": {"general": {"http": {"server": {"request_captured_headers": ["x-request-id"]}}}},
         "meter_provider": {"readers": [{"pull": {"exporter": {"prometheus/development": null}}}]}}
        """

    private static func withFile(_ text: String, _ body: (String) throws -> Void) throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "telemetry-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(text.utf8).write(to: file)
        try body(file.path)
    }

    @Test func usableFileIsShownWithoutSecretsInEightyColumns() throws {
        try Self.withFile(Self.usable) { file in
            let result = CheckCommand.run(["check", file], environment: ["SHOP": "records"])
            #expect(result.status == 0 && result.output.hasPrefix("\(file): can be used\n\n"))
            #expect(result.output.contains("service.name=records") && result.output.contains("trace_id_ratio_based 0.5"))
            #expect(result.output.contains("http server   request headers x-request-id\n"))
            #expect(result.output.contains("api-key=***") && result.output.contains("prometheus on localhost:9464"))
            #expect(!(result.output + result.errors).contains("hidden"))
            // A URL is not broken.
            let lines = result.output.split(separator: "\n").dropFirst().filter { !$0.contains("http://") }
            #expect(lines.count > 8 && lines.allSatisfy { $0.count <= 80 })
            // What code registers is not known here.
            #expect(result.errors.hasPrefix("\(file):7:90: warning: ") && result.errors.contains("there is no span exporter \"queue\""))
        }
    }

    @Test func problemsArePrintedAsCompilersDo() throws {
        try Self.withFile("{\"file_format\": \"1.1\",\n \"log_level\": \"loud\",\n \"resource\": {\"a\": 1}}") { file in
            let result = CheckCommand.run(["check", file])
            #expect(result.status == 1 && result.output.isEmpty)
            let lines = result.errors.split(separator: "\n")
            #expect(lines.count == 2 && lines[0].hasPrefix("\(file):2:15: error: log_level: \"loud\" is unknown"))
            #expect(lines[1].hasPrefix("\(file):3:15: error: resource: \"a\" is unknown"))
        }
        let missing = CheckCommand.run(["check", "/no/such/file.yaml"])
        #expect(missing.status == 1 && missing.errors.hasPrefix("/no/such/file.yaml: error: expected a file that can be read"))
    }

    @Test func oneUnusableFileOfSeveralEndsWithStatusOne() throws {
        try Self.withFile("{\"file_format\": \"1.1\"}") { file in
            let result = CheckCommand.run(["check", file, "/no/such/file.yaml", file])
            #expect(result.status == 1 && result.output.components(separatedBy: "can be used").count == 3)
        }
    }

    @Test(arguments: [[], ["check"], ["chekc", "a.yaml"], ["check", "--strict", "a.yaml"]])
    func wrongArgumentsPrintTheUsageAndEndWithStatusTwo(arguments: [String]) {
        #expect(CheckCommand.run(arguments) == CheckCommand.Result(errors: CheckCommand.usage, status: 2))
    }

    @Test(arguments: [["--help"], ["help"], ["check", "--help"]])
    func helpIsPrintedAndEndsWithStatusZero(arguments: [String]) {
        #expect(CheckCommand.run(arguments) == CheckCommand.Result(output: CheckCommand.usage))
        #expect(CheckCommand.usage.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }
}
