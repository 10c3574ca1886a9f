// Start and end of service processes: messages, exit statuses, signals.

import ExampleSupport
import Glibc
import Telemetry
import Testing

/// Serialized, since a process must not inherit descriptors that are opened for another one.
@Suite(.serialized) struct ServiceProcessTests {
    /// Returns the output and exit status of a service that does not start.
    private func failure(_ name: String, _ changes: [String: String?]) async throws -> (text: String, status: Int32?) {
        var environment = ChildProcess.environment
        for (key, value) in changes { environment[key] = value }
        let child = try ChildProcess(name, environment: environment)
        let text = await child.output(until: "listening on port")
        kill(child.identifier, SIGTERM)
        return (text, await child.exitStatus())
    }

    @Test(arguments: ["AlbumStore", "Proxy"], ["NAMESPACE", "INSTANCE_NAME", "OTEL_LOCATION"])
    func missingVariableIsNamedAndExits78(service: String, variable: String) async throws {
        for value in [nil, ""] {
            let (text, status) = try await failure(service, [variable: value])
            #expect(status == 78)
            #expect(text.contains("These environment variables must be set:\n  \(variable): "))
        }
    }

    @Test(arguments: [
        ("AlbumStore", "PORT", "http"), ("AlbumStore", "OTEL_LOCATION", "https://collector:4318"),
        ("Proxy", "ALBUM_STORE_URL", "store:9080"), ("AlbumStore", "ACCESS_LOG", "of"), ("AlbumStore", "OTEL_LOGS_EXPORTER", "oltp"),
        ("AlbumStore", "OTEL_LOGS_EXPORTER", "otlp/stdout"), ("Proxy", "OTEL_METRICS_EXPORTER", "otlp,promtheus"),
        ("Proxy", "LOG_LEVEL", "inf"), ("AlbumStore", "STOP_TIMEOUT", "0.5"),
        ("AlbumStore", "MAXIMUM_HELD_BYTES", "64M"), ("AlbumStore", "MAXIMUM_REQUEST_BYTES", "-1"),
        ("AlbumStore", "HOST", "no.such.host.invalid"),
        ("TraceContextRelay", "ACCESS_LOG", "0"), ("Collector", "MAXIMUM_HELD_BYTES", "1"),
    ])
    func invalidVariableIsNamedAndExits78(service: String, variable: String, value: String) async throws {
        let (text, status) = try await failure(service, [variable: value])
        #expect(status == 78)
        #expect(text.contains("\(variable) is \"\(value)\"; it must be "))
    }

    @Test(arguments: [
        ("AlbumStore", "OTEL_PROPAGATORS", "tracecontext,bagage"), ("AlbumStore", "OTEL_TRACES_SAMPLER", "allways_on"),
        ("Proxy", "OTEL_BSP_MAX_QUEUE_SIZE", "many"), ("Proxy", "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "-3"),
        ("Proxy", "OTEL_SDK_DISABLED", "yes"), ("TraceContextRelay", "OTEL_PROPAGATORS", "w3c"),
    ])
    func invalidTelemetryVariableIsNamedAndExits78(service: String, variable: String, value: String) async throws {
        let (text, status) = try await failure(service, [variable: value])
        #expect(status == 78)
        #expect(text.contains("\(variable): ") && text.contains("cannot be used; expected "), "\(text)")
    }

    @Test func takenPortIsNamedAndExits69() async throws {
        try await ServiceHarness.listening({ _ in .text("") }) { url in
            let port = try #require(url.split(separator: ":").last)
            let (text, status) = try await failure("AlbumStore", ["PORT": String(port)])
            #expect(status == 69)
            #expect(text.contains("port \(port) on 127.0.0.1 is taken already, by another program or by a server of this one"))
            #expect(text.contains("PORT chooses another"))
        }
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func signalExportsSpansBeforeExit(signal: Int32) async throws {
        let trace = "0af7651916cd43dd8448eb211c80319c"
        // The collector is a process too: a receiver in this process would wait for other tests.
        let (collector, collectorURL) = try await ChildProcess.service("Collector")
        // The delay is so long that only the end of the process can export the spans.
        let (store, url) = try await ChildProcess.service(
            "AlbumStore",
            ["OTEL_LOCATION": String(collectorURL.dropFirst("http://".count)), "OTEL_BSP_SCHEDULE_DELAY": "600000"])
        func get(_ url: String) async throws -> ServiceResponse {
            try await SocketTransport(timeout: ServiceHarness.patience).send(
                "GET", url, headers: ["traceparent": "00-\(trace)-b7ad6b7169203331-01"], body: [])
        }

        #expect(try await get(url + "/albums/1").status == 200)
        #expect(try await get("\(collectorURL)/traces/\(trace)").status == 404)

        kill(store.identifier, signal)
        let output = await store.output()
        let lines = output.split(separator: "\n")
        #expect(lines.count == 2 && lines[1].contains(#""message":"stopping""#), "\(output)")
        #expect(lines.first?.contains(#""trace_id":"\#(trace)""#) == true && lines[0].contains(#""path":"/albums/1","status":200"#))
        #expect(await store.exitStatus() == 0)
        #expect(try await get("\(collectorURL)/traces/\(trace)").text.contains(#""/albums/:id GET""#))

        kill(collector.identifier, signal)
        #expect(await collector.exitStatus() == 0)
    }

    @Test func closedStandardStreamsAreNotReused() async throws {
        var template = Array("/tmp/service-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let lines = "\(folder)/lines.jsonl"
        defer {
            unlink(lines)
            rmdir(folder)
        }
        let environment = ChildProcess.environment.merging(["LOG_FILE": lines]) { $1 }
        let child = try ChildProcess("AlbumStore", environment: environment, closing: [STDOUT_FILENO, STDERR_FILENO])
        // The first line is written when the service listens and has opened all it needs.
        var file = stat()
        #expect(await eventually { stat(lines, &file) == 0 && file.st_size > 0 })
        for stream in [STDOUT_FILENO, STDERR_FILENO] {
            var target = [CChar](repeating: 0, count: Int(PATH_MAX))
            let length = readlink("/proc/\(child.identifier)/fd/\(stream)", &target, target.count)
            #expect(String(decoding: target.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self) == "/dev/null")
        }
        kill(child.identifier, SIGTERM)
        #expect(await child.exitStatus() == 0)
    }

    @Test func endOfStandardInputStopsService() async throws {
        func startAndLetGo() async throws -> pid_t { try await ChildProcess.service("Collector").child.identifier }
        let identifier = try await startAndLetGo()
        var status: Int32 = -1
        #expect(await eventually { waitpid(identifier, &status, WNOHANG) != 0 })
        #expect(status == 0)
    }
}
