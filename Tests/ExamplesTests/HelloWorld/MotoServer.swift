// The stand-in for Amazon's services that the tests have from PyPI.

import ExampleSupport
import Glibc
import Telemetry
import Testing

/// A server of PyPI's `moto` on a free port of this host. It ends with its object, and with the process of the tests.
final class MotoServer: Sendable {
    /// The program, which `make counterparts` installs; nil where it is not installed, which is reported once.
    static let program: String? = {
        let source = #filePath
        let root = source.firstRange(of: "/Tests/ExamplesTests/").map { String(source[..<$0.lowerBound]) } ?? "."
        let program = "\(root)/.build-counterparts/bin/moto_server"
        if access(program, X_OK) == 0 { return program }
        Output.error.line("moto_server is not installed (make counterparts installs it from PyPI): its tests are skipped")
        return nil
    }()

    let url: String
    private let folder: TemporaryDirectory
    private let process: OutsideProcess

    private static let shared = Task { try await MotoServer() }

    /// Returns the server that the tests share one after the other, without topics.
    static func emptied() async throws -> MotoServer {
        let server = try await shared.value
        let transport = SocketTransport(timeout: ServiceHarness.patience)
        try #require(try await transport.send("POST", server.url + "/moto-api/reset", headers: [:], body: []).status == 200)
        return server
    }

    /// Starts a server, and waits until it answers.
    private init() async throws {
        let port = try #require(ScriptedServer.freePort())
        (url, folder) = ("http://127.0.0.1:\(port)", try TemporaryDirectory())
        // The account is part of the names of topics; its own is another one.
        let words = ["env", "MOTO_ACCOUNT_ID=000000000000", try #require(Self.program), "-H", "127.0.0.1", "-p", "\(port)"]
        process = try OutsideProcess(words, folder: folder.path)
        let transport = SocketTransport(timeout: ServiceHarness.patience)
        let answers = await eventually { (try? await transport.send("GET", url + "/moto-api/", headers: [:], body: []))?.status == 200 }
        try #require(answers, "moto_server does not answer")
    }
}
