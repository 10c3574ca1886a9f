// Webhooks over TLS, against OpenSSL's own server, and what routing files say of it.

import ExampleSupport
import Synchronization
import Telemetry
import Testing

@testable import TelemetryConsole

/// The requests that a server has received.
private final class ReceivedRequests: Sendable {
    private let state = Mutex<[HTTPMessage]>([])

    func add(_ request: HTTPMessage) { state.withLock { $0.append(request) } }
    var all: [HTTPMessage] { state.withLock { $0 } }
}

@Suite(.enabled(if: YAMLReader.isAvailable, "libyaml is installed.")) struct WebhookTLSTests {
    private func problems(_ webhook: String) -> [String] {
        let text = """
            route: {receiver: a}
            receivers:
              - name: a
                webhook_configs:
                  - \(webhook.replacing("\n", with: "\n        "))
            """
        do throws(YAMLFileProblems) {
            _ = try RoutingFileReader.routing(Array(text.utf8), file: "a.yml")
            return []
        } catch { return error.problems.map(\.description) }
    }

    /// Delivers one message by a webhook that is written so, once; returns whether it was taken, and what became of it.
    private func deliver(_ webhook: String) async throws -> (isDelivered: Bool, counts: WebhookSender.Counts?) {
        let text = "route: {receiver: a, group_wait: 0s}\nreceivers: [{name: a, webhook_configs: [\(webhook)]}]"
        let client = WebhookClient()
        defer { client.shutdown() }
        let sender = WebhookSender(
            send: { (request, tls, deadline) throws(HTTPClientError) in try await client.send(request, tls, deadline) },
            pause: { _ in false })
        var dispatcher = AlertDispatcher(try RoutingFileReader.routing(Array(text.utf8), file: "a.yml"), externalURL: "http://console")
        let alert = SentAlert(
            labels: LabelSet([.init("alertname", "Hot")]), annotations: [], startsAt: 10_000, endsAt: nil, generatorURL: "",
            updatedAt: 10_000)
        dispatcher.take([alert], at: 10_000)
        let due = dispatcher.flush(at: 10_000, SilenceList())
        let notification = try #require(due.first)
        return (await sender.deliver(notification), sender.counts["a"])
    }

    @Test(
        "POC-33: a message over TLS arrives with its authorization, and the certificate is for the name that is asked for",
        .enabled(if: OpenSSLCommand.isInstalled, "The openssl command is installed."))
    func messageArrivesOverTLS() async throws {
        let folder = try TemporaryDirectory()
        let secret = "\(folder.path)/token"
        try folder.write(Array("sesame\n".utf8), to: "token")
        for (certificate, own) in [("server", ""), ("other", ", server_name: example.org")] {
            let received = ReceivedRequests()
            let server = try await OpenSSLServer(certificate: certificate, connections: 2) { connection, _ in
                while let request = connection.nextRequest() {
                    received.add(request)
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                }
            }
            let outcome = try await deliver(
                "{url: 'https://localhost:\(server.port)/hook', http_config: {authorization: {type: Token, credentials_file: \(secret)}, "
                    + "tls_config: {ca_file: \(TestCertificates.authority)\(own)}}}")
            #expect(outcome.isDelivered && outcome.counts?.sent == 1, "\(outcome.counts?.lastError ?? "")")
            let request = try #require(received.all.first)
            #expect(
                request.head.method == "POST" && request.head.target == "/hook"
                    && request.head.headers["Host"] == "localhost:\(server.port)")
            #expect(request.head.headers["Authorization"] == "Token sesame" && request.head.headers["Content-Type"] == "application/json")
            #expect(String(decoding: request.body, as: UTF8.self).contains("\"alertname\":\"Hot\""))
        }
    }

    @Test(
        "POC-33: a webhook with a certificate that is not trusted, or for another name, gets nothing",
        .enabled(if: OpenSSLCommand.isInstalled, "The openssl command is installed."))
    func certificatesAreVerified() async throws {
        let authority = "ca_file: \(TestCertificates.authority)"
        for (certificate, tls, reason) in [
            ("self-signed", authority, "self-signed"), ("other", authority, "localhost"), ("expired", authority, "expired"),
            ("server", "\(authority), server_name: example.org", "example.org"), ("server", "min_version: TLS12", "certificate"),
        ] {
            let received = ReceivedRequests()
            let server = try await OpenSSLServer(certificate: certificate, connections: 1) { connection, _ in
                while let request = connection.nextRequest() { received.add(request) }
            }
            let outcome = try await deliver("{url: 'https://localhost:\(server.port)/', http_config: {tls_config: {\(tls)}}}")
            #expect(!outcome.isDelivered && outcome.counts?.failed == 1)
            #expect(outcome.counts?.lastError?.contains(reason) == true, "\(certificate): \(outcome.counts?.lastError ?? "")")
            #expect(received.all.isEmpty)
        }
    }

    @Test(
        "a webhook that asks for a certificate of its client gets it; insecure_skip_verify takes any of the server's",
        .enabled(if: OpenSSLCommand.isInstalled, "The openssl command is installed."))
    func clientShowsItsCertificate() async throws {
        let server = try await OpenSSLServer(
            certificate: "self-signed", options: ["-Verify", "1", "-verify_return_error", "-CAfile", TestCertificates.authority],
            connections: 2
        ) { connection, _ in
            while connection.nextRequest() != nil {
                connection.send("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
            }
        }
        let own = "cert_file: \(TestCertificates.file("client.pem")), key_file: \(TestCertificates.file("client.key"))"
        let url = "url: 'https://localhost:\(server.port)/'"
        let refused = try await deliver("{\(url), http_config: {tls_config: {insecure_skip_verify: true}}}")
        #expect(!refused.isDelivered)
        let taken = try await deliver("{\(url), http_config: {tls_config: {insecure_skip_verify: true, \(own)}}}")
        #expect(taken.isDelivered, "\(taken.counts?.lastError ?? "")")
    }

    @Test("user and password of a URL are its authorization, unless http_config has another one")
    func urlHasCredentials() throws {
        for (config, value) in [
            ("{}", "Basic dTpwOkB3"), ("{authorization: {credentials: sesame}}", "Bearer sesame"),
            ("{basic_auth: {username: a, password: b}}", "Basic YTpi"),
        ] {
            let text =
                "route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [{url: 'http://u:p:%40w@h/', http_config: \(config)}]}]"
            let routing = try RoutingFileReader.routing(Array(text.utf8), file: "a.yml")
            #expect(try routing.receivers.values.first?.webhooks.first?.authorization?.value == value)
        }
    }

    @Test(
        "receivers that do not answer keep no message from another one, and nothing is sent after the end",
        .enabled(if: OpenSSLCommand.isInstalled, "The openssl command is installed."))
    func silentReceiversHoldUpNoOther() async throws {
        var tls = ClientTLS()
        tls.options.certificateAuthorityFile = TestCertificates.authority
        tls.context = try TLSContext(tls.options)
        let (client, secure) = (WebhookClient(), tls)
        @Sendable func send(_ url: String, within patience: Duration = .seconds(60)) async throws -> Int {
            let url = try #require(HTTPURL(url))
            let request = HTTPOutgoingRequest(method: "POST", url: url, headers: [:], body: [])
            return try await client.send(request, url.isSecure ? secure : nil, .after(patience))
        }
        // More of them than any number of threads that receivers would share.
        let silent = try (0..<12).map { _ in try SilentListener() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { client.shutdown() }
            for port in silent.flatMap({ [$0.port, $0.port] }) {
                group.addTask {
                    // Longer than the other message has.
                    await #expect(throws: HTTPClientError.self) {
                        try await send("https://127.0.0.1:\(port)/", within: .seconds(90))
                    }
                }
            }
            #expect(await eventually { silent.allSatisfy(\.hasConnection) })
            let server = try await OpenSSLServer(certificate: "server", connections: 1) { connection, _ in
                while connection.nextRequest() != nil {
                    connection.send("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
                }
            }
            #expect(try await send("https://localhost:\(server.port)/") == 204)
        }
        for scheme in ["http", "https"] {
            await #expect(throws: HTTPClientError.unreachable(address: "127.0.0.1:1", reason: "the console stops")) {
                try await send("\(scheme)://127.0.0.1:1/")
            }
        }
    }

    @Test("a file with credentials that is missing, or has several lines, fails the message and says so")
    func credentialsThatCannotBeSentFail() async throws {
        let folder = try TemporaryDirectory()
        try folder.write(Array("a\r\nX-Other: b\n".utf8), to: "lines")
        for (name, reason) in [("none", "cannot be read"), ("lines", "more than one line")] {
            let outcome = try await deliver(
                "{url: 'http://127.0.0.1:1/', http_config: {authorization: {credentials_file: \(folder.path)/\(name)}}}")
            #expect(!outcome.isDelivered)
            #expect(outcome.counts?.lastError?.contains(reason) == true && outcome.counts?.lastError?.contains(name) == true)
        }
    }

    @Test("POC-33: what is wrong with http_config is named with its line and what would be right") func errorsHaveLines() {
        for (text, expected) in [
            (
                "url: 'https://h/'\nhttp_config:\n  proxy_url: http://p",
                "a.yml:7: The webhook of a: http_config: proxy_url is not supported: "
            ),
            (
                "url: 'https://h/'\nhttp_config:\n  oauth2: {}",
                "a.yml:7: The webhook of a: http_config: oauth2 is not supported: basic_auth"
            ),
            (
                "url: 'https://h/'\nhttp_config:\n  bearer_token: x",
                "a.yml:7: The webhook of a: http_config: bearer_token is not supported: auth"
            ),
            (
                "url: 'https://h/'\nhttp_config:\n  follow_redirects: true",
                "a.yml:7: The webhook of a: http_config: follow_redirects is not supported; it must be false"
            ),
            ("url: 'https://h/'\nhttp_config:\n  colour: x", "a.yml:7: The webhook of a: http_config has no field colour; it has auth"),
            (
                "url: 'https://h/'\nhttp_config:\n  tls_config:\n    ca: x",
                "a.yml:8: The webhook of a: http_config: tls_config: ca is not supported: the console reads it from a file"
            ),
            (
                "url: 'http://h/'\nhttp_config:\n  tls_config:\n    insecure_skip_verify: maybe",
                "a.yml:8: The webhook of a: http_config: tls_config: insecure_skip_verify is \"maybe\"; it must be true or false"
            ),
            (
                "url: 'https://h/'\nhttp_config:\n  tls_config:\n    min_version: TLS10",
                "a.yml:8: The webhook of a: http_config: tls_config: min_version is \"TLS10\"; it must be TLS12 or TLS13"
            ),
            (
                "url: 'https://h/'\nhttp_config:\n  tls_config:\n    server_name: h\n    ca_file: /no/such",
                "a.yml:9: The webhook of a: http_config: tls_config: ca_file is \"/no/such\"; it must be a PEM file with certificates"
            ),
            (
                "url: 'https://h/'\nhttp_config:\n  tls_config:\n    key_file: /no/such",
                "a.yml:8: The webhook of a: http_config: tls_config: cert_file is missing; it must be the certificate that belongs to /no/such"
            ),
            (
                "url: 'https://h/'\nhttp_config:\n  basic_auth: {username: u}\n  authorization: {credentials: x}",
                "a.yml:8: The webhook of a: http_config: basic_auth and authorization exclude each other"
            ),
            (
                "url: 'https://h/'\nhttp_config:\n  authorization: {type: Basic, credentials: x}",
                "a.yml:7: The webhook of a: http_config: authorization: type is \"Basic\"; basic_auth has user and password"
            ),
            (
                "url: 'https://h/'\nhttp_config:\n  basic_auth:\n    password: x\n    password_file: y",
                "a.yml:9: The webhook of a: http_config: basic_auth: password and password_file exclude each other"
            ),
            (
                "url: 'https://h/'\nhttp_config:\n  authorization: {credentials: \"x\\ny\"}",
                "a.yml:7: The webhook of a: http_config: authorization: credentials has more than one line; it must have one"
            ),
            ("url: 'unix:///x'", "a.yml:5: The webhook of a: the url is unix://…; it must begin with http:// or https://"),
            ("url: 'htp://u:p/w@h/secret'", "a.yml:5: The webhook of a: the url is htp://…; it must begin with http:// or https://"),
            ("url: 'h/secret?token'", "a.yml:5: The webhook of a: the url is h…; it must begin with http:// or https://"),
        ] {
            let found = problems(text)
            #expect(found.contains { $0.hasPrefix(expected) }, "\(expected) is not in \(found)")
        }
        #expect(
            problems("url: 'https://h/'\nhttp_config: {enable_http2: true, follow_redirects: false, tls_config: {max_version: TLS13}}")
                == [])
    }
}
