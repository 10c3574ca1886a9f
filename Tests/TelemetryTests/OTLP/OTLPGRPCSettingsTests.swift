// The endpoint and the library of gRPC from code, variables and defaults.

import Synchronization
import Testing

@testable import Telemetry

/// Serialized: the diagnostics have one handler, which a test replaces.
@Suite(.serialized, .enabled(if: HTTP2Peer.isAvailable, "nghttp2 is installed."))
struct OTLPGRPCSettingsTests {
    private static let missing = Result<NGHTTP2, DynamicLibrary.Failure> {
        () throws(DynamicLibrary.Failure) in throw DynamicLibrary.Failure(description: "no such file")
    }

    private func settings(
        _ environment: [String: String], _ change: (inout OTLPOptions) -> Void = { _ in },
        library: Result<NGHTTP2, DynamicLibrary.Failure> = NGHTTP2.system
    ) throws(OTLPSettings.Problem) -> OTLPSettings {
        var arguments = OTLPOptions()
        change(&arguments)
        let variables = environment.merging(["OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"]) { own, _ in own }
        return try OTLPSettings(.traces, arguments, EnvironmentReader(variables), library: library)
    }

    private func problem(
        _ environment: [String: String], _ change: (inout OTLPOptions) -> Void = { _ in },
        library: Result<NGHTTP2, DynamicLibrary.Failure> = NGHTTP2.system
    ) -> OTLPSettings.Problem? {
        do throws(OTLPSettings.Problem) { _ = try settings(environment, change, library: library) } catch { return error }
        return nil
    }

    @Test(
        arguments: [
            (nil, [:], "http://localhost:4317"), ("http://c:4317", [:], "http://c:4317"), ("unix:/run/c.sock", [:], "unix:/run/c.sock"),
            (nil, ["OTEL_EXPORTER_OTLP_ENDPOINT": "c:4319"], "https://c:4319"), ("c", [:], "https://c:4317"),
            ("c", ["OTEL_EXPORTER_OTLP_INSECURE": "true"], "http://c:4317"),
            ("c", ["OTEL_EXPORTER_OTLP_INSECURE": "true", "OTEL_EXPORTER_OTLP_TRACES_INSECURE": "false"], "https://c:4317"),
            ("https://c:1", ["OTEL_EXPORTER_OTLP_TRACES_INSECURE": "true"], "https://c:1"),
            (nil, ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://a:1", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://b:2"], "http://b:2"),
            (nil, ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://user:secret@c:4317"], "http://c:4317"),
        ] as [(String?, [String: String], String)])
    func endpointIsAnAddressWithoutAPath(code: String?, environment: [String: String], destination: String) throws {
        let settings = try settings(environment) { $0.endpoint = code }
        #expect(settings.destination == destination && settings.encoding == .grpc)
        #expect((settings.tls != nil) == destination.hasPrefix("https") && settings.tls?.speaksHTTP2 != false)
        #expect(settings.summary.hasPrefix("\(destination), grpc, "))
    }

    @Test func pathOfAnEndpointIsReportedAndLeftOut() throws {
        let messages = Mutex<[String]>([])
        Diagnostics.setHandler { diagnostic in messages.withLock { $0.append(diagnostic.message) } }
        defer { Diagnostics.setHandler(nil) }
        let settings = try settings(["OTEL_EXPORTER_OTLP_ENDPOINT": "http://path-of-grpc:4317/v1/traces"])
        #expect(settings.destination == "http://path-of-grpc:4317")
        let told = messages.withLock { $0 }.filter { $0.contains("path-of-grpc") }
        #expect(told.count == 1 && told.first?.contains("calls of gRPC have paths of their own") == true)
    }

    @Test func endpointOfAnotherFormIsAProblem() {
        let inVariable = problem(["OTEL_EXPORTER_OTLP_ENDPOINT": "xds:///c"])
        #expect(inVariable?.isFromEnvironment == true && inVariable?.error.setting == "OTEL_EXPORTER_OTLP_ENDPOINT")
        #expect(inVariable?.error.expected.contains("a host and port as collector:4317") == true)
        let inCode = problem([:]) { $0.endpoint = "ftp://user:secret@c" }
        #expect(inCode?.isFromEnvironment == false && inCode?.error.setting == "endpoint" && inCode?.error.value == "ftp://…@c")
    }

    @Test func missingLibraryIsAProblemThatNamesThePackage() {
        let byVariable = problem([:], library: Self.missing)
        #expect(byVariable?.isFromEnvironment == true && byVariable?.error.setting == "OTEL_EXPORTER_OTLP_PROTOCOL")
        #expect(byVariable?.error.expected.contains("apt install libnghttp2-14 (no such file)") == true)
        #expect(byVariable?.error.expected.contains("http/protobuf") == true)
        let ofSignal = problem(["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "grpc"], library: Self.missing)
        #expect(ofSignal?.error.setting == "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL")
        let inCode = problem([:], { $0.encoding = .grpc }, library: Self.missing)
        #expect(inCode?.isFromEnvironment == false && inCode?.error.setting == "encoding")
        #expect(problem(["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/json"], library: Self.missing) == nil, "HTTP does not need it.")
    }

    @Test func componentIsNamedByTheConventions() throws {
        let exporter = OTLPSpanExporter(endpoint: "http://c:4319", options: OTLPOptions(encoding: .grpc))
        try exporter.configure(EnvironmentReader([:]))
        #expect(exporter.component.type == "otlp_grpc_span_exporter" && exporter.component.serverAddress == "c")
        #expect(exporter.component.serverPort == 4319)
    }
}
