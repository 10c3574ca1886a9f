// The probes of a console: what its store, its routes and its file have of them.

import ExampleSupport
import Synchronization
import Telemetry
import Testing

@testable import TelemetryConsole

@Suite(.enabled(if: YAMLReader.isAvailable, "libyaml is installed.")) struct ProbesTests {
    private func get(_ console: Console, _ target: String, _ headers: HTTPHeaders = [:]) async -> (status: Int, text: String) {
        let response = await console.respond(to: ServiceRequest(method: "GET", target: target, headers: headers, body: []))
        return (response.status, String(decoding: response.body, as: UTF8.self))
    }

    private func probes(_ yaml: String, _ stores: SignalStores, saved: [UInt8]? = nil) throws -> Probes {
        let (modules, targets) = try ProbeFileReader.read([("a.yml", Array(yaml.utf8))])
        return try Probes(modules, targets, stores.metrics, saved: saved)
    }

    @Test(
        "POC-44: probes come into the store, the page and /probes/metrics; a target that hangs holds up no other", .timeLimit(.minutes(30)))
    func probesComeIntoTheStore() async throws {
        let hanging = try ScriptedServer { connection in _ = connection.readToEnd() }
        try await withServer(.patient, { _ in HTTPResponse(status: 200, body: [65]) }) { server in
            let yaml = """
                modules: {quick: {prober: http}, slow: {prober: http, timeout: 50s}}
                probes:
                  - {module: slow, interval: 60s, targets: ["http://127.0.0.1:\(hanging.port)/"]}
                  - {module: quick, interval: 60s, job: web, targets: ["http://127.0.0.1:\(server.port)/"], objective: 99.9, labels: {team: a}}
                """
            let stores = SignalStores()
            let probes = try probes(yaml, stores)
            let console = Console(stores, probes: probes)
            defer { probes.stop() }
            let engine = PromQLEngine(store: stores.metrics)
            let labels = "instance=\"http://127.0.0.1:\(server.port)/\", job=\"web\", module=\"quick\", team=\"a\""
            let isStored = await eventually {
                let result = try? engine.query(
                    "probe_success{job=\"web\"} == 1 and on () probe_error_budget_remaining_ratio == 1", at: stores.metrics.now)
                return result?.series.first?.labels.text == "{__name__=\"probe_success\", \(labels)}"
            }
            #expect(isStored)
            let page = await get(console, "/probes/metrics")
            #expect(page.text.contains("# TYPE probe_success gauge\nprobe_success{team=\"a\",instance="), "\(page.text)")
            #expect(
                page.text.contains("probe_availability_ratio{window=\"1h\",team=\"a\",")
                    && page.text.contains("probe_error_budget_burn_rate"))
            let list = try JSONValue(parsing: Array(await get(console, "/data/probes").text.utf8))
            let targets = try #require(list["targets"]?.arrayValue)
            #expect(targets.map { $0["success"] } == [.null, .bool(true)])
            #expect(targets[1]["availability"]?["24h"] == .integer(1) || targets[1]["availability"]?["24h"] == .number(1))
            let trace = try #require(targets[1]["traceId"]?.stringValue)
            #expect(await get(console, "/data/traces/\(trace)").text.contains("http.request.method"))
            #expect(await get(console, "/api/v1/targets").text.contains("/probe?module=quick&target="))
            let document = try #require(probes.changedDocument())
            let restored = try JSONValue(parsing: Array(self.probes(yaml, SignalStores(), saved: document).json.description.utf8))
            let last = try #require(restored["targets"]?.arrayValue?.last)
            #expect(last["availability"] == targets[1]["availability"] && last["success"] == .null)
        }
    }

    @Test("POC-44: /probe answers as blackbox_exporter does") func probeIsAnswered() async throws {
        try await withServer(.patient, { _ in HTTPResponse(status: 404) }) { server in
            let stores = SignalStores()
            let probes = try probes("modules: {http_2xx: {prober: http, timeout: 40s}}", stores)
            let console = Console(stores, probes: probes)
            let target = "target=http%3A%2F%2F127.0.0.1%3A\(server.port)%2F"
            let page = await get(console, "/probe?\(target)")
            #expect(page.status == 200 && page.text.contains("\nprobe_success 0\n") && page.text.contains("\nprobe_http_status_code 404\n"))
            #expect(page.text.contains("\nprobe_timeout_seconds 40\n") && !page.text.contains("window="))
            let scraped = try ScrapedPage(Array(page.text.utf8), type: "text/plain; version=0.0.4", maximumSamples: 100)
            #expect(scraped.samples.count > 15)
            let header: HTTPHeaders = ["X-Prometheus-Scrape-Timeout-Seconds": "10"]
            #expect(await get(console, "/probe?\(target)", header).text.contains("\nprobe_timeout_seconds 9.5\n"))
            #expect(
                await get(console, "/probe?\(target)&debug=true").text.hasPrefix(
                    "The probe failed: the status is 404; it must be 2xx\nTrace: "))
            for (query, message) in [
                ("", "Target parameter is missing\n"), ("module=a&\(target)", "Unknown module \"a\"\n"),
                ("target=\(String(repeating: "a", count: 2_049))", "The target has more than 2048 bytes\n"),
            ] {
                let answer = await get(console, "/probe?\(query)")
                #expect(answer.status == 400 && answer.text == message)
            }
            #expect(await get(console, "/probe?\(target)", ["X-Prometheus-Scrape-Timeout-Seconds": "soon"]).status == 400)
            #expect(await get(Console(SignalStores()), "/probe?\(target)").status == 404)
            #expect(await get(Console(SignalStores()), "/data/probes").text == "{\"targets\":[]}")
        }
    }

    @Test("passwords of targets are in no answer and no file", .timeLimit(.minutes(30))) func passwordsAreNotShown() async throws {
        let seen = Mutex<[String?]>([])
        try await withServer(
            HTTPServerOptions.patient,
            { request in
                seen.withLock { $0.append(request.headers["Authorization"]) }
                return HTTPResponse(status: 200)
            }
        ) { server in
            let target = "http://ada:secret@127.0.0.1:\(server.port)/"
            let yaml = "modules: {m: {prober: http}}\nprobes: [{module: m, interval: 60s, targets: [\"\(target)\"]}]"
            let stores = SignalStores()
            let probes = try probes(yaml, stores)
            let console = Console(stores, probes: probes)
            defer { probes.stop() }
            #expect(await eventually { probes.text.contains("probe_success") })
            #expect(seen.withLock { $0.first } == "Basic YWRhOnNlY3JldA==")
            var texts = [String(decoding: try #require(probes.changedDocument()), as: UTF8.self)]
            for path in ["/probes/metrics", "/data/probes", "/api/v1/targets", "/data/traces", "/api/v1/series?match[]=probe_success"] {
                texts.append(await get(console, path).text)
            }
            let trace = try #require(try JSONValue(parsing: Array(texts[2].utf8))["targets"]?[0]?["traceId"]?.stringValue)
            texts.append(await get(console, "/data/traces/\(trace)").text)
            #expect(texts[1].contains("instance=\"http://…@127.0.0.1:\(server.port)/\""), "\(texts[1])")
            for text in texts { #expect(!text.contains("secret"), "\(text)") }
        }
    }

    @Test("POC-45: alerts burn with the budget, by the rules that are shipped") func shippedRulesFire() throws {
        let root = AlertVectors.folder.split(separator: "/", omittingEmptySubsequences: false).dropLast(6).joined(separator: "/")
        let groups = try RuleFileReader.groups(try FileReading.bytes("\(root)/Deploy/alerts/probes.yml"), file: "probes.yml")
        let rules = Dictionary(uniqueKeysWithValues: groups.flatMap(\.rules).map { ($0.name, $0.query) })
        let rig = ConsoleMetricRig()
        func rates(_ instance: String, _ values: [String: Double]) -> [(name: String, labels: [(String, String)], values: [Double?])] {
            values.map { ("probe_error_budget_burn_rate", [("window", $0.key), ("instance", instance), ("job", "probes")], [$0.value]) }
        }
        try rig.load(
            15,
            rates("fast", ["1h": 15, "5m": 15, "6h": 5, "30m": 5, "24h": 2, "2h": 2, "3d": 1])
                + rates("over", ["1h": 15, "5m": 0, "6h": 5, "30m": 0, "24h": 4, "2h": 0, "3d": 0.5])
                + rates("slow", ["1h": 2, "5m": 2, "6h": 2, "30m": 2, "24h": 3.5, "2h": 3.5, "3d": 1.5])
                + [
                    ("probe_success", [("instance", "down"), ("job", "probes")], [0]),
                    ("probe_success", [("instance", "up"), ("job", "probes")], [1]),
                    (
                        "probe_ssl_earliest_cert_expiry", [("instance", "old"), ("job", "probes")],
                        [Double(MetricRequest.start) + 5 * 86_400]
                    ),
                    (
                        "probe_ssl_earliest_cert_expiry", [("instance", "new"), ("job", "probes")],
                        [Double(MetricRequest.start) + 50 * 86_400]
                    ),
                ])
        func firing(_ name: String) throws -> [String] {
            try rig.query(try #require(rules[name]), at: 15).keys.compactMap { key in
                key.split(separator: "instance=\"").last?.split(separator: "\"").first.map(String.init)
            }.sorted()
        }
        #expect(try firing("ErrorBudgetOfProbesBurnsFast") == ["fast"])
        #expect(try firing("ErrorBudgetOfProbesBurns") == ["slow"])
        #expect(try firing("ProbeFails") == ["down"])
        #expect(try firing("CertificateExpires") == ["old"])
    }
}
