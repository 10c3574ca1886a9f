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
    private let folder: String
    /// The server is killed when this descriptor is closed.
    private let lifeline: Int32

    /// Starts a server; it accepts connections some time later.
    ///
    /// - Parameters:
    ///   - port: that of a server that was killed; nil for a free one.
    ///   - folder: where the append-only file is.
    init(port: Int? = nil, folder: String) throws {
        let port = try #require(port ?? ScriptedServer.freePort())
        self.port = port
        self.folder = folder
        let options = [
            "--port", "\(port)", "--bind", "127.0.0.1", "--requirepass", Self.password, "--dir", folder, "--appendonly", "yes",
            "--appendfsync", "always", "--save", "", "--pidfile", "\(folder)/pid", "--daemonize", "no",
        ]
        // The shell ends the server with the end of its input, which a command in the background has only under another number.
        let script = """
            exec 3<&0
            (
                "$@" > "$0/log" 2>&1 3<&- &
                server=$!
                echo $server > "$0/server"
                cat <&3 > /dev/null
                kill -9 $server 2> /dev/null
                wait $server 2> /dev/null
            ) > /dev/null 2>&1 &
            """
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO)
        // The threads of tasks block signals, and a shell that inherits that waits for its processes for ever.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let words = ["sh", "-c", script, folder, try #require(Self.program)] + options
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for text in arguments { free(text) } }
        var child = pid_t()
        let status = posix_spawn(&child, "/bin/sh", &actions, &attributes, &arguments, environ)
        close(ends[0])
        lifeline = ends[1]
        try #require(status == 0)
        // The shell in between has ended, so that no child of the tests is left to wait for.
        var end: Int32 = 0
        waitpid(child, &end, 0)
    }

    deinit { close(lifeline) }

    /// Kills the server, as a failing machine would.
    func kill() throws {
        let file = try #require(fopen("\(folder)/server", "r"))
        defer { fclose(file) }
        var identifier: Int32 = 0
        withUnsafeMutablePointer(to: &identifier) { pointer in _ = withVaList([pointer]) { vfscanf(file, "%d", $0) } }
        try #require(identifier > 1)
        Glibc.kill(identifier, SIGKILL)
    }
}
