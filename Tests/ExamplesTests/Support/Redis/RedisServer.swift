// Redis servers of tests.

import ExampleSupport
import Glibc
import Testing

/// A throw-away Redis on a free port of this host, with a password and an append-only file. It ends with its object, and with the
/// process of the tests.
final class RedisServer: Sendable {
    static let password = "open-sesame-4711"

    /// The program; nil where it is not installed, which is reported once.
    static let program: String? = {
        let folders = (getenv("PATH").map { String(cString: $0) } ?? "").split(separator: ":").map { String($0) } + ["/usr/bin"]
        if let folder = folders.first(where: { access("\($0)/redis-server", X_OK) == 0 }) { return "\(folder)/redis-server" }
        Output.error.line("redis-server is not installed: its tests are skipped")
        return nil
    }()

    let port: Int
    private let process: OutsideProcess

    /// Starts a server; it accepts connections some time later.
    ///
    /// - Parameters:
    ///   - port: that of a server that was killed; nil for a free one.
    ///   - folder: where the append-only file is.
    init(port: Int? = nil, folder: String) throws {
        let port = try port ?? #require(ScriptedServer.freePort())
        self.port = port
        process = try OutsideProcess(
            [
                try #require(Self.program), "--port", "\(port)", "--bind", "127.0.0.1", "--requirepass", Self.password, "--dir", folder,
                "--appendonly", "yes", "--appendfsync", "always", "--save", "", "--pidfile", "\(folder)/pid", "--daemonize", "no",
            ], folder: folder)
    }

    /// Kills the server, as a failing machine would.
    func kill() throws { try process.kill() }
}
