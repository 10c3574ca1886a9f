// The demo: starts collector and services, sends requests, and verifies the trace and log lines of each.

import ExampleSupport
import Glibc
import Telemetry

@main struct DemoApp {
    static func main() async {
        StopSignal.arm()
        do {
            if Fleet.isWanted(.process) {
                exit(await (try FleetApp(.process, folder: try folderOfThisProgram())).run())
            }
            let demo = try DemoApp(.process)
            let status = await demo.run()
            demo.end()
            exit(status)
        } catch {
            Output.error.line("demo: \(error)")
            exit(error.kind.rawValue)
        }
    }

    /// How long a busy machine may take for one step.
    private static let patience = Duration.seconds(60)

    private let children: Children
    private let transport: any Transport = SocketTransport()
    private let output = Output.standard
    private let systems: [DemoSystem]
    private let setup: DemoSetup
    private let temporary: TemporaryFolder
    private let endsByItself: Bool
    private let folder: String
    private let logs: LogCheck
    /// Where the collector takes gRPC; nil leaves it to the collector, which does without it if its usual port is taken.
    private let grpcPort: Int?

    private init(_ environment: ServiceEnvironment) throws(StartFailure) {
        systems = try DemoSystem.selected(environment)
        let roles = [.collector] + systems.flatMap(\.roles)
        var services: [DemoService.Role: DemoService] = [:]
        for role in roles { services[role] = try DemoService(role, environment) }
        endsByItself = environment["ONCE"].map { $0 != "0" } ?? false
        grpcPort = environment["COLLECTOR_GRPC_PORT"] == nil ? nil : try environment.port("COLLECTOR_GRPC_PORT", default: 0)
        folder = try Self.folderOfThisProgram()
        logs = LogCheck(folder: environment["LOG_FOLDER"] ?? "\(folder)/logs")
        try Self.checkPorts(roles.compactMap { services[$0] })
        try logs.prepare(services.values.map(\.name))
        children = try Children()
        temporary = try TemporaryFolder()
        let secret = (0..<8).map { _ in String(UInt64.random(in: 0 ... .max), radix: 16) }.joined()
        let redis = roles.contains(.helloWorld) ? try RedisProcess(children, folder: temporary.path, password: secret) : nil
        setup = DemoSetup(
            services: services, folder: temporary.path, databaseURL: environment["DEMO_DATABASE_URL"], secret: secret, redis: redis)
    }

    private func end() {
        children.stop()
        temporary.remove()
    }

    private var check: TraceCheck { TraceCheck(transport: transport, collectorURL: setup.url(.collector)) }

