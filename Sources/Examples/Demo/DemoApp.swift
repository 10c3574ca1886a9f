// The demo: starts collector and services, sends requests, and verifies the trace and log lines of each.

import ExampleSupport
import Glibc
import Telemetry

@main struct DemoApp {
    static func main() async {
        StopSignal.arm()
        do {
            let demo = try DemoApp(.process)
            let status = await demo.run()
            demo.end()
            exit(status)
        } catch {
            Output.error.line("demo: \(error)")
            exit(error.kind.rawValue)
        }
    }

    private let children: Children
    private let transport: any Transport = SocketTransport()
    private let output = Output.standard
    private let services: [DemoService.Role: DemoService]
    /// Where the users and tweets are; nil for a file in the temporary folder.
    private let databaseURL: String?
    private let temporary: TemporaryFolder
    private let endsByItself: Bool
    private let folder: String
    private let logs: LogCheck

    private init(_ environment: ServiceEnvironment) throws(StartFailure) {
        var services: [DemoService.Role: DemoService] = [:]
        for role in DemoService.Role.allCases { services[role] = try DemoService(role, environment) }
        self.services = services
        databaseURL = environment["DEMO_DATABASE_URL"]
        endsByItself = environment["ONCE"].map { $0 != "0" } ?? false
        folder = try Self.folderOfThisProgram()
        logs = LogCheck(folder: environment["LOG_FOLDER"] ?? "\(folder)/logs")
        try Self.checkPorts(DemoService.Role.allCases.compactMap { services[$0] })
        try logs.prepare(services.values.map(\.name))
        children = try Children()
        temporary = try TemporaryFolder()
    }

    private func end() {
        children.stop()
        temporary.remove()
    }

    private func url(_ role: DemoService.Role) -> String { services[role]?.url ?? "" }

    private var check: TraceCheck { TraceCheck(transport: transport, collectorURL: url(.collector)) }

    private func run() async -> Int32 {
        do {
            try await startServices()
            let failures = try await sendRequests()
            if StopSignal.hasCome { return 130 }
            report(failures)
            guard !endsByItself else { return failures == 0 ? 0 : 1 }
            invite()
            try await waitForEnd()
            // Ends the line in which the terminal shows ^C.
            output.line()
            return failures == 0 ? 0 : 1
        } catch {
            if StopSignal.hasCome { return 130 }
            Output.error.line("demo: \(error)")
            return (error as? StartFailure)?.kind.rawValue ?? 1
        }
    }

    private func startServices() async throws {
        heading("Starting the collector, the album store and its proxy, auth and tweets")
        let database = databaseURL.map { _ in "PostgreSQL" } ?? "SQLite, in \(temporary.path)"
        output.line(dim(wrapped("Users and tweets are in \(database).", hangingIndent: 0)))
        // Short delays, so that each trace is drawn right after its request.
        try await start(.collector, ["SETTLE_MILLISECONDS": "250"])
        try await start(.albumStore)
        try await start(.proxy, ["ALBUM_STORE_URL": url(.albumStore)])
        // A variable of this process must not lead to another database. Counting requests in one that replicas share takes statements,
        // which the traces then have besides those of the requests themselves.
        let shared = [
            "DATABASE_URL": databaseURL ?? "", "DATABASE_FILE": "\(temporary.path)/twitter.db", "RATE_LIMIT": "0",
        ]
        try await start(.auth, shared.merging(["JWT_SECRET": Self.secret()]) { $1 })
        try await start(.tweet, shared.merging(["AUTH_URL": url(.auth)]) { $1 })

        heading("GET /status – whether the services are up, and whether their spans arrive")
        output.line()
        for role in DemoService.Role.allCases where role != .collector {
            guard try await check.trace(ofUserAgent: "telemetry-demo/\(role)", within: .seconds(10)) == nil else { continue }
            throw StartFailure(.unavailable, "No span of \(services[role]?.title ?? "") arrives at the collector.")
        }
    }

