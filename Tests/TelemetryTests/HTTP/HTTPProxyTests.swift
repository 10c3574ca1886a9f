// Proxy selection, and requests through proxies.

import Synchronization
import Testing

@testable import Telemetry

struct HTTPProxyTests {
    private func chosen(_ url: String, _ variables: [String: String]) throws -> String? {
        let proxy = HTTPProxy(for: try #require(HTTPURL(url)), environment: EnvironmentReader(variables))
        return proxy?.description
    }

    @Test(arguments: [
        ("proxy", "http://proxy", nil), ("proxy:3128", "http://proxy:3128", nil), ("http://[::1]:8/", "http://[::1]:8", nil),
        ("http://Aladdin:open%20sesame@proxy:3128", "http://proxy:3128", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        ("user@proxy", "http://proxy", "Basic dXNlcjo="), ("a%3ab:c:d@proxy", "http://proxy", "Basic YTpiOmM6ZA=="),
    ])
    func proxyURLsAreParsed(text: String, url: String, authorization: String?) throws {
        let proxy = try #require(HTTPProxy(text))
        #expect(proxy.description == url)
        #expect(proxy.authorization == authorization)
    }

    @Test(arguments: ["", "socks5://proxy:1080", "https://proxy", "unix:/run/proxy.sock", "proxy:port", "http://", "a%zz:b@proxy"])
    func unsupportedProxyURLsAreRefused(text: String) {
        #expect(HTTPProxy(text) == nil)
    }

    @Test func eachSchemeHasVariable() throws {
        let all = ["http_proxy": "plain", "https_proxy": "secure", "all_proxy": "any"]
        #expect(try chosen("http://collector:4318", all) == "http://plain")
        #expect(try chosen("https://collector:4318", all) == "http://secure")
        #expect(try chosen("http://collector:4318", ["https_proxy": "secure"]) == nil)
        #expect(try chosen("https://collector:4318", ["http_proxy": "plain"]) == nil)
        #expect(try chosen("https://collector:4318", ["ALL_PROXY": "any"]) == "http://any")
        #expect(try chosen("https://collector:4318", ["ALL_PROXY": "any", "HTTPS_PROXY": "secure"]) == "http://secure")
        #expect(try chosen("https://collector:4318", ["HTTPS_PROXY": "capital", "https_proxy": "small"]) == "http://small")
        #expect(try chosen("https://collector:4318", ["https_proxy": ""]) == nil)
        #expect(try chosen("unix:/run/otel.sock", all) == nil)
    }

    @Test func upperCaseHTTPProxyVariableIsIgnored() throws {
        #expect(try chosen("http://collector:4318", ["HTTP_PROXY": "evil"]) == nil)
    }

    @Test(arguments: ["localhost", "LOCALHOST", "localhost.", "127.0.0.1", "127.9.9.9", "[::1]", "[::ffff:127.0.0.1]"])
    func loopbackHostsBypassProxy(host: String) throws {
        #expect(try chosen("http://\(host):4318", ["http_proxy": "proxy", "all_proxy": "proxy"]) == nil)
    }

    @Test func noProxyVariableBypassesProxy() throws {
        let variables = ["https_proxy": "proxy", "NO_PROXY": "internal"]
        #expect(try chosen("https://collector.internal", variables) == nil)
        #expect(try chosen("https://collector.example", variables) == "http://proxy")
        #expect(try chosen("https://collector.internal", variables.merging(["no_proxy": "other"]) { $1 }) == "http://proxy")
    }

    @Test func invalidProxyIsReportedWithoutPassword() throws {
        #expect(try chosen("https://collector", ["https_proxy": "socks5://user:secret@proxy:1080"]) == nil)
        #expect(HTTPURL.withoutUserInformation("socks5://user:secret@proxy:1080") == "socks5://…@proxy:1080")
        #expect(HTTPURL.withoutUserInformation("user:se://cret@proxy:1080") == "user:se://…@proxy:1080")
        #expect(HTTPURL.withoutUserInformation("a:b@proxy") == "…@proxy")
        #expect(HTTPURL.withoutUserInformation("proxy@://x") == "…@://x")
    }

    // MARK: Requests

    @Test func httpRequestIsForwardedInAbsoluteForm() async throws {
        let server = try ScriptedServer { connection in
            let text = connection.read(until: "\r\n\r\n")
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)")
        }
        let proxy = try #require(HTTPProxy("user:password@127.0.0.1:\(server.port)"))
        let url = try #require(HTTPURL("http://collector.invalid:4318/v1/traces?a"))
        let response = try await BlockingHTTPConnection(to: url, proxy: proxy).outcome().get()
        let expected =
            "POST http://collector.invalid:4318/v1/traces?a HTTP/1.1\r\nHost: collector.invalid:4318\r\n"
            + "Proxy-Authorization: Basic dXNlcjpwYXNzd29yZA==\r\nContent-Length: 1\r\n\r\n"
        #expect(String(decoding: response.body.bytes, as: UTF8.self) == expected)
    }

    @Test(arguments: ["http", "https"])
    func proxyAuthenticationFailureIsReported(scheme: String) async throws {
        let server = try ScriptedServer { connection in
            _ = connection.read(until: "\r\n\r\n")
            connection.send("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 2\r\n\r\nno")
            _ = connection.readToEnd()
        }
        let proxy = try #require(HTTPProxy("user:secret@127.0.0.1:\(server.port)"))
        let url = try #require(HTTPURL("\(scheme)://collector.invalid:4318"))
        let error = try #require(await BlockingHTTPConnection(to: url, proxy: proxy).outcome().error)
        #expect(error == .proxyRefused(proxy: "http://127.0.0.1:\(server.port)", host: "collector.invalid:4318", status: 407))
        #expect(!error.isTransient)
        #expect(error.description.contains("demands a user name and a password"))
        #expect(!error.description.contains("secret"))
    }

    @Test(arguments: [(403, false), (502, true), (503, true)])
    func refusedTunnelIsReported(status: Int, isTransient: Bool) async throws {
        let server = try ScriptedServer { connection in
            _ = connection.read(until: "\r\n\r\n")
            connection.send("HTTP/1.1 \(status) No\r\n\r\nsorry")
        }
        let proxy = try #require(HTTPProxy("127.0.0.1:\(server.port)"))
        let url = try #require(HTTPURL("https://collector.invalid"))
        let error = try #require(await BlockingHTTPConnection(to: url, proxy: proxy).outcome().error)
        #expect(error == .proxyRefused(proxy: "http://127.0.0.1:\(server.port)", host: "collector.invalid:443", status: status))
        #expect(error.isTransient == isTransient)
    }

    @Test func unreachableStalledOrMalformedProxyIsReported() async throws {
        let url = try #require(HTTPURL("https://collector.invalid"))
        let port = try #require(ScriptedServer.freePort())
        let away = BlockingHTTPConnection(to: url, proxy: HTTPProxy("127.0.0.1:\(port)"))
        #expect(await away.outcome().error == .refused(address: "127.0.0.1:\(port) (a proxy)"))
        let stalled = try ScriptedServer({ _ = $0.readToEnd() })
        let impatient = BlockingHTTPConnection(to: url, proxy: HTTPProxy("127.0.0.1:\(stalled.port)"))
        #expect(await impatient.outcome(within: .milliseconds(50)).error == .timedOut(address: "127.0.0.1:\(stalled.port) (a proxy)"))
        let server = try ScriptedServer(
            { connection in
                _ = connection.read()
                connection.send("SSH-2.0-server\r\n")
            }, { _ = $0.read() })
        let connection = BlockingHTTPConnection(to: url, proxy: HTTPProxy("127.0.0.1:\(server.port)"))
        let address = "127.0.0.1:\(server.port) (a proxy)"
        #expect(await connection.outcome().error?.description.contains("\(address) did not answer in HTTP/1.1") == true)
        #expect(await connection.outcome().error == .closedEarly(address: address))
    }

    @Test(.enabled(if: OpenSSLCommand.isInstalled)) func httpsRequestIsTunneled() async throws {
        let server = try await OpenSSLServer { connection, _ in
            while let request = connection.nextRequest() {
                connection.send("HTTP/1.1 200 OK\r\nX-Host: \(request.head.headers["Host"] ?? "")\r\n")
                connection.send("X-Secret: \(request.head.headers["Proxy-Authorization"] ?? "none")\r\n")
                connection.send("X-Target: \(request.head.target)\r\nContent-Length: \(request.body.count)\r\n\r\n")
                connection.send(String(decoding: request.body, as: UTF8.self))
            }
        }
        let tunnel = try Tunnel(to: server.port)
        let context = try TLSContext(TLSOptions(certificateAuthorityFile: TestCertificates.authority))
        let proxy = try #require(HTTPProxy("user:password@127.0.0.1:\(tunnel.port)"))
        // The name is the proxy's to look up.
        let url = try #require(HTTPURL("https://localhost:4318/v1/traces"))
        let connection = BlockingHTTPConnection(to: url, tls: context, proxy: proxy)
        for _ in 0..<2 {
            let body = [UInt8](repeating: 48, count: 1_000_000)
            let response = try await connection.outcome(of: [body]).get()
            #expect(response.headers["X-Host"] == "localhost:4318")
            #expect(response.headers["X-Secret"] == "none", "What the proxy is told is not for the host.")
            #expect(response.headers["X-Target"] == "/v1/traces")
            #expect(response.body.bytes == body)
        }
        let expected =
            "CONNECT localhost:4318 HTTP/1.1\r\nHost: localhost:4318\r\nProxy-Authorization: Basic dXNlcjpwYXNzd29yZA==\r\n\r\n"
        #expect(tunnel.request == expected)
    }

    @Test(.enabled(if: OpenSSLCommand.isInstalled)) func wrongHostBehindTunnelIsRefused() async throws {
        let server = try await OpenSSLServer()
        let tunnel = try Tunnel(to: server.port)
        let context = try TLSContext(TLSOptions(certificateAuthorityFile: TestCertificates.authority))
        let url = try #require(HTTPURL("https://collector.invalid:4318/"))
        let connection = BlockingHTTPConnection(to: url, tls: context, proxy: HTTPProxy("127.0.0.1:\(tunnel.port)"))
        let error = try #require(await connection.outcome().error)
        #expect(error.description.contains("collector.invalid:4318 through the proxy 127.0.0.1:\(tunnel.port) (a proxy): "))
        #expect(error.description.contains("the server's certificate is not for collector.invalid"))
    }
}

/// A proxy that makes one tunnel, always to the same port of this machine.
private final class Tunnel: Sendable {
    let port: Int
    private let head = Mutex("")

