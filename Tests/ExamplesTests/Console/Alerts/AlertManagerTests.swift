// Alerting as a whole: on a manual clock, over restarts, by HTTP.

import ExampleSupport
import Synchronization
import Telemetry
import Testing

@testable import TelemetryConsole

@Suite(.enabled(if: YAMLReader.isAvailable, "libyaml is not installed")) struct AlertManagerTests {
    /// A manager whose store, clock and receiver are the test's.
    private struct Rig {
        let clock: ManualClock
        let store: MetricStore
        let logs = BlockStore<LogBlock>(maximumBytes: 1 << 20, run: 1)
        let received = Received()
        let manager: AlertManager

        init(clock: ManualClock? = nil, store: MetricStore? = nil, saved: [UInt8]? = nil, statuses: [Int] = []) throws {
            let clock = clock ?? ManualClock(startingAt: Timestamp(nanosecondsSinceEpoch: UInt64(AlertVectors.start) * 1_000_000))
            self.clock = clock
            self.store = store ?? MetricStore(clock: .manual(clock))
            var options = AlertManager.Options()
            options.externalURL = "http://console"
            options.groups = try RuleFileReader.groups(
                Array(
                    """
                    groups:
                      - name: g
                        interval: 30s
                        rules:
                          - alert: Hot
                            expr: temperature > 20
                            for: 1m
                            labels: {severity: page}
                            annotations: {summary: '{{ $labels.room }} has {{ $value }}'}
                    """.utf8), file: "r.yml")
            options.routing = try RoutingFileReader.routing(
                Array(
                    """
                    route: {receiver: a, group_by: [alertname], group_wait: 0s, group_interval: 1m, repeat_interval: 1h}
                    receivers: [{name: a, webhook_configs: [{url: 'http://h/hook', http_config: {basic_auth: {username: u, password: p}}}]}]
                    """.utf8), file: "a.yml")
            let received = received
            let answers = Received(statuses.map { [UInt8(truncatingIfNeeded: $0 / 2)] })
            let sender = WebhookSender(
                send: { request, _, _ in
                    received.append(request.body + Array((request.headers["authorization"] ?? "").utf8))
                    return answers.first().map { Int($0[0]) * 2 } ?? 200
                }, pause: { _ in true })
            manager = AlertManager(
                PromQLEngine(store: self.store, logs: logs), options, saved: saved, sender: sender)
        }

        func heat(_ value: Double, _ room: String = "kitchen") {
            let labels = LabelSet([.init(LabelSet.nameLabel, "temperature"), .init("room", room)])
            AlertVectors.add(labels, value, at: manager.now, to: store)
        }

        /// Moves the clock, measures, evaluates, and delivers what is due.
        func step(_ seconds: Int, _ value: Double? = nil) async {
            clock.advance(by: .seconds(seconds))
            if let value { heat(value) }
            manager.evaluate()
            for notification in manager.dueNotifications() { await manager.deliver(notification) }
        }

        var states: [String] {
            var states: [String] = []
            manager.snapshot.rules.forEachRule { _, status in states += status.state.listed.map(\.state.rawValue) }
            return states
        }
    }

    /// Byte arrays that a closure adds to.
    private final class Received: Sendable {
        private let state: Mutex<[[UInt8]]>

        init(_ first: [[UInt8]] = []) { state = Mutex(first) }

        func append(_ bytes: [UInt8]) { state.withLock { $0.append(bytes) } }
        func first() -> [UInt8]? { state.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
        var all: [String] { state.withLock { $0.map { String(decoding: $0, as: UTF8.self) } } }
    }

    @Test("POC-33: an alert is pending, fires, is sent, and is resolved") func alertGoesThroughItsStates() async throws {
        let rig = try Rig()
        rig.heat(25)
        await rig.step(0)
        #expect(rig.states == ["pending"])
        await rig.step(30, 25)
        #expect(rig.states == ["pending"] && rig.received.all.isEmpty)
        await rig.step(30, 26.5)
        #expect(rig.states == ["firing"])
        let body = try #require(rig.received.all.last)
        #expect(body.contains(#""summary":"kitchen has 26.5""#) && body.contains(#""notification_reason":"first notification""#))
        #expect(body.contains(#""startsAt":"2023-11-14T22:11:00Z""#) && body.contains("Basic dTpw"))
        #expect(body.contains(#""generatorURL":"http://console/#/metrics?q=temperature%20%3E%2020""#))
        await rig.step(30, 10)
        #expect(rig.states == ["resolved"] && rig.received.all.count == 1)
        await rig.step(30, 10)
        #expect(rig.received.all.count == 2 && rig.received.all.last?.contains("all alerts resolved") == true)
        for _ in 0..<31 { await rig.step(30, 10) }
        #expect(rig.states.isEmpty && rig.received.all.count == 2)
    }

    @Test("POC-33: webhooks are tried again after errors of the server, and not after refusals") func webhooksAreRetried() async throws {
        let rig = try Rig(statuses: [500, 502, 200, 400])
        for _ in 0..<3 { await rig.step(30, 25) }
        #expect(rig.manager.sender.counts["a"] == WebhookSender.Counts(sent: 1, failed: 0, retried: 2, lastError: nil))
        await rig.step(30, 1)
        await rig.step(30, 1)
        #expect(rig.manager.sender.counts["a"]?.failed == 1 && rig.received.all.count == 4)
        // A group that could not be sent is sent with its next turn.
        await rig.step(60, 1)
        #expect(rig.manager.sender.counts["a"]?.sent == 2 && rig.received.all.last?.contains("all alerts resolved") == true)
    }

    @Test("POC-33: retries end when the group's next turn comes") func retriesAreBounded() async throws {
        let rig = try Rig(statuses: [Int](repeating: 500, count: 100))
        for _ in 0..<3 { await rig.step(30, 25) }
        let counts = try #require(rig.manager.sender.counts["a"])
        #expect(
            counts.sent == 0 && counts.failed == 1 && (5...20).contains(counts.retried)
                && counts.lastError == "the receiver answered with status 500")
    }

    @Test("POC-33: states, silences and what receivers know outlive the process") func statesSurviveRestart() async throws {
        let rig = try Rig()
        for _ in 0..<3 { await rig.step(30, 25) }
        rig.heat(30, "cellar")
        await rig.step(30, 25)
        #expect(rig.states == ["pending", "firing"] && rig.received.all.count == 1)
        let (silence, _) = try SilenceJSON.posted(
            Array(#"{"matchers":[{"name":"room","value":"cellar"}],"endsAt":"2023-11-15T22:11:00Z","comment":"c"}"#.utf8),
            at: rig.manager.now)
        let id = try rig.manager.setSilence(silence, replacing: nil)
        let saved = try #require(rig.manager.changedDocument())
        #expect(rig.manager.changedDocument() == nil)

        rig.clock.advance(by: .seconds(1_800))
        let next = try Rig(clock: rig.clock, store: rig.store, saved: saved)
        #expect(next.states == ["pending", "firing"] && next.manager.snapshot.silences.all.map(\.id) == [id])
        // Nothing is measured yet: what fired goes on firing for a while, what was pending ends.
        await next.step(0)
        #expect(next.states == ["firing"] && next.received.all.isEmpty, "The receiver knows of it.")
        next.heat(25)
        await next.step(60, 25)
        #expect(next.states == ["firing"] && next.received.all.isEmpty)
        await next.step(120, 1)
        #expect(next.states == ["resolved"] && next.received.all.count == 1 && next.received.all[0].contains("all alerts resolved"))

        let held = try Rig(clock: rig.clock, store: MetricStore(clock: .manual(rig.clock)), saved: saved)
        await held.step(60)
        #expect(held.states == ["firing"])
        await held.step(90)
        #expect(held.states == ["resolved"])
        let damaged = try Rig(saved: Array(saved.dropLast(10)))
        #expect(damaged.states.isEmpty)
    }

    @Test("POC-33: a state that is too long loses what receivers were told first, then alerts, and no silence")
    func snapshotIsBounded() async throws {
        let rig = try Rig()
        for number in 0..<30 { rig.heat(25, "room\(number)") }
        for _ in 0..<3 { await rig.step(30, 25) }
        let (silence, _) = try SilenceJSON.posted(
            Array(#"{"matchers":[{"name":"room","value":"x"}],"endsAt":"2023-11-15T22:11:00Z","comment":"c"}"#.utf8), at: rig.manager.now)
        _ = try rig.manager.setSilence(silence, replacing: nil)
        let state = rig.manager.snapshot
        func saved(_ maximum: Int) throws -> (bytes: Int, log: Int, alerts: Int, silences: Int) {
            let bytes = AlertSnapshot.bytes(of: state, at: rig.manager.now, maximum: maximum)
            let next = try Rig(clock: rig.clock, saved: bytes)
            let restored = next.manager.snapshot
            return (bytes.count, restored.dispatcher.log.entries.count, next.states.count, restored.silences.all.count)
        }
        let whole = try saved(8 << 20)
        #expect(whole.log == 1 && whole.alerts == 31 && whole.silences == 1)
        let less = try saved(whole.bytes - 100)
        #expect(less.log == 0 && less.alerts == 31 && less.silences == 1)
        let half = try saved(whole.bytes / 2)
        #expect(half.bytes <= whole.bytes / 2 && half.log == 0 && (5...20).contains(half.alerts) && half.silences == 1)
    }

    @Test("POC-33: groups of the same name in two files keep their alerts apart") func groupsOfTwoFilesAreApart() throws {
        let text = Array("groups: [{name: g, rules: [{alert: A, expr: up}]}]".utf8)
        let rules = RuleSet(try ["a.yml", "b.yml"].flatMap { try RuleFileReader.groups(text, file: $0) }, externalURL: "")
        var keys: [String] = []
        rules.forEachRule { key, _ in keys.append(key) }
        #expect(keys == ["a.yml/g/A/1", "b.yml/g/A/1"])
    }

    @Test("POC-42: the routing file is shown without its secrets") func secretsAreHidden() async throws {
        let status = try #require(await AlertRoutes(try Rig().manager).respond(to: ServiceRequest(method: "GET", target: "/api/v2/status")))
        let source = try #require(try JSONValue(parsing: status.body)["config"]?["original"]?.stringValue)
        #expect(
            source == """
                route:
                  receiver: a
                  group_by:
                    - alertname
                  group_wait: 0s
                  group_interval: 1m
                  repeat_interval: 1h
                receivers:
                  - name: a
                    webhook_configs:
                      - url: <secret>
                        http_config:
                          basic_auth:
                            username: u
                            password: <secret>

                """)
    }

    @Test("POC-33: the time between two runs does not count for a pending alert") func pendingAlertWaitsOn() async throws {
        let rig = try Rig()
        await rig.step(30, 25)
        await rig.step(30, 25)
        #expect(rig.states == ["pending"])
        let saved = rig.manager.changedDocument()
        rig.clock.advance(by: .seconds(600))
        let next = try Rig(clock: rig.clock, store: rig.store, saved: saved)
        await next.step(0, 25)
        #expect(next.states == ["pending"])
        await next.step(30, 25)
        #expect(next.states == ["firing"])
    }

    @Test("POC-42: rules over log records count what a search finds, by service") func logRecordsRaiseAlerts() async throws {
        let harness = ConsoleHarness()
        await harness.sendLogs((0..<7).map { .init(body: "boom \($0)", severity: 17, time: UInt64($0) * 10_000_000_000) }, service: "shop")
        await harness.sendLogs([.init(body: "fine"), .init(body: "boom", severity: 9)], service: "books")
        let engine = PromQLEngine(store: harness.stores.metrics, logs: harness.stores.logs)
        let time = Int64(ConsoleHarness.time / 1_000_000)
        func counts(_ query: String, _ seconds: Int64) throws -> [String: Double] {
            Dictionary(
                uniqueKeysWithValues: try engine.query(query, at: time + seconds * 1_000).series.map { ($0.labels.groupText, $0.values[0]) }
            )
        }
        #expect(try counts("log_count(\"severity>=error\", 5m)", 60) == [#"{service_name="shop"}"#: 7])
        #expect(try counts("log_count(\"boom\", 5m)", 30) == [#"{service_name="shop"}"#: 4, #"{service_name="books"}"#: 1])
        // The range is open at its start.
        #expect(try counts("log_count(\"severity>=error\", 20s) / 20", 40) == [#"{service_name="shop"}"#: 0.1])
        #expect(try counts("sum(log_count(\"\", 5m))", 60) == ["{}": 9])
        #expect(try counts("absent(log_count(\"none\", 5m))", 60) == ["{}": 1])
        let range = try engine.query("log_count(\"severity>=error\", 20s)", from: time, to: time + 100_000, step: 20_000)
        #expect(range.series.count == 1 && range.series[0].values[0] == 1 && range.series[0].values[1] == 2 && !range.series[0].hasValue(5))
        for (query, part) in [
            ("log_count(\"a OR\", 5m)", "of the search in log_count"), ("log_count(\"a\", 0)", "needs a time up to 7d"),
            ("log_count(up, 5m)", "expected type string"), ("log_count(\"a\", 8d)", "needs a time up to 7d"),
        ] {
            do throws(PromQLError) {
                _ = try PromQLParser.parse(query)
                Issue.record("\(query) is wrong.")
            } catch { #expect(error.message(for: query).contains(part), "\(error.message(for: query))") }
        }
    }

    @Test("POC-42: the console's queries have log counts, and its alerts are listed as Prometheus and Alertmanager list them")
    func listsAreThoseOfPrometheusAndAlertmanager() async throws {
        let rig = try Rig()
        for _ in 0..<3 { await rig.step(30, 25) }
        let routes = AlertRoutes(rig.manager)
        func get(_ target: String) async throws -> JSONValue {
            try JSONValue(parsing: try #require(await routes.respond(to: ServiceRequest(method: "GET", target: target))).body)
        }
        let alert = try await get("/api/v1/alerts")["data"]?["alerts"]?[0]
        #expect(alert?["state"] == "firing" && alert?["value"] == "2.5e+01" && alert?["activeAt"] == "2023-11-14T22:10:30Z")
        let rule = try await get("/api/v1/rules")["data"]?["groups"]?[0]?["rules"]?[0]
        #expect(rule?["duration"] == 60 && rule?["type"] == "alerting" && rule?["health"] == "ok" && rule?["state"] == "firing")
        let sent = try await get("/api/v2/alerts?filter=severity%3D%22page%22")
        #expect(sent[0]?["status"]?["state"] == "active" && sent[0]?["receivers"]?[0]?["name"] == "a")
        #expect(try await get("/api/v2/alerts?filter=severity%3Dother") == [])
        let body =
            #"{"matchers":[{"name":"alertname","value":"Hot","isRegex":false}],"startsAt":"2023-11-14T22:00:00Z","endsAt":"2023-11-15T00:00:00Z"}"#
        func post(_ type: String) async -> ServiceResponse? {
            await routes.respond(
                to: ServiceRequest(method: "POST", target: "/api/v2/silences", headers: ["Content-Type": type], body: Array(body.utf8)))
        }
        #expect(await post("text/plain")?.status == 415)
        let answer = try JSONValue(parsing: try #require(await post("application/json")).body)
        let id = try #require(answer["silenceID"]?.stringValue)
        #expect(try await get("/api/v2/alerts")[0]?["status"]?["silencedBy"]?[0]?.stringValue == id)
        #expect(try await get("/data/alerts")["muted"]?[0]?["silencedBy"]?[0]?.stringValue == id)
        #expect(try await get("/api/v2/silences")[0]?["status"]?["state"] == "active")
        #expect(await routes.respond(to: ServiceRequest(method: "DELETE", target: "/api/v2/silence/\(id)"))?.status == 200)
        #expect(await routes.respond(to: ServiceRequest(method: "DELETE", target: "/api/v2/silence/\(id)"))?.status == 404)
        #expect(try await get("/api/v2/silence/\(id)")["status"]?["state"] == "expired")
        #expect(await routes.respond(to: ServiceRequest(method: "GET", target: "/api/v1/query")) == nil)
    }

    @Test func pagesOfOtherSitesChangeNothing() async throws {
        let harness = ConsoleHarness()
        let body = Array(#"{"matchers":[{"name":"a","value":"b"}],"endsAt":"2999-01-01T00:00:00Z"}"#.utf8)
        let own: HTTPHeaders = ["Content-Type": "application/json", "Host": "localhost:4318", "Origin": "http://localhost:4318"]
        let other: HTTPHeaders = ["Content-Type": "application/json", "Host": "localhost:4318", "Origin": "http://evil.example"]
        #expect(await harness.send("POST", "/api/v2/silences", other, body).status == 403)
        #expect(await harness.send("POST", "/api/v2/silences", own, body).status == 200)
        #expect(try await harness.get("/data/alerts")["silences"]?.arrayValue?.count == 1)
        #expect(try await harness.get("/api/v1/rules")["data"]?["groups"] == [])
    }
}
