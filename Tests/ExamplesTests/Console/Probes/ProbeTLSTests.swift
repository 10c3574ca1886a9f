// Probes over TLS, against OpenSSL's own server, and what is told of certificates.

import ExampleSupport
import Telemetry
import Testing

@testable import TelemetryConsole

@Suite(
    .enabled(if: YAMLReader.isAvailable, "libyaml is installed."),
    .enabled(if: OpenSSLCommand.isInstalled, "The openssl command is installed."))
struct ProbeTLSTests {
    private func server(_ certificate: String = "server", _ options: [String] = []) async throws -> OpenSSLServer {
        try await OpenSSLServer(certificate: certificate, options: options, connections: 4) { connection, _ in
            while connection.nextRequest() != nil { connection.send("HTTP/1.0 200 OK\r\n\r\nhello") }
        }
    }

    @Test("POC-44: a probe over TLS tells when certificates expire, and of whom they are") func expiryIsMeasured() async throws {
        let server = try await server("server", ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"])
        let tls = "tls: true, tls_config: {ca_file: \(TestCertificates.authority), server_name: localhost}"
        let result = try await ProberTests.run("{prober: tcp, tcp: {\(tls)}}", "127.0.0.1:\(server.port)")
        #expect(result.isSuccess, "\(result.problem ?? "")")
        let now = Double(Timestamp.now.nanosecondsSinceEpoch) / 1e9
        let days = { (expiry: Double) in (expiry - now) / 86_400 }
        #expect((29.9...30.1).contains(days(try #require(result.page.value(.certificateExpiry)))))
        // The authority expires before the certificate that it signed.
        #expect((19.9...20.1).contains(days(try #require(result.page.value(.chainExpiry)))))
        #expect(result.page.samples[.tlsVersion]?.first?.labels.first?.value == "TLS 1.2")
        #expect(result.page.samples[.tlsCipher] == nil)
        let info = try #require(result.page.samples[.chainInfo]?.first)
        #expect(info.labels.map(\.name) == ["fingerprint_sha256", "issuer", "serialnumber", "subject", "subjectalternative"])
        #expect(info.labels[1].value == "CN=Test Authority" && info.labels[3].value == "CN=server" && info.labels[4].value == "localhost")
    }

    @Test("POC-44: certificates are verified unless the module says otherwise") func certificatesAreVerified() async throws {
        let server = try await server("self-signed")
        let refused = try await ProberTests.run("{prober: http}", "https://localhost:\(server.port)/")
        #expect(refused.problem?.contains("self-signed") == true, "\(refused.problem ?? "")")
        #expect(refused.page.value(.httpSSL) == 0 && refused.page.value(.certificateExpiry) == nil)
        let another = try await self.server("self-signed", ["-www"])
        let lenient = "{prober: http, http: {tls_config: {insecure_skip_verify: true, min_version: TLS13}}}"
        let accepted = try await ProberTests.run(lenient, "https://localhost:\(another.port)/")
        #expect(accepted.isSuccess, "\(accepted.problem ?? "")")
        #expect(accepted.page.value(.httpSSL) == 1 && accepted.page.value(.httpVersion) == 1)
        // What was not verified has no chain; the exporter writes the year 1.
        #expect(accepted.page.value(.chainExpiry) == -62_135_596_800)
        #expect(try #require(accepted.page.value(.httpDuration, phase: "tls")) > 0)
        #expect(accepted.page.samples[.tlsVersion]?.first?.labels.first?.value == "TLS 1.3")
        #expect(accepted.page.samples[.tlsCipher]?.first?.labels.first?.value.hasPrefix("TLS_") == true)
        let forbidden = try await ProberTests.run(
            "{prober: http, http: {fail_if_ssl: true, tls_config: {insecure_skip_verify: true}}}", "https://localhost:\(another.port)/")
        #expect(forbidden.problem?.contains("fail_if_ssl") == true)
    }

    @Test("modules without files of their own share one context; other options, or a file, have one of their own")
    func contextsAreSharedByOptions() throws {
        func context(_ settings: String) throws -> TLSContext {
            let yaml = "modules: {m: {prober: http, http: {tls_config: {\(settings)}}}}"
            let module = try #require(try ProbeFileReader.read([("a.yml", Array(yaml.utf8))]).modules["m"])
            guard case .http(let options) = module.prober else { preconditionFailure("The module is for HTTP.") }
            return try #require(options.tls.context)
        }
        let usual = try context("")
        // The name is checked for each connection.
        #expect(try context("server_name: example.org") === usual)
        let lenient = try context("insecure_skip_verify: true")
        #expect(lenient !== usual)
        #expect(try context("insecure_skip_verify: true") === lenient)
        #expect(try context("min_version: TLS13") !== usual)
        let file = "ca_file: \(TestCertificates.authority)"
        #expect(try context(file) !== context(file))
    }

    @Test func filesOfCertificatesAreCheckedWithTheFile() {
        #expect(throws: YAMLFileProblems.self) {
            _ = try ProbeFileReader.read([("a.yml", Array("modules: {m: {prober: http, http: {tls_config: {ca_file: /no/such}}}}".utf8))])
        }
    }
}