    private func run() async -> Int32 {
        do {
            try await startServices()
            var failures = 0
            var verdicts: [String] = []
            for system in systems where !StopSignal.hasCome {
                if systems.count > 1 { heading("━━ \(system.name): \(system.title) ━━", mark: "") }
                let failed = try await sendRequests(of: system)
                failures += failed
                verdicts.append(verdict(of: system, failed: failed))
            }
            if StopSignal.hasCome { return 130 }
            heading("Result")
            for verdict in verdicts { output.line(verdict) }
            failures += try await judgeConventions()
            guard !endsByItself else { return failures == 0 ? 0 : 1 }
            invite()
            try await keepTrafficUntilTheEnd()
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
        heading("Starting " + (["the collector"] + systems.map(\.title)).joined(separator: "; "))
        let database = setup.databaseURL.map { _ in "PostgreSQL" } ?? "SQLite, in \(temporary.path)"
        if systems.contains(where: { $0.roles.contains(.tweet) }) {
            output.line(dim(wrapped("Users and tweets are in \(database).", hangingIndent: 0)))
        }
        if systems.contains(where: { $0.roles.contains(.helloWorld) }) {
            let place =
                setup.redis.map { "The last message and open sessions are in Redis, on \($0.location)." }
                ?? "Redis is not installed (redis-server): the last message and open sessions are in SQLite alone."
            output.line(dim(wrapped(place, hangingIndent: 0)))
        }
        // Short delays, so that each trace is drawn right after its request.
        let variables = ["SETTLE_MILLISECONDS": "250", "UNDRAWN_USER_AGENT": DemoTraffic.userAgent]
        try await start(.collector, variables.merging(grpcPort.map { ["GRPC_PORT": "\($0)"] } ?? [:]) { $1 })
        output.line("\n  " + consoleLine + "\n")
        try DemoSystem.writeSidecarFile(for: setup)
        for system in systems {
            for role in system.roles { try await start(role, system.variables(role, setup)) }
        }

        heading("GET /status – whether the services are up, and whether their spans arrive")
        output.line()
        for role in systems.flatMap(\.roles) {
            guard try await check.trace(ofUserAgent: "telemetry-demo/\(role)", within: Self.patience) == nil else { continue }
            throw StartFailure(.unavailable, "No span of \(setup.services[role]?.title ?? "") arrives at the collector.")
        }
    }

    private func start(_ role: DemoService.Role, _ environment: [String: String] = [:]) async throws {
        guard let service = setup.services[role] else { return }
        let common = [
            "HOST": "127.0.0.1", "PORT": "\(service.port)", "NAMESPACE": "demo", "INSTANCE_NAME": "\(service.name)-1",
            "OTEL_LOCATION": setup.location(.collector), "OTEL_BSP_SCHEDULE_DELAY": "50", "OTEL_BLRP_SCHEDULE_DELAY": "50",
            "OTEL_METRICS_EXPORTER": "otlp", "OTEL_METRIC_EXPORT_INTERVAL": "5000", "OTEL_LOGS_EXPORTER": "otlp",
            "LOG_FILE": logs.file(of: service.name),
        ]
        try children.start(
            service.program, "\(folder)/\(service.program)", environment: common.merging(environment) { $1 },
            showsOutput: role == .collector)
        let deadline = ContinuousClock.now + Self.patience
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
}

extension DemoApp {
    /// Sends all requests of a system; returns the number of those with a wrong outcome.
    private func sendRequests(of system: DemoSystem) async throws -> Int {
        var failures = 0
        var kept = ["nobody": "eyJhbGciOiJIUzI1NiJ9.eyJpZCI6MX0.none"]
        for (number, step) in system.steps(setup.redis?.location).enumerated() where !StopSignal.hasCome {
            if let (name, reason) = children.ended { throw StartFailure(.unavailable, "\(name) \(reason).") }
            let path = Self.filled(step.path, kept)
            heading("\(step.method) \(path) – \(step.title)")
            let agent = "telemetry-demo/\(system.name)/\(number + 1)"
            if let text = step.awaitedText { try await wait(for: text, from: step, path) }
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

    /// Repeats a request until its answer contains the text, for a while; the requests have traces of their own.
    private func wait(for text: String, from step: DemoStep, _ path: String) async throws {
        let deadline = ContinuousClock.now + Self.patience
        while ContinuousClock.now < deadline, !StopSignal.hasCome {
            // Unsampled, so that only the request that counts is drawn.
            let headers: HTTPHeaders = ["traceparent": "00-0000000000000000000000000000000a-000000000000000a-00"]
            let answer = try await transport.send(step.method, setup.url(step.service) + path, headers: headers, body: [])
            if answer.text.contains(text) { return }
            try await Task.sleep(for: .milliseconds(25))
        }
    }

    private func send(_ step: DemoStep, _ path: String, _ agent: String, token: String?) async throws -> ServiceResponse {
        var headers: HTTPHeaders = ["User-Agent": agent]
        headers["Authorization"] = token
        if let body = step.body {
            headers["Content-Type"] = "application/json"
            output.line(dim("  → " + Self.firstLine(of: body, columns: output.columns - 4)))
        }
        let answer = try await transport.send(
            step.method, setup.url(step.service) + path, headers: headers, body: Array((step.body ?? "").utf8))
        output.line("  \(answer.status) " + dim(Self.firstLine(of: answer.text, columns: output.columns - 8)) + "\n")
        return answer
    }

    /// Returns what is wrong with the outcome of a step, and the log lines of its trace.
    private func judge(_ answer: ServiceResponse, of step: DemoStep, _ agent: String) async throws -> ([String], [LogCheck.Line]) {
        var problems: [String] = []
        if let text = step.awaitedText, !answer.text.contains(text) { problems.append("its answer has no \(text)") }
        if answer.status != step.status { problems.append("it answered \(answer.status) instead of \(step.status)") }
        guard let trace = try await check.trace(ofUserAgent: agent, within: Self.patience) else {
            return (problems + ["its trace did not arrive at the collector"], [])
        }
        if let problem = TraceCheck.problem(of: trace, expected: step.trace) { problems.append("of its trace: \(problem)") }
        guard let lines = try await logs.lines(of: trace, in: setup.services.values.map(\.name), within: Self.patience) else {
            return (problems + ["its trace has no log line for each server span in \(logs.folder)"], [])
        }
        return (problems, lines)
    }

    /// Replaces `{name}` by the value that is kept under the name.
    private static func filled(_ text: String, _ kept: [String: String]) -> String {
        kept.reduce(text) { $0.replacing("{\($1.key)}", with: $1.value) }
    }

    /// Writes whether the telemetry keeps the semantic conventions; returns the number of violations.
    private func judgeConventions() async throws -> Int {
        let verdict = ConventionVerdict(try await check.get("/data/conventions?level=violation"))
        for problem in verdict.problems { output.line(red(wrapped("✗ \(problem)", hangingIndent: 2))) }
        if verdict.problems.isEmpty {
            let services = Self.counted(verdict.services, "service")
            let text =
                "✓ conventions: the telemetry of \(services) keeps them, but for \(verdict.expected) deviations that contracts ask for."
            output.line(green(wrapped(text, hangingIndent: 2)))
        }
        return verdict.problems.count
    }

    private func verdict(of system: DemoSystem, failed: Int) -> String {
        let steps = system.steps(setup.redis?.location)
        let count = steps.count
        let passed = steps.count { $0.trace.has(setup.services[.sidecar]?.name ?? "") }
        let mesh = passed == 0 ? "" : ", \(passed) of them with the spans of the sidecar"
        return failed == 0
            ? green(
                wrapped(
                    "✓ \(system.name): all \(count) requests had the expected answer, and each arrived as one trace\(mesh).",
                    hangingIndent: 2))
            : red(wrapped("✗ \(system.name): \(failed) of \(count) requests had an unexpected answer or trace.", hangingIndent: 2))
    }

    private func invite() {
        let suggestions = systems.flatMap { $0.suggestions(setup) } + ["curl \(setup.url(.collector))/traces"]
        let commands = suggestions.map { "  " + $0.replacing("\n", with: "\n  ") }.joined(separator: "\n")
        output.line(
            """

            \(consoleLine)
            Requests go on, some of which are slow, refused or fail, so that each of its views has something to show.

            The services keep running. Try in another terminal:

            \(commands)

            The services write their log lines to \(logs.folder).
            Take the identifier of a trace from above to find them:

              grep -h TRACE-ID \(logs.folder)/*.jsonl

            Ctrl-C ends the demo.

            """)
    }

    /// The address of the console; `localhost` is what browsers take for this machine whatever is in front of them.
    private var consoleLine: String {
        let url = "http://localhost:\(setup.services[.collector]?.port ?? 0)/"
        return "The console, with all traces, metrics and logs:  \(styled(url, "1"))"
    }

    private func keepTrafficUntilTheEnd() async throws {
        let traffic = DemoTraffic(systems: systems, setup: setup, transport: transport)
        let sending = Task { await traffic.run() }
        defer { sending.cancel() }
        try await waitForEnd()
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
        let ports = services.flatMap(\.ports)
        let taken = ports.filter { isTaken($0.port) }
        guard taken.isEmpty else {
            let lines = taken.map { "  port \($0.port) for \($0.title): choose another, as \($0.variable)=\($0.port + 10_000)" }
            throw StartFailure(
                .unavailable,
                "These ports are taken:\n\(lines.joined(separator: "\n"))\nExample: make demo \(taken[0].variable)=\(taken[0].port + 10_000)"
            )
        }
        guard Set(ports.map(\.port)).count == ports.count else {
            throw StartFailure(.configuration, "Two of \(ports.map(\.variable).joined(separator: ", ")) name the same port.")
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

    private func heading(_ text: String, mark: String = "▸ ") {
        let lines = LineWrapping.wrap(mark + text, columns: output.columns, indent: 0, hangingIndent: 2)
        output.line("\n" + styled(lines, "1"))
    }

    private func green(_ text: String) -> String { styled(text, "32") }
    private func red(_ text: String) -> String { styled(text, "31") }
    private func dim(_ text: String) -> String { styled(text, "2") }
    private func styled(_ text: String, _ code: String) -> String { output.isColored ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }
}
