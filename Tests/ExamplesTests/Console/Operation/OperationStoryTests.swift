// One story from a deploy to its end, told by what an operator looks at.

import ExampleSupport
import Telemetry
import Testing

@testable import TelemetryConsole

extension JSONValue {
    fileprivate var numberValue: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .number(let number): number
        default: nil
        }
    }
}

@Suite(.enabled(if: YAMLReader.isAvailable, "libyaml is not installed")) struct OperationStoryTests {
    private let burning = "ErrorBudgetOfProbesBurnsFast"

    private func milliseconds(_ edge: JSONValue?, _ percentile: String) -> Int {
        (edge?[percentile]?.stringValue.flatMap { Int($0) } ?? -1) / 1_000_000
    }

    @Test(
        "a deploy makes a query slow: probe and burn rate, webhook, map, trace, error group, roll back, resolved",
        .timeLimit(.minutes(30)))
    func deployIsFoundAndRolledBack() async throws {
        let scene = try await OperationScene()
        do { try await play(scene) } catch {
            await scene.stop()
            throw error
        }
        await scene.stop()
    }

    private func play(_ scene: OperationScene) async throws {
        let begin = scene.now
        try await allIsWell(scene)
        let deploy = scene.now
        try await scene.system.deploy(.slow("1.5.0"))
        try await probeFailsAndAlertFires(scene)
        try await webhookGetsAlert(scene)
        try await slowRequestsAlertToo(scene)
        try await mapShowsEdge(scene, begin, deploy)
        try await traceShowsQuery(scene, deploy)
        let error = try await errorGroupHasRelease(scene)
        let rollback = scene.now
        try await scene.system.deploy(.good)
        try await alertsResolve(scene)
        try await systemIsWellAgain(scene, rollback)
        try await errorIsResolvedAndRegresses(scene, error)
    }

    /// Before the deploy: the probe succeeds, and nothing fires.
    private func allIsWell(_ scene: OperationScene) async throws {
        let isProbed = try await eventually { try await lastProbe(scene)["success"] == true }
        #expect(isProbed)
        let isQuiet = try await scene.pass(.seconds(30), atMost: 4) { try await !scene.firing().isEmpty }
        #expect(!isQuiet)
        #expect(try await lastProbe(scene)["budgetRemaining"]?.numberValue == 1)
    }

    /// The probe's own view of the shop.
    private func lastProbe(_ scene: OperationScene) async throws -> JSONValue {
        try #require(try await scene.console.get("/data/probes")["targets"]?[0])
    }

    /// The page of probes: why it fails, how fast the budget burns, and the request that failed.
    private func probeFailsAndAlertFires(_ scene: OperationScene) async throws {
        let hasFailed = try await scene.pass(.seconds(30), atMost: 12) { try await lastProbe(scene)["success"] == false }
        #expect(hasFailed)
        let probe = try await lastProbe(scene)
        #expect(probe["success"] == false && probe["problem"]?.stringValue?.contains("the status is 502") == true, "\(probe)")
        for window in ["5m", "1h"] { #expect(try #require(probe["burnRates"]?[window]?.numberValue) > 14.4, "\(probe)") }
        let trace = try await scene.console.get("/data/traces/\(probe["traceId"]?.stringValue ?? "")")
        let failed = (trace["spans"]?.arrayValue ?? []).filter { $0["status"] == 2 }.compactMap { $0["name"]?.stringValue }
        #expect(Set(failed).isSuperset(of: ["GET", "GET /orders/:id", "SELECT orders"]), "\(failed)")
        // Rules are evaluated every 30 s.
        let isFiring = try await scene.pass(.seconds(30), atMost: 2) { try await scene.firing().contains(burning) }
        #expect(isFiring)
    }

    /// What the one on call gets: Alertmanager's body, by the shipped route for critical alerts.
    private func webhookGetsAlert(_ scene: OperationScene) async throws {
        let isSent = try await scene.pass(.seconds(30), atMost: 3) { !scene.messages(of: burning).isEmpty }
        #expect(isSent)
        let message = try #require(scene.messages(of: burning).first)
        #expect(message.path == "/critical" && message.body["receiver"] == "on-call")
        #expect(message.body["version"] == "4" && message.body["status"] == "firing")
        #expect(message.body["notification_reason"] == "first notification" && message.body["truncatedAlerts"] == 0)
        let alert = try #require(message.body["alerts"]?[0])
        #expect(alert["labels"]?["instance"]?.stringValue == scene.system.url && alert["labels"]?["system"] == "shop")
        #expect(alert["status"] == "firing" && alert["endsAt"] == "0001-01-01T00:00:00Z")
        #expect(alert["annotations"]?["runbook"]?.stringValue?.contains("whatever is being deployed stops") == true)
    }

    /// The services' own metrics say so five minutes later; the critical alert of a service mutes its warning.
    private func slowRequestsAlertToo(_ scene: OperationScene) async throws {
        let isFiring = try await scene.pass(.seconds(30), atMost: 20) {
            try await scene.firing().isSuperset(of: ["HighErrorRate", "ServiceSlow"])
        }
        #expect(isFiring)
        let muted = try await scene.console.get("/data/alerts")["muted"]?.arrayValue ?? []
        #expect(muted.contains { $0["labels"]?["alertname"] == "ServiceSlow" && $0["labels"]?["job"] == "orders" }, "\(muted)")
        #expect(scene.messages(of: "ServiceSlow").isEmpty)
    }

    /// The map: which call has become slow.
    private func mapShowsEdge(_ scene: OperationScene, _ begin: String, _ deploy: String) async throws {
        for (from, to) in [("shop", "orders"), ("orders", "postgresql orders")] {
            let before = try await scene.edge(from, to, between: begin, and: deploy)
            let after = try await scene.edge(from, to, between: deploy, and: scene.now)
            #expect(milliseconds(before, "p99") == 0 && before?["errors"] == 0, "\(from), \(to): \(before ?? .null)")
            #expect(milliseconds(after, "p50") >= 1_100, "\(from), \(to): \(after ?? .null)")
            #expect(try #require(after?["errorRate"]?.numberValue) > 0.2, "\(from), \(to): \(after ?? .null)")
        }
    }

    /// An agent follows what answers offer, from the comparison with the time before to the query.
    private func traceShowsQuery(_ scene: OperationScene, _ deploy: String) async throws {
        var agent = AgentClient(scene.console)
        _ = try await agent.begin()
        func ask(_ tool: String, _ arguments: JSONValue) async throws -> JSONValue {
            try #require(try JSONValue(parsing: try await agent.text(of: tool, arguments))["data"])
        }
        let changes = try await ask("snapshot", ["split": .string(deploy), "to": .string(scene.now)])
        let changed = changes["operations_changed"]?.arrayValue ?? []
        #expect(
            changed.contains { $0["service"] == "orders" && $0["operation"] == "SELECT orders" && $0["p95_ms_before"] == 0 }, "\(changes)")
        let found = try await ask(
            "find_traces",
            [
                "service": "orders", "query": "-error", "min_duration_ms": 1_000, "from": .string(deploy), "to": .string(scene.now),
                "limit": 50,
            ])
        // The spans of probes have the time of this machine.
        let request = found["traces"]?.arrayValue?.first { $0["root"] == "shop: GET /orders/:id" }
        let id = try #require(request?["trace_id"]?.stringValue)
        let summary = try await ask("trace_summary", ["trace_id": .string(id)])
        let longest = try #require(summary["critical_path"]?[0])
        #expect(
            longest["service"] == "orders" && longest["span"] == "SELECT orders" && longest["percent"]?.numberValue == 100, "\(longest)")
        #expect(longest["details"]?["db.query.text"]?.stringValue == OrdersSystem.Release.slow("").statement)
        #expect(summary["likely_cause"]?.stringValue?.contains("orders waits for \"SELECT orders\"") == true, "\(summary)")
    }

    /// The page of errors: one group, which only the new release has.
    private func errorGroupHasRelease(_ scene: OperationScene) async throws -> String {
        let list = try await scene.console.get("/data/errors?service=orders&status=unresolved")["errors"]?.arrayValue ?? []
        #expect(list.count == 1)
        let id = try #require(list.first?["id"]?.stringValue)
        let group = try await scene.console.get("/data/errors/\(id)")
        #expect(group["type"]?.stringValue?.hasSuffix("QueryTimeout") == true, "\(group)")
        #expect(group["message"] == "canceling statement due to statement timeout")
        #expect(group["releases"]?.arrayValue?.map { $0["name"] } == ["1.5.0"])
        #expect(group["environments"]?.arrayValue?.map { $0["name"] } == ["production"])
        let trace = try await scene.console.get("/data/traces/\(group["samples"]?[0]?["traceId"]?.stringValue ?? "")")
        let versions = (trace["resources"]?.arrayValue ?? []).flatMap { $0["attributes"]?.arrayValue ?? [] }.map(\.description)
        #expect(versions.contains { $0.contains("service.version") && $0.contains("1.5.0") }, "\(versions)")
        return id
    }

    /// After the roll back: half an hour without failures later the budget burns no more, and the webhook is told.
    private func alertsResolve(_ scene: OperationScene) async throws {
        let isOver = try await scene.pass(.seconds(60), atMost: 40) {
            try await scene.firing().isDisjoint(with: [burning, "HighErrorRate", "ServiceSlow"])
        }
        #expect(isOver)
        // The budget of the month stays used up, of which a warning goes on to tell.
        #expect(try await scene.firing() == ["ErrorBudgetOfProbesBurns"])
        let isTold = try await scene.pass(.seconds(60), atMost: 6) { scene.messages(of: burning).last?.body["status"] == "resolved" }
        #expect(isTold)
        // One alert from its beginning to its end, and no word in between.
        #expect(scene.messages(of: burning).map { $0.body["status"] } == ["firing", "resolved"])
        let message = try #require(scene.messages(of: burning).last)
        #expect(message.path == "/critical" && message.body["notification_reason"] == "all alerts resolved")
        #expect(message.body["groupKey"] == scene.messages(of: burning).first?.body["groupKey"])
        let alert = try #require(message.body["alerts"]?[0])
        #expect(alert["status"] == "resolved" && alert["endsAt"] != "0001-01-01T00:00:00Z")
        #expect(alert["fingerprint"] == scene.messages(of: burning).first?.body["alerts"]?[0]?["fingerprint"])
        #expect(try await scene.console.get("/data/alerts")["receivers"]?.arrayValue?.allSatisfy { $0["failed"] == 0 } == true)
    }

    /// The same pages as at the beginning.
    private func systemIsWellAgain(_ scene: OperationScene, _ rollback: String) async throws {
        #expect(try await lastProbe(scene)["success"] == true)
        let edge = try await scene.edge("shop", "orders", between: rollback, and: scene.now)
        #expect(milliseconds(edge, "p99") == 0 && edge?["errors"] == 0, "\(edge ?? .null)")
    }

    /// The group is closed, and opens again by itself when a later release brings the error back.
    private func errorIsResolvedAndRegresses(_ scene: OperationScene, _ id: String) async throws {
        let body = Array(#"{"status":"resolved"}"#.utf8)
        #expect(await scene.console.send("POST", "/data/errors/\(id)", ["Content-Type": "application/json"], body).status == 200)
        #expect(try await scene.console.get("/data/errors?status=unresolved")["errors"] == [])
        // The group was resolved at the time of this machine, which the story's clock passes now.
        #expect(try await scene.pass(.seconds(7_200)))
        #expect(try await scene.console.get("/data/errors/\(id)")["status"] == "resolved")
        try await scene.system.deploy(.slow("1.6.0"))
        #expect(try await scene.pass(.seconds(30)))
        let group = try await scene.console.get("/data/errors/\(id)")
        #expect(group["status"] == "regressed" && group["regressions"] == 1, "\(group)")
        #expect(Set(group["releases"]?.arrayValue?.compactMap { $0["name"]?.stringValue } ?? []) == ["1.5.0", "1.6.0"])
    }
}
