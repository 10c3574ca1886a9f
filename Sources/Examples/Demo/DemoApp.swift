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
            demo.children.stop()
            exit(status)
        } catch {
            Output.error.line("demo: \(error)")
            exit(error.kind.rawValue)
        }
    }

    private let children: Children
    private let transport: any Transport = SocketTransport()
    private let output = Output.standard
    private let ports: (collector: Int, store: Int, proxy: Int)
    private let endsByItself: Bool
    private let folder: String
    private let logs: LogCheck
    private static let services = (store: "album-store", proxy: "proxy-service")

    private init(_ environment: ServiceEnvironment) throws(StartFailure) {
        ports = (
            try environment.port("COLLECTOR_PORT", default: 4318), try environment.port("ALBUM_STORE_PORT", default: 9080),
            try environment.port("PROXY_PORT", default: 9070)
        )
        endsByItself = environment["ONCE"].map { $0 != "0" } ?? false
        folder = try Self.folderOfThisProgram()
        logs = LogCheck(folder: environment["LOG_FOLDER"] ?? "\(folder)/logs")
        try Self.checkPorts([
            (ports.collector, "the collector", "COLLECTOR_PORT"), (ports.store, "the album store", "ALBUM_STORE_PORT"),
            (ports.proxy, "the proxy", "PROXY_PORT"),
        ])
        try logs.prepare([Self.services.proxy, Self.services.store])
        children = try Children()
    }

    private func url(_ port: Int) -> String { "http://127.0.0.1:\(port)" }

    private var check: TraceCheck { TraceCheck(transport: transport, collectorURL: url(ports.collector)) }

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
        heading("Starting the collector, the album store and the proxy")
        // Short delays, so that each trace is drawn right after its request.
        try await start("Collector", ports.collector, ["SETTLE_MILLISECONDS": "250"])
        let common = ["NAMESPACE": "demo", "OTEL_LOCATION": "127.0.0.1:\(ports.collector)", "OTEL_BSP_SCHEDULE_DELAY": "50"]
        try await start(
            "AlbumStore", ports.store,
            common.merging(["INSTANCE_NAME": "album-store-1", "LOG_FILE": logs.file(of: Self.services.store)]) { $1 })
        let proxy = [
            "INSTANCE_NAME": "proxy-service-1", "ALBUM_STORE_URL": url(ports.store), "LOG_FILE": logs.file(of: Self.services.proxy),
        ]
        try await start("Proxy", ports.proxy, common.merging(proxy) { $1 })

        heading("GET /status – whether both services are up, and whether their spans arrive")
        output.line()
        for name in ["AlbumStore", "Proxy"] where try await check.trace(ofUserAgent: "telemetry-demo/\(name)", within: .seconds(10)) == nil
        {
            throw StartFailure(.unavailable, "No span of \(name) arrives at the collector.")
        }
    }

    private func start(_ name: String, _ port: Int, _ environment: [String: String]) async throws {
        let own = ["HOST": "127.0.0.1", "PORT": "\(port)"]
        try children.start(name, "\(folder)/\(name)", environment: environment.merging(own) { $1 })
        let deadline = ContinuousClock.now + .seconds(10)
        while !StopSignal.hasCome {
            let headers: HTTPHeaders = ["User-Agent": "telemetry-demo/\(name)"]
            let answer = try? await transport.send("GET", url(port) + "/status", headers: headers, body: [])
            if answer?.status == 200 { return }
            if let (name, reason) = children.ended { throw StartFailure(.unavailable, "\(name) \(reason).") }
            guard ContinuousClock.now < deadline else {
                throw StartFailure(.unavailable, "\(name) does not answer at \(url(port))/status.")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw CancellationError()
    }
}

extension DemoApp {
    /// Sends all requests; returns the number of those with a wrong outcome.
    private func sendRequests() async throws -> Int {
        var failures = 0
        for (number, step) in DemoStep.all.enumerated() where !StopSignal.hasCome {
            if let (name, reason) = children.ended { throw StartFailure(.unavailable, "\(name) \(reason).") }
            heading("\(step.method) \(step.path) – \(step.title)")
            let agent = "telemetry-demo/\(number + 1)"
            var headers: HTTPHeaders = ["User-Agent": agent]
            if let body = step.body {
                headers["Content-Type"] = "application/json"
                output.line(dim(wrapped("→ \(body)", hangingIndent: 2)))
            }
            let answer = try await transport.send(
                step.method, url(ports.proxy) + step.path, headers: headers, body: Array((step.body ?? "").utf8))
            output.line("  \(answer.status) " + dim(Self.firstLine(of: answer.text, columns: output.columns - 8)) + "\n")
            let trace = try await check.trace(ofUserAgent: agent, within: .seconds(10))

            var problems: [String] = []
            var lines: [LogCheck.Line] = []
            if answer.status != step.status { problems.append("it answered \(answer.status) instead of \(step.status)") }
            if let trace {
                if let problem = TraceCheck.problem(of: trace, expected: step.spans) { problems.append("of its trace: \(problem)") }
                if let found = try await logs.lines(of: trace, in: [Self.services.store, Self.services.proxy], within: .seconds(10)) {
                    lines = found
                } else {
                    problems.append("its trace has no log line for each server span in \(logs.folder)")
                }
            } else {
                problems.append("its trace did not arrive at the collector")
            }
            if problems.isEmpty {
                for line in lines { output.line(dim(wrapped(line.summary, hangingIndent: LogCheck.Line.textColumn))) }
                output.line(
                    green(
                        "  ✓ \(step.status), one trace of \(Self.counted(step.spans.count, "span")), "
                            + "\(Self.counted(lines.count, "log line")) with its identifier"))
                if let note = step.note { output.line(dim(wrapped("ⓘ " + note, hangingIndent: 2))) }
            } else {
                failures += 1
                for problem in problems { output.line(red(wrapped("✗ \(problem)", hangingIndent: 2))) }
            }
        }
        return failures
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
        let (proxy, collector) = (url(ports.proxy), url(ports.collector))
        output.line(
            """

            The services keep running. Try in another terminal:

              curl \(proxy)/albums/2
              curl \(proxy)/albums -d \\
                '{"id":11,"title":"Kind of Blue","artist":"Miles Davis","price":45.5}'
              curl \(collector)/traces

            The services write their log lines to \(logs.folder).
            Take the identifier of a trace from above to find them:

              grep -h TRACE-ID \(logs.folder)/*.jsonl

            The album store describes its interface at
            \(url(ports.store))/v3/api-docs/

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
    private static func checkPorts(_ ports: [(number: Int, user: String, variable: String)]) throws(StartFailure) {
        let taken = ports.filter { isTaken($0.number) }
        guard taken.isEmpty else {
            let lines = taken.map { "  port \($0.number) for \($0.user): choose another, as \($0.variable)=\($0.number + 10_000)" }
            throw StartFailure(
                .unavailable,
                "These ports are taken:\n\(lines.joined(separator: "\n"))\nExample: make demo \(taken[0].variable)=\(taken[0].number + 10_000)"
            )
        }
        guard Set(ports.map(\.number)).count == ports.count else {
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

    private func heading(_ text: String) { output.line("\n" + styled("▸ " + text, "1")) }
    private func green(_ text: String) -> String { styled(text, "32") }
    private func red(_ text: String) -> String { styled(text, "31") }
    private func dim(_ text: String) -> String { styled(text, "2") }
    private func styled(_ text: String, _ code: String) -> String { output.isColored ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }
}
