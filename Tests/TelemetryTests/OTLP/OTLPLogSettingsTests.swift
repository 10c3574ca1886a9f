// Settings of the log exporter from the variables of logs and of all signals.

import Testing

@testable import Telemetry

struct OTLPLogSettingsTests {
    private func settings(
        _ environment: [String: String] = [:], _ arguments: OTLPOptions = OTLPOptions()
    ) throws(OTLPSettings.Problem) -> OTLPSettings {
        try OTLPSettings(.logs, arguments, EnvironmentReader(environment))
    }

    @Test(
        arguments: [
            (nil, [:], "http://localhost:4318/v1/logs"), ("http://c:4318/base/", [:], "http://c:4318/base/v1/logs"),
            (nil, ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c/x/"], "http://c/x/v1/logs"),
            (nil, ["OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "http://c:4318/own"], "http://c:4318/own"),
            (nil, ["OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "http://c:4318"], "http://c:4318/"),
            ("http://code:1", ["OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "http://c:4318/own"], "http://code:1/v1/logs"),
            (nil, ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://a", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "http://b/p"], "http://b/p"),
            (nil, ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://b/p"], "http://localhost:4318/v1/logs"),
            (nil, ["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://b/p"], "http://localhost:4318/v1/logs"),
        ] as [(String?, [String: String], String)])
    func signalEndpointIsVerbatimAndGeneralEndpointIsBase(
        endpoint: String?, environment: [String: String], expected: String
    ) throws {
        #expect(try settings(environment, OTLPOptions(endpoint: endpoint)).url.description == expected)
    }

    @Test func signalVariableOverridesGeneralOneAndCodeOverridesBoth() throws {
        let general = [
            "OTEL_EXPORTER_OTLP_HEADERS": "a=general", "OTEL_EXPORTER_OTLP_TIMEOUT": "1", "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json",
        ]
        let own = [
            "OTEL_EXPORTER_OTLP_LOGS_HEADERS": "b=own%20value", "OTEL_EXPORTER_OTLP_LOGS_TIMEOUT": "2",
            "OTEL_EXPORTER_OTLP_LOGS_COMPRESSION": "none", "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL": "http/protobuf",
        ]
        func described(_ settings: OTLPSettings) -> [String] {
            [
                settings.headers.map { "\($0.name)=\($0.value)" }.joined(), "\(settings.timeout)", settings.compression.rawValue,
                settings.encoding.rawValue,
            ]
        }
        #expect(described(try settings()) == ["", "10.0 seconds", "none", "http/protobuf"])
        #expect(described(try settings(general)) == ["a=general", "0.001 seconds", "gzip", "http/json"])
        #expect(described(try settings(general.merging(own) { $1 })) == ["b=own value", "0.002 seconds", "none", "http/protobuf"])
        let code = OTLPOptions(headers: ["c": "code"], timeout: .seconds(3), compression: .gzip, encoding: .json)
        #expect(described(try settings(own, code)) == ["c=code", "3.0 seconds", "gzip", "http/json"])
        let others = Dictionary(uniqueKeysWithValues: own.map { ($0.key.replacing("LOGS", with: "TRACES"), $0.value) })
        #expect(described(try settings(general.merging(others) { $1 })) == described(try settings(general)))
    }

    @Test(arguments: ["CERTIFICATE", "CLIENT_CERTIFICATE", "CLIENT_KEY"])
    func certificateFilesComeFromSignalVariables(setting: String) {
        let environment = [
            "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "https://c", "OTEL_EXPORTER_OTLP_LOGS_\(setting)": "/no/such/file.pem",
        ]
        let problem = #expect(throws: OTLPSettings.Problem.self) { try settings(environment) }
        #expect(problem?.isFromEnvironment == true && problem?.error.setting.hasPrefix("OTEL_EXPORTER_OTLP_") == true)
        // The files are not read for plain HTTP.
        #expect(throws: Never.self) { try settings(environment.merging(["OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "http://c"]) { $1 }) }
    }

    @Test func unusableVariableIsReportedAndExportDisabled() async throws {
        let environment = ["OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "collector:4318"]
        let outcome = try await LogDelivering.deliver(with: OTLPLogExporter(), records: 2, environment: environment)
        #expect(outcome.result == .failed && outcome.health.dropped == [.rejected: 2])
        #expect(outcome.health.lastFailure?.message.hasPrefix("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT ") == true)
        #expect(throws: ConfigurationError.self) { try OTLPLogExporter(endpoint: "collector:4318").configure(EnvironmentReader([:])) }
    }

    @Test func variablesAffectRequest() async throws {
        let receiver = try ScriptedReceiver()
        let environment = [
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": receiver.url + "/own",
            "OTEL_EXPORTER_OTLP_HEADERS": "x-a=general", "OTEL_EXPORTER_OTLP_LOGS_HEADERS": "x-a=own",
            "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf", "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL": "http/json",
        ]
        let outcome = try await LogDelivering.deliver(with: OTLPLogExporter(), records: 1, environment: environment)
        #expect(outcome.health.exported == 1)
        let request = try #require(receiver.requests.first)
        #expect(request.path == "/own" && request.headers["x-a"] == "own" && request.headers["Content-Type"] == "application/json")
        await receiver.stop()
    }
}
