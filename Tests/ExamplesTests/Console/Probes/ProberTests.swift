// Probes of servers, with the results that blackbox_exporter 0.23 has for the same modules and answers.

import ExampleSupport
import Synchronization
import Telemetry
import Testing

@testable import TelemetryConsole

@Suite(.enabled(if: YAMLReader.isAvailable, "libyaml is installed.")) struct ProberTests {
    /// Runs a module that is given as YAML, on a thread of its own.
    static func run(_ yaml: String, _ target: String, timeout: Duration = .seconds(60)) async throws -> ProbeResult {
        let module = try #require(try ProbeFileReader.read([("a.yml", Array("modules: {m: \(yaml)}".utf8))]).modules["m"])
        return await onOwnThread { module.run(target, timeout: timeout) }
    }

    /// The metrics of a page without those that are times.
    private func values(_ result: ProbeResult) -> [String: Double] {
        var values: [String: Double] = [:]
        for (metric, samples) in result.page.samples where !metric.rawValue.hasSuffix("_seconds") || metric == .httpLastModified {
            for sample in samples {
                let labels = sample.labels.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
                values[metric.rawValue + (labels.isEmpty ? "" : "{\(labels)}")] = sample.value
            }
        }
        return values
    }

    private static let address = ["probe_ip_addr_hash": 3_668_918_509.0, "probe_ip_protocol": 4]

    private static func site(_ request: HTTPRequest) -> HTTPResponse {
        var headers: HTTPHeaders = ["X-A": "b1", "Last-Modified": "Wed, 21 Oct 2015 07:28:00 GMT"]
        switch request.path {
        case "/redirect", "/loop":
            headers = ["Location": request.path == "/loop" ? "/loop" : "ok"]
            return HTTPResponse(status: 302, headers: headers)
        case "/500": return HTTPResponse(status: 500, headers: headers, body: Array("bad".utf8))
        case "/stream": return HTTPResponse(status: 200, headers: headers) { await $0.write(Array("hello".utf8)) }
        default: return HTTPResponse(status: 200, headers: headers, body: Array("hello world\n".utf8))
        }
    }

    @Test(
        "POC-44: probes by HTTP have the metrics of blackbox_exporter",
        arguments: [
            ("/ok", "", true, 200.0, 12.0, 12.0, 0.0, 1.1), ("/redirect", "", true, 200, 12, 12, 1, 1.1),
            ("/redirect", "follow_redirects: false", false, 302, 0, 0, 1, 1.1), ("/loop", "", false, 302, 0, 0, 11, 1.1),
            ("/500", "", false, 500, 3, 3, 0, 1.1), ("/500", "valid_status_codes: [500]", true, 500, 3, 3, 0, 1.1),
            ("/stream", "", true, 200, -1, 5, 0, 1.1),
        ] as [(String, String, Bool, Double, Double, Double, Double, Double)])
    func httpProbesMeasureAsTheExporter(
        path: String, options: String, isSuccess: Bool, status: Double, length: Double, bytes: Double, redirects: Double, version: Double
    ) async throws {
        try await withServer(.patient, { Self.site($0) }) { server in
            let module = "{prober: http, http: {preferred_ip_protocol: ip4\(options.isEmpty ? "" : ", ")\(options)}}"
            let result = try await Self.run(module, "http://localhost:\(server.port)\(path)")
            #expect(result.isSuccess == isSuccess, "\(result.problem ?? "")")
            var expected = Self.address.merging([
                "probe_success": isSuccess ? 1 : 0, "probe_failed_due_to_regex": 0, "probe_http_content_length": length,
                "probe_http_redirects": redirects, "probe_http_ssl": 0, "probe_http_status_code": status,
                "probe_http_uncompressed_body_length": bytes, "probe_http_version": version,
            ]) { _, new in new }
            if status != 302 { expected["probe_http_last_modified_timestamp_seconds"] = 1_445_412_480 }
            #expect(values(result) == expected)
            let phases = ["resolve", "connect", "tls", "processing", "transfer"]
            #expect(result.page.samples[.httpDuration]?.flatMap { $0.labels.map(\.value) } == phases)
            #expect(result.page.value(.httpDuration, phase: "tls") == 0)
            #expect(try #require(result.page.value(.httpDuration, phase: "processing")) > 0)
        }
    }

    @Test("POC-44: a probe without an answer has the metrics of blackbox_exporter") func unansweredProbeHasZeros() async throws {
        let module = "{prober: http, http: {preferred_ip_protocol: ip4}}"
        let refused = try await Self.run(module, "http://localhost:\(try #require(ScriptedServer.freePort()))/")
        let zeros = [
            "probe_success", "probe_failed_due_to_regex", "probe_http_content_length", "probe_http_redirects", "probe_http_ssl",
            "probe_http_status_code", "probe_http_uncompressed_body_length", "probe_http_version",
        ]
        #expect(values(refused) == Self.address.merging(zeros.map { ($0, 0) }) { _, new in new })
        #expect(refused.problem?.hasPrefix("connection refused by 127.0.0.1:") == true)
        let unknown = try await Self.run(module, "http://name.invalid/")
        #expect(values(unknown) == Dictionary(uniqueKeysWithValues: (zeros + ["probe_ip_addr_hash", "probe_ip_protocol"]).map { ($0, 0) }))
        #expect(unknown.page.samples[.httpDuration]?.count == 1, "Only the phase of the resolver has been reached.")
        #expect(unknown.spans.isEmpty)
    }

    @Test(
        "POC-44: bodies, headers and versions are held against the module",
        arguments: [
            ("fail_if_body_matches_regexp: [\"wor.d\"]", "the body matches wor.d", 1.0),
            ("fail_if_body_not_matches_regexp: [\"^hello\", \"world$\"]", "the body does not match world$", 1),
            ("fail_if_body_not_matches_regexp: [\"(?m)world$\"]", nil, 0),
            ("fail_if_header_matches: [{header: x-a, regexp: b}]", "the header x-a matches b", 1),
            ("fail_if_header_not_matches: [{header: X-A, regexp: b}]", nil, 0),
            ("fail_if_header_not_matches: [{header: X-B, regexp: b}]", "the header X-B is missing", 1),
            ("fail_if_header_not_matches: [{header: X-B, regexp: b, allow_missing: true}]", nil, 0),
            ("valid_http_versions: [HTTP/1.0]", "the version is HTTP/1.1; it must be HTTP/1.0", 0),
            ("fail_if_not_ssl: true", "the answer did not come over TLS, and fail_if_not_ssl is true", 0),
            ("body_size_limit: 5B", "the answer of", 0), ("compression: gzip", "the body cannot be decompressed by gzip", 0),
        ] as [(String, String?, Double)])
    func answersAreChecked(options: String, problem: String?, failedByPattern: Double) async throws {
        try await withServer(.patient, { Self.site($0) }) { server in
            let result = try await Self.run("{prober: http, http: {\(options)}}", "127.0.0.1:\(server.port)/ok")
            #expect(problem.map { result.problem?.hasPrefix($0) == true } ?? result.isSuccess, "\(result.problem ?? "")")
            #expect(result.page.value(.failedByPattern) == failedByPattern)
            #expect(result.page.value(.httpStatus) == 200)
        }
    }

    @Test("POC-44: the client span of a probe is the root of the request") func serverContinuesTheTrace() async throws {
        let seen = Mutex<[HTTPRequest]>([])
        try await withServer(
            HTTPServerOptions.patient,
            { request in
                seen.withLock { $0.append(request) }
                return Self.site(request)
            }
        ) { server in
            let module =
                "{prober: http, http: {method: POST, body: hello, headers: {X-Own: a, Host: shop.example}, basic_auth: {username: u, password: p}}}"
            let result = try await Self.run(module, "http://127.0.0.1:\(server.port)/redirect?a=b")
            #expect(result.isSuccess)
            let requests = seen.withLock { $0 }
            #expect(
                requests.map(\.method) == ["POST", "GET"] && requests.map { String(decoding: $0.body, as: UTF8.self) } == ["hello", ""])
            #expect(requests[0].headers["Host"] == "shop.example" && requests[1].headers["Host"] == "127.0.0.1:\(server.port)")
            #expect(requests.map { $0.headers["Authorization"] } == ["Basic dTpw", "Basic dTpw"])
            let stores = SignalStores()
            _ = try stores.receive(result.spans, .traces, maximumBytes: .max)
            let answer = await Console(stores).respond(
                to: ServiceRequest(method: "GET", target: "/data/traces/\(result.trace)", headers: [:], body: []))
            let text = String(decoding: answer.body, as: UTF8.self)
            for request in requests {
                let parts = (request.headers["traceparent"] ?? "").split(separator: "-")
                #expect(parts.count == 4 && parts[1] == "\(result.trace)")
                #expect(text.contains("\"\(parts[2])\""), "\(text)")
            }
            for part in ["\"service.name\"", "probes", "http.request.resend_count", "probe.target", "network.peer.port"] {
                #expect(text.contains(part), "\(text)")
            }
        }
    }

    @Test("POC-44: a target that never answers ends with the timeout") func hungTargetEndsWithTheTimeout() async throws {
        let server = try ScriptedServer { connection in _ = connection.readToEnd() }
        let result = try await Self.run("{prober: http}", server.url, timeout: .milliseconds(150))
        #expect(result.problem?.hasPrefix("no answer from 127.0.0.1:") == true)
        #expect(result.page.value(.httpDuration, phase: "processing") == 0 && result.page.value(.success) == 0)
        let dripping = try ScriptedServer { connection in while connection.send("a") {} }
        let dialogue = try await Self.run("{prober: tcp, tcp: {query_response: [{expect: b}]}}", "127.0.0.1:\(dripping.port)")
        #expect(dialogue.problem?.contains("longer than 65536 bytes") == true)
    }

    @Test("POC-44: probes by TCP play a dialogue") func dialogueIsPlayed() async throws {
        let script = { @Sendable (connection: RawConnection) in
            connection.send("noise\r\n220 mail.example.com ready\r\n")
            let line = connection.read(until: "\n")
            connection.send("250 \(line)\u{1}\u{2}")
            connection.shutDownSending()
            _ = connection.readToEnd()
        }
        let server = try ScriptedServer(script, script, script)
        func run(_ steps: String) async throws -> ProbeResult {
            try await Self.run("{prober: tcp, tcp: {preferred_ip_protocol: ip4, query_response: [\(steps)]}}", "localhost:\(server.port)")
        }
        let hello = "{expect: '^220 (\\S+) ready$', send: 'HELLO ${1}', labels: [{name: host, value: 'at ${1}'}]}"
        let good = try await run("\(hello), {expect: '^250 HELLO mail.example.com$'}, {expect_bytes: \"\\x01\\x02\"}")
        #expect(good.isSuccess, "\(good.problem ?? "")")
        #expect(
            values(good)
                == Self.address.merging([
                    "probe_success": 1, "probe_failed_due_to_regex": 0, "probe_failed_due_to_bytes": 0,
                    "probe_expect_info{host=at mail.example.com}": 1,
                ]) { _, new in new })
        let wrong = try await run("\(hello), {expect: '^251'}")
        #expect(wrong.page.value(.failedByPattern) == 1 && wrong.problem?.hasPrefix("no line matched ^251") == true)
        let bytes = try await run("\(hello), {expect: '^250'}, {expect_bytes: \"\\x01\\x03\"}")
        #expect(bytes.page.value(.failedByBytes) == 1)
        let refused = try await Self.run("{prober: tcp}", "127.0.0.1:\(try #require(ScriptedServer.freePort()))")
        #expect(refused.problem?.hasPrefix("connection refused") == true && refused.page.value(.success) == 0)
    }
}
