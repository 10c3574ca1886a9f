// The services with nothing but what an operator injects, and the series that dashboards and rules ask them for.

import ExampleSupport
import Glibc
import Synchronization
import Telemetry
import Testing

/// A receiver of OTLP that keeps the resources of spans, and which signals services have sent.
private final class ReceivedResources: Sendable {
    private let state = Mutex<(resources: [String: Resource], signals: [String: Set<String>], paths: Set<String>)>(([:], [:], []))

    func take(_ request: ServiceRequest) -> ServiceResponse {
        state.withLock { _ = $0.paths.insert(request.path) }
        if request.path == "/v1/traces", let spans = try? OTLPTraceRequest.decode(request.body) {
            state.withLock { state in
                for span in spans { state.resources[span.resource.attributes["service.name"]?.stringValue ?? ""] = span.resource }
            }
        } else if request.path == "/v1/logs", let records = try? OTLPLogsRequest.decode(request.body) {
            state.withLock { state in
                for record in records {
                    state.signals[record.resource.attributes["service.name"]?.stringValue ?? "", default: []].insert("logs")
                }
            }
        }
        return ServiceResponse(status: 200, contentType: "application/x-protobuf")
    }

    var paths: Set<String> { state.withLock { $0.paths } }
    subscript(service: String) -> Resource? { state.withLock { $0.resources[service] } }
    func hasLogs(of service: String) -> Bool { state.withLock { $0.signals[service]?.contains("logs") == true } }
}

// This suite starts one process at a time.
extension ServiceProcessTests {
    @Test("SPA-08: every service runs with what an operator injects, and its spans and log records have that resource")
    func servicesRunWithInjectedVariablesAlone() async throws {
        let received = ReceivedResources()
        try await ServiceHarness.listening({ received.take($0) }) { receiver in
            let processes = try await DeployedProcesses(try DeployedService.all(), receiver: receiver)
            for service in processes.services {
                for path in Set(service.probes) {
                    let answer = await processes.send("GET", service.name, path)
                    #expect(answer?.status == 200, "\(service.name) \(path)")
                }
                #expect(try await processes.check(service) == 0, "\(service.name) --check")
                #expect(await eventually { received[service.name] != nil }, "\(service.name) has sent spans")
                // A ship of version 1 writes no log lines.
                if service.environment["VERSION"] != "v1" {
                    #expect(await eventually { received.hasLogs(of: service.name) }, "\(service.name) has sent log records")
                }
                let attributes = received[service.name]?.attributes ?? [:]
                let expected: [String: AttributeValue] = [
                    "service.namespace": .string(service.system), "service.instance.id": .string("\(service.name)-0"),
                    "k8s.pod.name": .string("\(service.name)-0"), "k8s.node.name": "node-1", "k8s.namespace.name": "telemetry",
                ]
                for (key, value) in expected { #expect(attributes[key] == value, "\(service.name) \(key)") }
            }
            #expect(await processes.stop().allSatisfy { $0 == 0 })
        }
    }

    @Test("SPA-08: the endpoint alone is enough for all three signals; OTEL_SERVICE_NAME beats the name of the program")
    func endpointAloneSendsAllSignals() async throws {
        let received = ReceivedResources()
        try await ServiceHarness.listening({ received.take($0) }) { receiver in
            for (name, variables) in [("album-store", [:]), ("records", ["OTEL_SERVICE_NAME": "records"])] {
                let needed = ["OTEL_EXPORTER_OTLP_ENDPOINT": receiver, "HOST": "127.0.0.1", "PORT": "0", "STOP_TIMEOUT": "60000"]
                let child = try ChildProcess("AlbumStore", environment: needed.merging(variables) { $1 })
                let output = await child.output(until: "listening on port ")
                let port = try #require(output.firstMatch(of: /listening on port (\d+)/)?.output.1, "\(output)")
                let client = SocketTransport(timeout: ServiceHarness.patience)
                #expect(try await client.send("GET", "http://127.0.0.1:\(port)/albums", headers: [:], body: []).status == 200)
                kill(child.identifier, SIGTERM)
                #expect(await child.exitStatus() == 0)
                #expect(received[name]?.attributes["service.version"] == "No-Version-No-Hash")
                #expect(received.hasLogs(of: name))
            }
            #expect(received.paths == ["/v1/logs", "/v1/metrics", "/v1/traces"])
        }
    }

    @Test func checkOfServiceThatDoesNotListenFails() async throws {
        let port: Int = try #require(ScriptedServer.freePort())
        let child = try ChildProcess("AlbumStore", arguments: ["--check"], environment: ["PORT": "\(port)"])
        let output = await child.output()
        #expect(await child.exitStatus() == 1)
        #expect(output.hasPrefix("album-store: ") && output.contains("\(port)"), "\(output)")
    }

    @Test("POC-15, POC-32, TWT-06, ALB-11: dashboards and rules ask only for series and labels that there are")
    func dashboardsAndRulesAskForExistingSeries() async throws {
        var page = PrometheusPage()
        // Prometheus makes these itself, for each target.
        let ofTarget: Set = ["job", "system", "instance"]
        page.add("up", labels: ofTarget)
        page.add("ALERTS", labels: ["alertname", "alertstate", "severity", "job"])
        for line in try DeployedService.text("prometheus/other-series.txt").split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ").map(String.init)
            page.add(words[0], labels: ofTarget.union(words.dropFirst()))
        }
        let rules = try DeployedQuery.ofRules()
        for recorded in rules.compactMap(\.recorded) { page.add(recorded, labels: ["job", "system"]) }
        let queries = try DeployedQuery.ofDashboards() + rules.map(\.query)
        #expect(queries.count > 100)
        var uses: [(query: DeployedQuery, use: DeployedQuery.Use)] = []
        for query in queries {
            do { uses += try query.uses().map { (query, $0) } } catch { Issue.record("\(query.place): \(query.text): \(error)") }
        }

        // Only errors have this label, by the semantic conventions.
        let ofErrors: Set = ["error_type"]
        func missing(_ page: PrometheusPage) -> [String] {
            uses.compactMap { query, use in
                guard let known = use.labels(on: page) else { return "\(query.place): no service has \(use.metric)" }
                let unknown = use.labels.subtracting(known).subtracting(ofTarget).subtracting(ofErrors).subtracting(["le"])
                return unknown.isEmpty ? nil : "\(query.place): \(use.metric) has no label \(unknown.sorted().joined(separator: ", "))"
            }
        }
        try await ServiceHarness.listening({ _ in ServiceResponse(status: 200, contentType: "application/x-protobuf") }) { receiver in
            // Failures are counted too: the module sends its readings to nobody, and the store refuses what comes too fast.
            let changes = [
                "lunar-module": ["TELEMETRY_URL": "http://127.0.0.1:1"], "album-store": ["REQUESTS_PER_SECOND": "1", "REQUEST_BURST": "5"],
                "enterprise-spaceship": ["SHIP_ID": "enterprise"], "voyager-spaceship": ["SHIP_ID": "voyager"],
            ]
            let processes = try await DeployedProcesses(try DeployedService.all(), receiver: receiver, changes: changes)
            try await DeployedTraffic(processes).send()
            // Loops and deliveries take a moment.
            _ = await eventually {
                for service in processes.services {
                    if let answer = await processes.send("GET", service.name, "/metrics") { page.add(answer.text) }
                }
                return missing(page).isEmpty
            }
            #expect(missing(page) == [])
            // Values that a query asks for are values that there are, where the traffic has them.
            #expect(page.hasValue("success", of: "status", in: "sns_publish_total"))
            _ = await processes.stop()
        }
    }
}