struct X509CertificateTests {
    /// Made by OpenSSL; what is expected of it was written by blackbox_exporter 0.23.
    private static let encoded =
        "MIICfTCCAiSgAwIBAgIEAKsSzTAKBggqhkjOPQQDAjCBhjELMAkGA1UEBhMCREUxDTALBgNVBAgMBEhlcmUxDTALBgNVBAcMBFRvd24xEzARBgNVBAoMCkFj"
        + "bWUsIEluYy4xDDAKBgNVBAsMA09wczEMMAoGA1UECwwDV2ViMRIwEAYDVQQDDAlsb2NhbGhvc3QxFDASBgkqhkiG9w0BCQEWBWFAYi5jMB4XDTI2MTEyOTE5"
        + "NDcyNloXDTM2MTEyNjE5NDcyNlowgYYxCzAJBgNVBAYTAkRFMQ0wCwYDVQQIDARIZXJlMQ0wCwYDVQQHDARUb3duMRMwEQYDVQQKDApBY21lLCBJbmMuMQww"
        + "CgYDVQQLDANPcHMxDDAKBgNVBAsMA1dlYjESMBAGA1UEAwwJbG9jYWxob3N0MRQwEgYJKoZIhvcNAQkBFgVhQGIuYzBZMBMGByqGSM49AgEGCCqGSM49AwEH"
        + "A0IABArEnul2IN/zAhVA+vVwyW4ywtUKBOYbc8ol8c42WICuIVucL2BB5tQc0xTBBsAuV7+PW2hGd5B3pvhrlTzPRPSjfjB8MB0GA1UdDgQWBBS9N5Vrb9Hj"
        + "+Fltmq+AJ8m7FOxvhzAfBgNVHSMEGDAWgBS9N5Vrb9Hj+Fltmq+AJ8m7FOxvhzAPBgNVHRMBAf8EBTADAQH/MCkGA1UdEQQiMCCCCWxvY2FsaG9zdIINKi5l"
        + "eGFtcGxlLmNvbYcEfwAAATAKBggqhkjOPQQDAgNHADBEAiBwc++0xjO2W3r4pNIYVj3gcr3MFhEGfogseQxwjWzmiwIgOcXQcJc2FFmUizaSvHl7qSvl3tPg"
        + "RmzxuzRl61hyVvg="

    private static let bytes =
        Base64URL.decode(
            Substring(encoded.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: ""))) ?? []

    @Test func namesAreThoseThatGoWrites() throws {
        let certificate = try #require(X509Certificate(Self.bytes))
        let name = #"CN=localhost,OU=Ops+OU=Web,O=Acme\, Inc.,L=Town,ST=Here,C=DE,1.2.840.113549.1.9.1=#0c056140622e63"#
        #expect(certificate.subject == name)
        #expect(certificate.issuer == certificate.subject)
        #expect(certificate.names == ["localhost", "*.example.com"])
        #expect(certificate.notAfter == 2_111_341_646)
        #expect(HexadecimalText.text(certificate.serialNumber) == "ab12cd")
    }

    @Test func bytesOfCertificatesAreReadWithoutHarm() {
        var random = SplitMix64(seed: 509)
        var readable = 0
        for count in 0..<Self.bytes.count where X509Certificate(Array(Self.bytes.prefix(count))) != nil { readable += 1 }
        #expect(readable == 0, "A certificate that is cut short is none.")
        for _ in 0..<2_000 {
            var bytes = Self.bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if X509Certificate(bytes) != nil { readable += 1 }
        }
        #expect((1..<2_000).contains(readable))
    }
}