    private func start(_ role: DemoService.Role, _ environment: [String: String] = [:]) async throws {
        guard let service = services[role] else { return }
        let own = [
            "HOST": "127.0.0.1", "PORT": "\(service.port)", "NAMESPACE": "demo", "INSTANCE_NAME": "\(service.name)-1",
            "OTEL_LOCATION": url(.collector).replacing("http://", with: ""), "OTEL_BSP_SCHEDULE_DELAY": "50",
            "LOG_FILE": logs.file(of: service.name),
        ]
        try children.start(
            service.program, "\(folder)/\(service.program)", environment: environment.merging(own) { $1 },
            showsOutput: role == .collector)
        let deadline = ContinuousClock.now + .seconds(10)
        while !StopSignal.hasCome {
            let headers: HTTPHeaders = ["User-Agent": "telemetry-demo/\(role)"]
            let answer = try? await transport.send("GET", service.url + "/status", headers: headers, body: [])
            if answer?.status == 200 { return }
            if let (name, reason) = children.ended { throw StartFailure(.unavailable, "\(name) \(reason).") }
            guard ContinuousClock.now < deadline else {
                throw StartFailure(.unavailable, "\(service.program) does not answer at \(service.url)/status.")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw CancellationError()
    }

    /// Returns a new secret for tokens, which nothing outside of this demo knows.
    private static func secret() -> String {
        (0..<8).map { _ in String(UInt64.random(in: 0 ... .max), radix: 16) }.joined()
    }
}

extension DemoApp {
    /// Sends all requests; returns the number of those with a wrong outcome.
    private func sendRequests() async throws -> Int {
        var failures = 0
        var kept = ["nobody": "eyJhbGciOiJIUzI1NiJ9.eyJpZCI6MX0.none"]
        for (number, step) in DemoStep.all.enumerated() where !StopSignal.hasCome {
            if let (name, reason) = children.ended { throw StartFailure(.unavailable, "\(name) \(reason).") }
            let path = Self.filled(step.path, kept)
            heading("\(step.method) \(path) – \(step.title)")
            let agent = "telemetry-demo/\(number + 1)"
            let answer = try await send(step, path, agent, token: step.token.map { kept[$0] ?? "" })
            for (member, name) in step.keeps {
                kept[name] = (try? JSONValue(parsing: answer.body))?[member].map { $0.stringValue ?? $0.description }
            }
            let (problems, lines) = try await judge(answer, of: step, agent)
            if problems.isEmpty {
                for line in lines { output.line(dim(wrapped(line.summary, hangingIndent: LogCheck.Line.textColumn))) }
                output.line(
                    green(
                        "  ✓ \(step.status), one trace of \(Self.counted(step.trace.count, "span")), "
                            + "\(Self.counted(lines.count, "log line")) with its identifier"))
                if let note = step.note { output.line(dim(wrapped("ⓘ " + note, hangingIndent: 2))) }
            } else {
                failures += 1
                for problem in problems { output.line(red(wrapped("✗ \(problem)", hangingIndent: 2))) }
            }
        }
        return failures
    }

    private func send(_ step: DemoStep, _ path: String, _ agent: String, token: String?) async throws -> ServiceResponse {
        var headers: HTTPHeaders = ["User-Agent": agent]
        headers["Authorization"] = token
        if let body = step.body {
            headers["Content-Type"] = "application/json"
            output.line(dim(wrapped("→ \(body)", hangingIndent: 2)))
        }
        let answer = try await transport.send(step.method, url(step.service) + path, headers: headers, body: Array((step.body ?? "").utf8))
        output.line("  \(answer.status) " + dim(Self.firstLine(of: answer.text, columns: output.columns - 8)) + "\n")
        return answer
    }

    /// Returns what is wrong with the outcome of a step, and the log lines of its trace.
    private func judge(_ answer: ServiceResponse, of step: DemoStep, _ agent: String) async throws -> ([String], [LogCheck.Line]) {
        var problems: [String] = []
        if answer.status != step.status { problems.append("it answered \(answer.status) instead of \(step.status)") }
        guard let trace = try await check.trace(ofUserAgent: agent, within: .seconds(10)) else {
            return (problems + ["its trace did not arrive at the collector"], [])
        }
        if let problem = TraceCheck.problem(of: trace, expected: step.trace) { problems.append("of its trace: \(problem)") }
        guard let lines = try await logs.lines(of: trace, in: services.values.map(\.name), within: .seconds(10)) else {
            return (problems + ["its trace has no log line for each server span in \(logs.folder)"], [])
        }
        return (problems, lines)
    }

    /// Replaces `{name}` by the value that is kept under the name.
    private static func filled(_ text: String, _ kept: [String: String]) -> String {
        kept.reduce(text) { $0.replacing("{\($1.key)}", with: $1.value) }
    }

    private func report(_ failures: Int) {
        let count = DemoStep.all.count
        heading("Result")
        output.line(
            failures == 0
                ? green(wrapped("✓ All \(count) requests had the expected answer, and each arrived as one trace.", hangingIndent: 2))
                : red(wrapped("✗ \(failures) of \(count) requests had an unexpected answer or trace.", hangingIndent: 2)))
    }

    private func invite() {
        let (proxy, collector) = (url(.proxy), url(.collector))
        output.line(
            """

            The services keep running. Try in another terminal:

              curl \(proxy)/albums/2
              curl \(proxy)/albums -d \\
                '{"id":11,"title":"Kind of Blue","artist":"Miles Davis","price":45.5}'
              curl \(url(.auth))/auth/login --json \\
                '{"email":"ada@example.com","password":"correct horse"}'
              curl \(url(.tweet))/tweet/1 -H "Authorization: TOKEN"
              curl \(collector)/traces

            The services write their log lines to \(logs.folder).
            Take the identifier of a trace from above to find them:

              grep -h TRACE-ID \(logs.folder)/*.jsonl

            The album store describes its interface at
            \(url(.albumStore))/v3/api-docs/

            Ctrl-C ends the demo.

            """)
    }

    private func waitForEnd() async throws {
        while !StopSignal.hasCome {
            if let (name, reason) = children.ended { throw StartFailure(.unavailable, "\(name) \(reason).") }
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}

extension DemoApp {
    private static func folderOfThisProgram() throws(StartFailure) -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let path = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard let slash = path.lastIndex(of: "/") else { throw StartFailure(.software, "The folder of this program cannot be found.") }
        return String(path[..<slash])
    }

    /// Throws if ports of the services are taken or equal; the error names all of them.
    private static func checkPorts(_ services: [DemoService]) throws(StartFailure) {
        let taken = services.filter { isTaken($0.port) }
        guard taken.isEmpty else {
            let lines = taken.map { "  port \($0.port) for \($0.title): choose another, as \($0.variable)=\($0.port + 10_000)" }
            throw StartFailure(
                .unavailable,
                "These ports are taken:\n\(lines.joined(separator: "\n"))\nExample: make demo \(taken[0].variable)=\(taken[0].port + 10_000)"
            )
        }
        guard Set(services.map(\.port)).count == services.count else {
            throw StartFailure(.configuration, "Two of \(services.map(\.variable).joined(separator: ", ")) name the same port.")
        }
    }

    private static func isTaken(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        return !isBound && errno == EADDRINUSE
    }

    private static func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

    /// Breaks a text at spaces to the width of the output, with an indent of two columns and more from the second line on.
    private func wrapped(_ text: String, hangingIndent: Int) -> String {
        LineWrapping.wrap(text, columns: output.columns, indent: 2, hangingIndent: 2 + hangingIndent)
    }

    private static func firstLine(of text: String, columns: Int) -> String {
        let line = text.prefix { !$0.isNewline }
        return line.count < text.count || line.count > columns ? line.prefix(max(1, columns - 1)) + "…" : String(line)
    }

    private func heading(_ text: String) { output.line("\n" + styled("▸ " + text, "1")) }
    private func green(_ text: String) -> String { styled(text, "32") }
    private func red(_ text: String) -> String { styled(text, "31") }
    private func dim(_ text: String) -> String { styled(text, "2") }
    private func styled(_ text: String, _ code: String) -> String { output.isColored ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }
}