    /// The head of the client's request.
    var request: String { head.withLock { $0 } }

    init(to target: Int) throws {
        let address = try #require(try SocketAddress.resolve(host: "127.0.0.1", port: 0, toListen: true).get().first)
        let listener = try Socket.listening(on: address)
        port = try #require(listener.localAddress?.hostAndPort.port)
        let peer = try #require(try SocketAddress.resolve(host: "127.0.0.1", port: target, isNumeric: true).get().first)
        _ = WorkerThread.start(named: "test-proxy") { [self] in
            guard Self.wait(for: listener), let client = try? listener.accept() else { return }
            let connection = RawConnection(client)
            let head = connection.read(until: "\r\n\r\n")
            self.head.withLock { $0 = head }
            guard let server = try? Socket.connecting(to: peer), Self.wait(for: server, toWrite: true) else { return }
            connection.send("HTTP/1.1 200 Connection established\r\nX-Proxy: yes\r\n\r\n")
            _ = WorkerThread.start(named: "test-proxy") { Self.carry(from: server, to: client) }
            Self.carry(from: client, to: server)
        }
    }

    private static func wait(for socket: Socket, toWrite: Bool = false) -> Bool {
        SocketWait.wait(socket, toWrite: toWrite, or: WakeDescriptor(), until: .after(RawConnection.patience)) == .ready
    }

    private static func carry(from source: Socket, to sink: Socket) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        defer { sink.shutDownSending() }
        while true {
            switch buffer.withUnsafeMutableBytes({ source.receive(into: $0) }) {
            case .done(let count):
                var rest = buffer[..<count]
                while !rest.isEmpty {
                    switch rest.withUnsafeBytes({ sink.send($0) }) {
                    case .done(let sent): rest = rest.dropFirst(sent)
                    case .wouldBlock: if !wait(for: sink, toWrite: true) { return }
                    case .closed, .failed: return
                    }
                }
            case .wouldBlock: if !wait(for: source) { return }
            case .closed, .failed: return
            }
        }
    }
}
