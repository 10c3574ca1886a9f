// Grouping, routes, inhibition and messages, compared with those of Alertmanager.

import ExampleSupport
import Telemetry
import Testing

@testable import TelemetryConsole

@Suite(.enabled(if: YAMLReader.isAvailable, "libyaml is not installed")) struct AlertDispatcherTests {
    private let start: Int64 = 1_700_000_000_000

    private func routing(_ text: String? = nil) throws -> AlertRouting {
        try RoutingFileReader.routing(try text.map { Array($0.utf8) } ?? AlertVectors.bytes("routes.yml"), file: "routes.yml")
    }

    private func alert(_ labels: [String: String], resolved: Int64? = nil, at time: Int64) -> SentAlert {
        SentAlert(
            labels: LabelSet(labels.map { .init($0.key, $0.value) }), annotations: [], startsAt: start, endsAt: resolved, generatorURL: "",
            updatedAt: time)
    }

    /// Delivers what is due until a time, every tenth of a second, and returns it.
    private func deliver(_ dispatcher: inout AlertDispatcher, from: Int64, to: Int64, _ silences: SilenceList = SilenceList())
        -> [AlertNotification]
    {
        var sent: [AlertNotification] = []
        for time in stride(from: from, through: to, by: 100) {
            for notification in dispatcher.flush(at: time, silences) {
                dispatcher.finish(notification, isDelivered: true)
                if notification.message != nil { sent.append(notification) }
            }
        }
        return sent
    }

    /// `Vectors/webhooks.txt` holds what Alertmanager 0.33.1 sends; `make-webhooks.py` made it.
    @Test("POC-33: groups, order, reasons and bodies of webhooks are those of Alertmanager") func webhooksAreThoseOfAlertmanager() throws {
        var dispatcher = AlertDispatcher(try routing(), externalURL: "http://console")
        var expected: [String] = []
        var found: [String] = []
        var time: Int64?
        for line in try AlertVectors.lines("webhooks.txt") {
            let words = line.split(separator: " ", maxSplits: line.hasPrefix("sent") ? 2 : 1)
            let document = try JSONValue(parsing: Array(words[words.count - 1].utf8))
            if line.hasPrefix("sent ") {
                expected.append("\(words[1]) \(document.withSortedKeys)")
                continue
            }
            let alerts = try (document.arrayValue ?? []).map(Self.alert)
            let now = time ?? (alerts.first?.startsAt ?? 0)
            dispatcher.take(alerts, at: now)
            let sent = deliver(&dispatcher, from: now, to: now + 4_400)
            found += try sent.map { one in
                "\(one.webhook.url.target) \(try JSONValue(parsing: one.message?.bytes ?? []).withSortedKeys)"
            }.sorted()
            time = now + 4_500
        }
        #expect(expected.count == 9)
        #expect(found.sorted() == expected.sorted())
        for (one, other) in zip(found.sorted(), expected.sorted()) { #expect(one == other) }
    }

    private static func alert(_ value: JSONValue) throws -> SentAlert {
        func pairs(_ name: String) -> [(name: String, value: String)] {
            guard case .object(let object)? = value[name] else { return [] }
            return object.members.map { ($0.key, $0.value.stringValue ?? "") }
        }
        func time(_ name: String) throws -> Int64 { try #require(value[name]?.stringValue.flatMap(RFC3339.milliseconds)) }
        let end = try time("endsAt")
        // Alerts that fire end far ahead.
        return SentAlert(
            labels: LabelSet(pairs("labels").map { .init($0.name, $0.value) }), annotations: pairs("annotations"),
            startsAt: try time("startsAt"),
            endsAt: end > 2_000_000_000_000 ? nil : end, generatorURL: value["generatorURL"]?.stringValue ?? "", updatedAt: end)
    }

    @Test("POC-33: a message that fails is tried with the group's next turn, one that arrived only after the repeat interval")
    func groupsWaitAndRepeat() throws {
        var dispatcher = AlertDispatcher(
            try routing(
                "route: {receiver: a, group_by: [alertname], group_wait: 10s, group_interval: 1m, repeat_interval: 5m}\n"
                    + "receivers: [{name: a, webhook_configs: [{url: 'http://h/1'}, {url: 'http://h/2'}]}]"), externalURL: "")
        dispatcher.take([alert(["alertname": "X", "n": "1"], at: start)], at: start)
        #expect(dispatcher.flush(at: start + 9_900, SilenceList()).isEmpty)
        let first = dispatcher.flush(at: start + 10_000, SilenceList())
        #expect(first.map(\.webhook.url.target) == ["/1", "/2"] && first[0].patience == 60_000)
        #expect(dispatcher.flush(at: start + 70_000, SilenceList()).isEmpty, "Both messages are on their way.")
        dispatcher.finish(first[0], isDelivered: true)
        dispatcher.finish(first[1], isDelivered: false)
        let second = dispatcher.flush(at: start + 70_100, SilenceList())
        #expect(second.map(\.webhook.url.target) == ["/2"])
        dispatcher.finish(second[0], isDelivered: true)
        let later = deliver(&dispatcher, from: start + 70_200, to: start + 600_000)
        #expect(later.map(\.webhook.url.target) == ["/1", "/2"])
        #expect(later.allSatisfy { ($0.message?.reason) == .repeated })
        // A group whose alerts were resolved, and are known to be, is gone.
        dispatcher.take([alert(["alertname": "X", "n": "1"], resolved: start + 600_100, at: start + 600_100)], at: start + 600_100)
        #expect(
            deliver(&dispatcher, from: start + 600_200, to: start + 700_000).map { $0.message?.reason } == [.allResolved, .allResolved])
        #expect(dispatcher.groups.isEmpty)
    }

    @Test("POC-33: an alert that fires again while it is reported as resolved stays in its group") func alertThatFiresAgainStays() throws {
        var dispatcher = AlertDispatcher(
            try routing(
                "route: {receiver: a, group_wait: 0s, group_interval: 1s}\nreceivers: [{name: a, webhook_configs: [{url: 'http://h/'}]}]"),
            externalURL: "")
        let labels = ["alertname": "X"]
        dispatcher.take([alert(labels, at: start)], at: start)
        #expect(deliver(&dispatcher, from: start, to: start).count == 1)
        dispatcher.take([alert(labels, resolved: start + 500, at: start + 500)], at: start + 500)
        let resolving = dispatcher.flush(at: start + 1_000, SilenceList())
        #expect(resolving.first?.message?.reason == .allResolved)
        dispatcher.take([alert(labels, at: start + 1_100)], at: start + 1_100)
        dispatcher.finish(resolving[0], isDelivered: true)
        #expect(dispatcher.groups.count == 1)
        #expect(deliver(&dispatcher, from: start + 2_000, to: start + 2_000).first?.message?.reason == .first)
    }

    @Test("POC-33: silences mute from their start to their end, inhibitions while their source fires") func silencesAndInhibitionsMute()
        throws
    {
        var dispatcher = AlertDispatcher(
            try routing(
                """
                route: {receiver: a, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}
                receivers: [{name: a, webhook_configs: [{url: 'http://h/'}]}]
                inhibit_rules:
                  - source_matchers: ['severity="critical"']
                    target_matchers: ['severity=~"warning|critical"']
                    equal: [job]
                """), externalURL: "")
        var silences = SilenceList()
        let matcher = try AlertMatcher("alertname", "B.*", isRegex: true)
        let silence = Silence(
            id: "s", matchers: [matcher], startsAt: start, endsAt: start + 5_000, createdBy: "", comment: "", updatedAt: start)
        _ = try silences.set(silence, replacing: nil, at: start)
        let (critical, warning) = (
            ["alertname": "A", "severity": "critical", "job": "j"], ["alertname": "W", "severity": "warning", "job": "j"]
        )
        let muted = ["alertname": "Bad", "severity": "none"]
        dispatcher.take([critical, warning, muted].map { alert($0, at: start) }, at: start)
        let labels = LabelSet([.init("alertname", "A"), .init("severity", "critical"), .init("job", "j")])
        #expect(!AlertDispatcher.muting(labels, silences, dispatcher.inhibitions, at: start).isMuted, "An alert does not mute itself.")
        #expect(deliver(&dispatcher, from: start, to: start + 4_000, silences).map(\.key.group) == ["{}:{alertname=\"A\"}"])
        dispatcher.take([alert(critical, resolved: start + 4_100, at: start + 4_100)], at: start + 4_100)
        let sent = deliver(&dispatcher, from: start + 4_200, to: start + 8_000, silences)
        #expect(Set(sent.map(\.key.group)) == ["{}:{alertname=\"A\"}", "{}:{alertname=\"W\"}", "{}:{alertname=\"Bad\"}"])
    }

    @Test func silencesAreChecked() throws {
        var silences = SilenceList()
        func set(_ text: String, id: String? = nil) -> String {
            do throws(SilenceList.Failure) {
                let (silence, own) = try SilenceJSON.posted(Array(text.utf8), at: start)
                return try silences.set(silence, replacing: own, at: start)
            } catch { return error.message }
        }
        let end = "\"endsAt\":\"2023-11-14T23:13:20Z\""
        #expect(set("[]").hasPrefix("the body must be a JSON object"))
        #expect(set("{\(end)}") == "matchers must be a list")
        #expect(set("{\(end),\"matchers\":[]}") == "a silence has from 1 to 32 matchers")
        #expect(set("{\(end),\"matchers\":[{\"name\":\"a\",\"value\":\"\"}]}") == "at least one matcher must not match the empty string")
        #expect(set("{\"endsAt\":\"2020-01-01T00:00:00Z\",\"matchers\":[{\"name\":\"a\",\"value\":\"b\"}]}").contains("time"))
        #expect(set("{\"endsAt\":\"soon\",\"matchers\":[]}") == "endsAt is a string; it must be a time such as 2030-01-31T12:00:00Z")
        #expect(set("{\(end),\"matchers\":[{\"name\":\"a\",\"value\":\"(\",\"isRegex\":true}]}").hasPrefix("bad regular expression"))
        let id = set("{\(end),\"matchers\":[{\"name\":\"a\",\"value\":\"b\",\"isRegex\":false}]}")
        #expect(UUID(id) != nil && silences.all.count == 1)
        // Another matcher replaces it; the old one ends.
        let next = set("{\"id\":\"\(id)\",\(end),\"matchers\":[{\"name\":\"a\",\"value\":\"c\"}]}")
        #expect(next != id && silences.all.map { $0.state(at: start) } == [.expired, .active])
        #expect(set("{\"id\":\"x\",\(end),\"matchers\":[{\"name\":\"a\",\"value\":\"c\"}]}") == "silence x not found")
        #expect(silences.expire(next, at: start + 1) && !silences.expire(next, at: start + 2))
        silences.makeRoom(start + SilenceList.retention + 10)
        #expect(silences.all.isEmpty)
    }

    @Test("POC-33: an alert of a rule that cannot be evaluated any more is resolved") func forgottenAlertsAreResolved() throws {
        var dispatcher = AlertDispatcher(
            try routing(
                "route: {receiver: a, group_wait: 0s, group_interval: 1s}\nreceivers: [{name: a, webhook_configs: [{url: 'http://h/'}]}]"),
            externalURL: "")
        var alert = alert(["alertname": "X"], at: start)
        alert.validUntil = start + 5_000
        dispatcher.take([alert], at: start)
        #expect(deliver(&dispatcher, from: start, to: start + 5_000).map { $0.message?.reason } == [.first])
        let sent = deliver(&dispatcher, from: start + 5_100, to: start + 9_000)
        #expect(sent.map { $0.message?.reason } == [.allResolved] && sent[0].message?.alerts[0].endsAt == start + 5_000)
        #expect(dispatcher.groups.isEmpty)
    }

    @Test("POC-33: routes with equal matchers have groups of their own") func equalRoutesAreApart() throws {
        var dispatcher = AlertDispatcher(
            try routing(
                """
                route:
                  receiver: a
                  group_wait: 0s
                  group_interval: 1s
                  routes:
                    - {matchers: [x=y], receiver: a, continue: true}
                    - {matchers: [x=y], receiver: b}
                receivers: [{name: a, webhook_configs: [{url: 'http://h/a'}]}, {name: b, webhook_configs: [{url: 'http://h/b'}]}]
                """), externalURL: "")
        dispatcher.take([alert(["x": "y"], at: start)], at: start)
        let sent = dispatcher.flush(at: start, SilenceList())
        #expect(sent.map(\.webhook.url.target) == ["/a", "/b"] && sent[0].key.group == sent[1].key.group)
        for one in sent { dispatcher.finish(one, isDelivered: one.webhook.url.target == "/b") }
        for group in dispatcher.groups.values {
            #expect(group.pending == 0 && group.hasFailed == (group.route.receiver == "a"), "\(group.route.receiver)")
        }
    }

    @Test func groupsAreBounded() throws {
        var dispatcher = AlertDispatcher(
            try routing("route: {receiver: a, group_by: [...]}\nreceivers: [{name: a}]"), externalURL: "")
        dispatcher.take((0..<AlertDispatcher.maximumGroups + 7).map { alert(["alertname": "X", "n": "\($0)"], at: start) }, at: start)
        #expect(dispatcher.groups.count == AlertDispatcher.maximumGroups && dispatcher.dropped == 7)
    }
}
