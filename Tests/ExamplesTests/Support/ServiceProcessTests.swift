// Services as processes: with which words and status they refuse to start, and how they end.

import ExampleSupport
import Glibc
import Synchronization
import Testing

@testable import Telemetry

/// A service that runs as a process of its own; its output is kept.
private struct ChildProcess {
    let identifier: pid_t
    private let output: Int32

    /// Starts a program that was built beside the tests, with no environment but the given one.
    init(_ name: String, environment: [String: String]) throws {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/proc/self/exe", &path, path.count)
        let own = String(decoding: path.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let program = own.prefix(through: try #require(own.lastIndex(of: "/"))) + name

        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[1]) }
        output = ends[0]
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for stream in [STDOUT_FILENO, STDERR_FILENO] { posix_spawn_file_actions_adddup2(&actions, ends[1], stream) }
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup(name), nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var child = pid_t()
        try #require(posix_spawn(&child, String(program), &actions, nil, &arguments, &variables) == 0, "\(program) can be started")
        identifier = child
    }

    /// Reads on until the output ends, or has a line that contains the text.
    ///
    /// On a thread of its own: tests run on few threads, and what the service sends its spans to needs one of them.
    func output(until text: String? = nil) async -> String {
        await withCheckedContinuation { continuation in
            let isStarted = WorkerThread.start(named: "child-output") { continuation.resume(returning: read(until: text)) }
            if !isStarted { continuation.resume(returning: "there is no thread to read the output on") }
        }
    }

    private func read(until text: String?) -> String {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let shown = String(decoding: all, as: UTF8.self)
            if let text, shown.split(separator: "\n", omittingEmptySubsequences: false).dropLast().contains(where: { $0.contains(text) }) {
                return shown
            }
            // A service that says nothing and does not end would hold the tests up for ever.
            var watched = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            guard poll(&watched, 1, 20_000) > 0 else { return shown }
            let count = Glibc.read(output, &buffer, buffer.count)
            guard count > 0 else { return shown }
            all += buffer[..<count]
        }
    }

    /// Waits for the end and returns the exit status; nil when a signal ended it.
    func exitStatus() -> Int32? {
        var status: Int32 = 0
        waitpid(identifier, &status, 0)
        close(output)
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : nil
    }
}

@Suite(.serialized) struct ServiceProcessTests {
    private static let environment = [
        "NAMESPACE": "test", "INSTANCE_NAME": "one", "OTEL_LOCATION": "127.0.0.1:1", "HOST": "127.0.0.1", "PORT": "0",
    ]

    /// What a service that does not start says, and its exit status.
    private func failure(_ name: String, _ changes: [String: String?]) async throws -> (text: String, status: Int32?) {
        var environment = Self.environment
        for (key, value) in changes { environment[key] = value }
        let child = try ChildProcess(name, environment: environment)
        let text = await child.output()
        return (text, child.exitStatus())
    }

    @Test(arguments: ["AlbumStore", "Proxy"], ["NAMESPACE", "INSTANCE_NAME", "OTEL_LOCATION"])
    func aMissingVariableIsNamed(service: String, variable: String) async throws {
        for value in [nil, ""] {
            let (text, status) = try await failure(service, [variable: value])
            #expect(status == 78)
            #expect(text.contains("These environment variables must be set:\n  \(variable): "))
        }
    }

    @Test(arguments: [
        ("AlbumStore", "PORT", "http"), ("AlbumStore", "OTEL_LOCATION", "https://collector:4318"),
        ("Proxy", "ALBUM_STORE_URL", "store:9080"),
    ])
    func aValueThatCannotBeUsedIsNamed(service: String, variable: String, value: String) async throws {
        let (text, status) = try await failure(service, [variable: value])
        #expect(status == 78)
        #expect(text.contains("\(variable) is \"\(value)\"; it must be "))
    }

    @Test func aPortThatIsTakenIsNamed() async throws {
        try await ServiceHarness.listening({ _ in .text("") }) { url in
            let port = try #require(url.split(separator: ":").last)
            let (text, status) = try await failure("AlbumStore", ["PORT": String(port)])
            #expect(status == 69)
            #expect(text.contains("port \(port) on 127.0.0.1 is taken by another program; PORT chooses another"))
        }
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func aSignalEndsAServiceOnceItsSpansAreDelivered(signal: Int32) async throws {
        let names = Mutex<[String]>([])
        try await ServiceHarness.listening({ request in
            let spans = (try? OTLPTraceRequest.decode(request.body)) ?? []
            names.withLock { $0 += spans.map(\.name) }
            return ServiceResponse(status: 200, contentType: "application/x-protobuf")
        }) { url in
            var environment = Self.environment
            environment["OTEL_LOCATION"] = String(url.dropFirst("http://".count))
            // Long enough that only the end of the process can be what delivers the spans.
            environment["OTEL_BSP_SCHEDULE_DELAY"] = "600000"
            environment["STOP_TIMEOUT"] = "60000"
            let child = try ChildProcess("AlbumStore", environment: environment)
            let start = await child.output(until: "listening on port")
            let port = try #require(start.split(separator: "\n").last?.split(separator: " ").last)
            let answer = try await SocketTransport(timeout: .seconds(60)).send(
                "GET", "http://127.0.0.1:\(port)/albums/1", headers: [:], body: [])
            #expect(answer.status == 200)
            #expect(names.withLock { $0 } == [])

            kill(child.identifier, signal)
            #expect(await child.output().contains("GET /albums/1\nalbum-store: stopped\n"))
            #expect(child.exitStatus() == 0)
            #expect(names.withLock { $0 } == ["/albums/:id GET"])
        }
    }
}
