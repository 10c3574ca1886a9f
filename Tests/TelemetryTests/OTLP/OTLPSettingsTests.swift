// Settings from code, variables and defaults, and settings that cannot be used.

import Testing

@testable import Telemetry

struct OTLPSettingsTests {
    private func settings(
        _ environment: [String: String] = [:], _ change: (inout OTLPOptions) -> Void = { _ in }
    ) throws(OTLPSettings.Problem) -> OTLPSettings {
        var arguments = OTLPOptions()
        change(&arguments)
        return try OTLPSettings(.traces, arguments, EnvironmentReader(environment))
    }

    /// Returns the problem of options or an environment that cannot be used.
    private func problem(
        _ environment: [String: String] = [:], _ change: (inout OTLPOptions) -> Void = { _ in }
    ) -> OTLPSettings.Problem? {
        do throws(OTLPSettings.Problem) { _ = try settings(environment, change) } catch { return error }
        return nil
    }

    @Test(
        arguments: [
            (nil, [:], "http://localhost:4318/v1/traces"), ("http://c:4318", [:], "http://c:4318/v1/traces"),
            ("http://c:4318/", [:], "http://c:4318/v1/traces"), ("http://c", [:], "http://c/v1/traces"),
            ("http://c:4318/base?key=1", [:], "http://c:4318/base/v1/traces?key=1"),
            (nil, ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c/x/"], "http://c/x/v1/traces"),
            (nil, ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c/x"], "http://c/x/v1/traces"),
            (nil, ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4318/own"], "http://c:4318/own"),
            (nil, ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4318"], "http://c:4318/"),
            (nil, ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "HTTP://c:4318/own/"], "http://c:4318/own/"),
            (nil, ["OTEL_EXPORTER_OTLP_ENDPOINT": "  "], "http://localhost:4318/v1/traces"),
            ("http://code:1", ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4318/own"], "http://code:1/v1/traces"),
            (nil, ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://a", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://b/p"], "http://b/p"),
            ("unix:/run/c.sock", [:], "unix:/run/c.sock:/v1/traces"),
            ("http://c:4318/v1/traces", [:], "http://c:4318/v1/traces"), ("http://c/x/v1/traces/", [:], "http://c/x/v1/traces/"),
            ("http://c/v1/traces?key=1", [:], "http://c/v1/traces?key=1"), ("http://c/xv1/traces", [:], "http://c/xv1/traces/v1/traces"),
            ("http://c:4318/v1/logs", [:], "http://c:4318/v1/traces"), ("http://c/v1/logsx", [:], "http://c/v1/logsx/v1/traces"),
            (nil, ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318/x/v1/metrics/?key=1"], "http://c:4318/x/v1/traces?key=1"),
            (nil, ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318/v1/traces"], "http://c:4318/v1/traces"),
            (nil, ["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://b/p"], "http://localhost:4318/v1/traces"),
        ] as [(String?, [String: String], String)])
    func signalEndpointIsVerbatimAndGeneralEndpointIsBase(
        endpoint: String?, environment: [String: String], expected: String
    ) throws {
        #expect(try settings(environment) { $0.endpoint = endpoint }.url.description == expected)
    }

    @Test func pathInCodeReplacesOrOmitsSignalPath() throws {
        #expect(try settings { $0 = OTLPOptions(endpoint: "http://c/x", path: "") }.url.target == "/x")
        #expect(try settings { $0 = OTLPOptions(endpoint: "http://c/x", path: "/y") }.url.target == "/x/y")
    }

    @Test(arguments: ["collector:4318", "localhost", "ftp://c", "http://", "http://c:99999", "grpc://c:4317", "http://a b"])
    func invalidEndpointIsReportedByItsSetting(text: String) {
        let inCode = problem { $0.endpoint = text }
        #expect(inCode?.isFromEnvironment == false && inCode?.error.setting == "endpoint" && inCode?.error.value == text)
        for name in ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] {
            let inVariable = problem([name: text])
            #expect(inVariable?.isFromEnvironment == true && inVariable?.error.setting == name)
        }
    }

    @Test func passwordInEndpointIsSentAsAuthorizationAndNeverLogged() throws {
        let settings = try settings { $0.endpoint = "http://user:p%40ss@c:4318" }
        #expect(settings.url.description == "http://c:4318/v1/traces")
        #expect(settings.allHeaders.contains { $0.name == "Authorization" && $0.value == "Basic " + Base64.encode("user:p@ss".utf8) })
        #expect(problem { $0.endpoint = "ftp://user:secret@c" }?.error.value == "ftp://…@c")
    }

    @Test(
        arguments: [
            ([:], .seconds(10)), (["OTEL_EXPORTER_OTLP_TIMEOUT": "1500"], .milliseconds(1500)),
            (["OTEL_EXPORTER_OTLP_TIMEOUT": "1500", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": "250"], .milliseconds(250)),
            (["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": "soon", "OTEL_EXPORTER_OTLP_TIMEOUT": "7"], .milliseconds(7)),
            (["OTEL_EXPORTER_OTLP_TIMEOUT": "-1"], .seconds(10)), (["OTEL_EXPORTER_OTLP_TIMEOUT": "0"], .seconds(1_000_000_000)),
        ] as [([String: String], Duration)])
    func timeoutIsInMillisecondsAndZeroMeansNoLimit(environment: [String: String], expected: Duration) throws {
        #expect(try settings(environment).timeout == expected)
        #expect(try settings(environment) { $0.timeout = .seconds(3) }.timeout == .seconds(3))
        #expect(try settings(environment) { $0.timeout = .zero }.timeout == .seconds(1_000_000_000))
        #expect(problem(environment) { $0.timeout = .seconds(-1) }?.error.setting == "timeout")
    }

    @Test func headersAreDecodedAndSignalHeadersReplaceGeneralOnes() throws {
        let general = ["OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20x, second = two"]
        #expect(try settings(general).headers.map { "\($0.name):\($0.value)" } == ["authorization:Bearer x", "second:two"])
        let both = general.merging(["OTEL_EXPORTER_OTLP_TRACES_HEADERS": "own=1"]) { $1 }
        #expect(try settings(both).headers.map(\.name) == ["own"])
        #expect(try settings(both) { $0.headers = ["code": "2"] }.headers.map(\.name) == ["code"])
    }

    @Test(arguments: ["a%0D%0Ab=1", "a=1%0D%0AX-Evil: 2", "a b=1", "novalue"])
    func invalidHeadersInVariableAreIgnored(text: String) throws {
        #expect(try settings(["OTEL_EXPORTER_OTLP_HEADERS": text]).headers.isEmpty)
    }

    @Test func invalidHeadersInCodeAreConfigurationError() {
        for headers in [["a\r\nb": "1"], ["a": "1\r\nX: 2"], ["": "1"]] {
            #expect(problem { $0.headers = headers }?.error.setting == "headers")
        }
    }

    @Test(
        arguments: [
            ([:], .protobuf), (["OTEL_EXPORTER_OTLP_PROTOCOL": "http/json"], .json),
            (["OTEL_EXPORTER_OTLP_PROTOCOL": "HTTP/JSON"], .json),
            (["OTEL_EXPORTER_OTLP_PROTOCOL": "http/json", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf"], .protobuf),
            (["OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"], .grpc),
            (["OTEL_EXPORTER_OTLP_PROTOCOL": "http/json", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "gRPC"], .grpc),
            (["OTEL_EXPORTER_OTLP_PROTOCOL": "smoke"], .protobuf),
        ] as [([String: String], OTLPEncoding)])
    func protocolVariableSelectsEncoding(environment: [String: String], expected: OTLPEncoding) throws {
        #expect(try settings(environment).encoding == expected)
        #expect(try settings(environment) { $0.encoding = .json }.encoding == .json)
    }

    @Test(
        arguments: [
            ([:], .uncompressed), (["OTEL_EXPORTER_OTLP_COMPRESSION": "gzip"], .gzip),
            (["OTEL_EXPORTER_OTLP_COMPRESSION": "gzip", "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION": "none"], .uncompressed),
            (["OTEL_EXPORTER_OTLP_COMPRESSION": "ZSTD"], .zstd), (["OTEL_EXPORTER_OTLP_COMPRESSION": "br"], .uncompressed),
        ] as [([String: String], OTLPCompression)])
    func compressionIsThatOfTheVariable(environment: [String: String], expected: OTLPCompression) throws {
        #expect(try settings(environment).compression == expected)
        #expect(try settings(environment) { $0.compression = .uncompressed }.compression == .uncompressed)
    }

    @Test func userAgentHasProductBeforeExporter() throws {
        func userAgent(_ settings: OTLPSettings) -> [String] {
            settings.allHeaders.filter { $0.name.lowercased() == "user-agent" }.map(\.value)
        }
        #expect(userAgent(try settings()) == ["OTel-OTLP-Exporter-Swift/\(SDK.version)"])
        let product = try settings { $0.userAgentProduct = "MyDistribution/1.2" }
        #expect(userAgent(product) == ["MyDistribution/1.2 OTel-OTLP-Exporter-Swift/\(SDK.version)"])
        #expect(userAgent(try settings { $0.headers = ["user-agent": "mine"] }) == ["mine"])
        #expect(problem { $0.userAgentProduct = "a\r\nb" }?.error.setting == "userAgentProduct")
    }

    @Test func configuredHeadersDoNotReplaceContentHeaders() throws {
        let settings = try settings { $0.headers = ["content-type": "text/plain", "Content-Encoding": "br", "x": "1"] }
        #expect(settings.allHeaders.map { $0.name.lowercased() } == ["content-type", "user-agent", "x"])
        #expect(settings.allHeaders.first?.value == "application/x-protobuf")
    }

    @Test func missingCertificateFileIsReportedByItsSetting() {
        let endpoint = ["OTEL_EXPORTER_OTLP_ENDPOINT": "https://c"]
        let inCode = problem(endpoint) { $0.certificates.authority = "/no/such/file.pem" }
        #expect(inCode?.isFromEnvironment == false && inCode?.error.setting == "certificates.authority")
        #expect(inCode?.error.value == "/no/such/file.pem")
        for name in ["OTEL_EXPORTER_OTLP_CERTIFICATE", "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE"] {
            let inVariable = problem(endpoint.merging([name: "/no/such/file.pem"]) { $1 })
            #expect(inVariable?.isFromEnvironment == true && inVariable?.error.setting == name)
        }
        #expect(problem(["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_EXPORTER_OTLP_CERTIFICATE": "/no/such/file.pem"]) == nil)
    }

    @Test func clientCertificateWithoutKeyIsConfigurationError() {
        let inCode = problem {
            $0.endpoint = "https://c"
            $0.certificates.client = "/no/such/file.pem"
        }
        #expect(inCode?.error.setting == "certificates.clientKey")
        let inVariable = problem(["OTEL_EXPORTER_OTLP_ENDPOINT": "https://c", "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY": "/no/such/file.pem"])
        #expect(inVariable?.isFromEnvironment == true && inVariable?.error.setting == "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE")
    }

    @Test func proxyOfEnvironmentIsUsedExceptForNoProxyHosts() throws {
        let proxied = ["https_proxy": "http://proxy:3128", "NO_PROXY": "inside"]
        #expect(try settings(proxied) { $0.endpoint = "https://outside" }.proxy?.description == "http://proxy:3128")
        #expect(try settings(proxied) { $0.endpoint = "https://inside" }.proxy == nil)
        #expect(try settings(proxied) { $0.endpoint = "http://outside" }.proxy == nil)
    }
}
