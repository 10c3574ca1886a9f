// Mutual TLS between two sidecars.

import ExampleSupport
import Telemetry
import Testing

@testable import Sidecar

@Suite("POC-43: sidecar, mutual TLS", .serialized) struct SidecarSecurityTests {
    private static let script = """
        cd "$0"
        key="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
        for authority in mesh other; do
            openssl req -x509 $key -keyout $authority.key -out $authority.pem -days 30 -subj "/CN=$authority"
        done
        issue() {
            openssl req $key -keyout "$1.key" -out "$1.csr" -subj "/CN=$1"
            printf 'subjectAltName=%s\\n' "$3" > "$1.extensions"
            openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days 30 -extfile "$1.extensions" -out "$1.pem"
        }
        issue server mesh URI:spiffe://cluster/albums,DNS:localhost
        issue client mesh URI:spiffe://cluster/proxy
        issue stranger mesh URI:spiffe://cluster/stranger
        # A host name with the text of the URI that is asked for.
        issue host mesh DNS:spiffe://cluster/proxy
        issue foreign other URI:spiffe://cluster/proxy
        """

    private static func certificates() throws -> TemporaryDirectory {
        let folder = try TemporaryDirectory()
        try #require(try ShellScript.run("{ \(script)\n } > \"$0/log\" 2>&1 < /dev/null", folder: folder.path, []).status == 0)
        return folder
    }

    /// Sends a request through two sidecars, of which the second demands a certificate; returns the answer and the second one's warnings.
    private func answer(
        client: String?, authority: String = "mesh", names: String = "spiffe://cluster/albums", body: Int = 2,
        warning: String? = nil
    ) async throws -> (text: String, warnings: [String]) {
        let folder = try Self.certificates()
        let path = folder.path
        let server = try ScriptedServer { connection in
            guard !connection.readHead().isEmpty else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(body)\r\n\r\n")
            connection.send([UInt8](repeating: 67, count: body))
        }
        let tls =
            ", tls: {certificate: \(path)/server.pem, key: \(path)/server.key, client_authorities: \(path)/mesh.pem, "
            + "client_names: [\"spiffe://cluster/proxy\"]}"
        let own = client.map { ", certificate: \(path)/\($0).pem, key: \(path)/\($0).key" } ?? ""
        let upstream = ", retries: {attempts: 0}, tls: {authorities: \(path)/\(authority).pem\(own), names: [\"\(names)\"]}"
        let texts = Notes<(String, [String])>()
        try await RunningSidecar.before(server.port, listener: tls) { inner in
            try await RunningSidecar.before(inner.port, upstream: upstream) { outer in
                let text = await outer.answer(to: "GET / HTTP/1.1\r\nHost: albums\r\nConnection: close\r\n\r\n")
                if let warning {
                    _ = await eventually { inner.logs.finishedRecords.contains { String(describing: $0.body).contains(warning) } }
                }
                texts.add((text, inner.logs.finishedRecords.map { String(describing: $0.body) }))
                if text.hasPrefix("HTTP/1.1 200") {
                    let span = try #require(await inner.finished(.server).first)
                    #expect(span.attributes["url.scheme"] == "https")
                }
            }
        }
        return try #require(texts.all.first.map { (text: $0.0, warnings: $0.1) })
    }

    @Test func bothSidesShowTheirNames() async throws {
        let answer = try await answer(client: "client", body: 5_000_000)
        #expect(answer.text.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.text.utf8.count > 5_000_000)
    }

    @Test func serverOfAnotherNameIsNotTrusted() async throws {
        let answer = try await answer(client: "client", names: "spiffe://cluster/tweets")
        #expect(answer.text.hasPrefix("HTTP/1.1 502 ") && answer.text.contains("spiffe://cluster/albums"))
    }

    @Test func serverOfAnotherAuthorityIsNotTrusted() async throws {
        let answer = try await answer(client: "client", authority: "other")
        #expect(answer.text.hasPrefix("HTTP/1.1 502 ") && answer.text.contains("not trusted"))
    }

    @Test(arguments: [
        (nil, "TLS with a client failed"), ("foreign", "TLS with a client failed"),
        ("stranger", "client refused: its certificate has none"), ("host", "client refused: its certificate has none"),
    ])
    func clientWithoutTheRightCertificateIsRefused(_ client: String?, _ warning: String) async throws {
        let answer = try await answer(client: client, warning: warning)
        #expect(answer.text.hasPrefix("HTTP/1.1 502 "), "\(answer.text)")
        #expect(answer.warnings.contains { $0.contains(warning) }, "\(answer.warnings)")
    }

    @Test func plainRequestToATLSListenerIsRefused() async throws {
        let folder = try Self.certificates()
        let tls = ", tls: {certificate: \(folder.path)/server.pem, key: \(folder.path)/server.key}"
        let requests = Notes<String>()
        let server = try ScriptedServer { connection in
            requests.add(connection.readHead())
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        }
        try await RunningSidecar.before(server.port, listener: tls) { sidecar in
            #expect(await !sidecar.answer(to: "GET / HTTP/1.1\r\nHost: a\r\n\r\n").contains("HTTP"))
        }
        #expect(requests.all.isEmpty)
    }
}
