// Alerts, rules and groups in JSON, as Prometheus and Alertmanager list them.

import ExampleSupport

/// Writes the answers of the alert routes.
enum AlertAnswer {
    private static func seconds(_ milliseconds: Int64) -> JSONValue { .number(Double(milliseconds) / 1_000) }

    private static func success(_ data: JSONValue) -> JSONValue { ["status": "success", "data": data] }

    // MARK: Prometheus

    /// The answer to `/api/v1/alerts`.
    static func alerts(_ state: AlertManager.State) -> JSONValue {
        var alerts: [JSONValue] = []
        state.rules.forEachRule { _, status in alerts += status.state.active.map(json) }
        return success(["alerts": .array(alerts)])
    }

    private static func json(_ alert: ActiveAlert) -> JSONValue {
        var members: [JSONObject.Member] = [
            .init(key: "labels", value: WebhookMessage.json(alert.labels.pairs)),
            .init(key: "annotations", value: WebhookMessage.json(alert.annotations)),
            .init(key: "state", value: .string(alert.state.rawValue)),
            .init(key: "activeAt", value: .string(WebhookMessage.time(alert.activeAt))),
        ]
        if let since = alert.keepFiringSince { members.append(.init(key: "keepFiringSince", value: .string(WebhookMessage.time(since)))) }
        if let resolved = alert.resolvedAt { members.append(.init(key: "resolvedAt", value: .string(WebhookMessage.time(resolved)))) }
        members.append(.init(key: "value", value: .string(GoFormat.exponent(alert.value))))
        return .object(JSONObject(members))
    }

    /// The answer to `/api/v1/rules`.
    static func rules(_ state: AlertManager.State) -> JSONValue {
        success(["groups": .array(state.rules.groups.map { json($0, listed: false) })])
    }

    private static func json(_ group: RuleSet.GroupStatus, listed: Bool) -> JSONValue {
        [
            "name": .string(group.group.name), "file": .string(group.group.file),
            "rules": .array(group.rules.map { json($0, listed: listed) }),
            "interval": seconds(group.group.interval), "limit": .integer(Int64(group.group.limit)),
            "evaluationTime": .number(group.seconds),
            "lastEvaluation": time(group.lastEvaluation), "missed": .integer(Int64(group.missed)),
        ]
    }

    private static func time(_ time: Int64?) -> JSONValue { .string(time.map { WebhookMessage.time($0) } ?? "0001-01-01T00:00:00Z") }

    /// - Parameter listed: true to list alerts too that have been resolved, with the times in milliseconds.
    private static func json(_ status: RuleSet.RuleStatus, listed: Bool) -> JSONValue {
        let rule = status.rule
        let health: JSONValue = status.lastEvaluation == nil ? "unknown" : status.lastError == nil ? "ok" : "err"
        var members: [JSONObject.Member] = [
            .init(key: "name", value: .string(rule.name)), .init(key: "query", value: .string(rule.query)),
            .init(key: "labels", value: WebhookMessage.json(rule.labels.map { ($0.name, $0.value.source) })),
            .init(key: "health", value: health),
            .init(key: "evaluationTime", value: .number(status.seconds)), .init(key: "lastEvaluation", value: time(status.lastEvaluation)),
            .init(key: "type", value: rule.kind == .alert ? "alerting" : "recording"),
        ]
        if let error = status.lastError { members.append(.init(key: "lastError", value: .string(error))) }
        if rule.kind == .alert {
            members += [
                .init(key: "state", value: .string(status.stateName)), .init(key: "duration", value: seconds(rule.holdTime)),
                .init(key: "keepFiringFor", value: seconds(rule.keepFiringTime)),
                .init(key: "annotations", value: WebhookMessage.json(rule.annotations.map { ($0.name, $0.value.source) })),
                .init(key: "alerts", value: .array((listed ? status.state.listed : status.state.active).map(json))),
            ]
        }
        return .object(JSONObject(members))
    }

    // MARK: The page

    /// The answer to `/data/alerts`: groups with their rules and alerts, what mutes these, silences and receivers.
    static func page(_ state: AlertManager.State, _ counts: [String: WebhookSender.Counts], at now: Int64) -> JSONValue {
        let inhibitions = state.dispatcher.inhibitions
        var muted: [JSONValue] = []
        state.rules.forEachRule { _, status in
            for alert in status.state.active {
                let muting = AlertDispatcher.muting(alert.labels, state.silences, inhibitions, at: now)
                guard muting.isMuted else { continue }
                muted.append([
                    "labels": WebhookMessage.json(alert.labels.pairs), "silencedBy": .array(muting.silences.map { .string($0) }),
                    "inhibitedBy": .array(muting.inhibitors.map { .string($0.fingerprintText) }),
                ])
            }
        }
        let receivers = state.dispatcher.routing.receivers.values.sorted { $0.name < $1.name }.map { receiver -> JSONValue in
            let count = counts[receiver.name] ?? WebhookSender.Counts()
            return [
                "name": .string(receiver.name), "webhooks": .integer(Int64(receiver.webhooks.count)), "sent": .integer(Int64(count.sent)),
                "failed": .integer(Int64(count.failed)), "retried": .integer(Int64(count.retried)),
                "waiting": .integer(Int64(count.waiting)),
                "lastError": count.lastError.map { .string($0) } ?? .null,
            ]
        }
        return [
            "now": .integer(now), "groups": .array(state.rules.groups.map { json($0, listed: true) }), "muted": .array(muted),
            "silences": .array(silences(state, at: now)), "receivers": .array(receivers),
            "dropped": .integer(Int64(state.dispatcher.dropped)),
        ]
    }

    // MARK: Alertmanager

    /// The silences: those that mute first, then those to come, then those that have ended; the next to end first.
    static func silences(_ state: AlertManager.State, at now: Int64) -> [JSONValue] {
        let order: [Silence.State] = [.active, .pending, .expired]
        let sorted = state.silences.all.sorted { left, right in
            let places = (order.firstIndex(of: left.state(at: now)) ?? 0, order.firstIndex(of: right.state(at: now)) ?? 0)
            if places.0 != places.1 { return places.0 < places.1 }
            return places.0 == 2 ? left.endsAt > right.endsAt : left.endsAt < right.endsAt
        }
        return sorted.map { SilenceJSON.listed($0, at: now) }
    }

    /// The answer to `/api/v2/alerts`.
    static func sentAlerts(_ state: AlertManager.State, matching matchers: [AlertMatcher], at now: Int64) -> JSONValue {
        let inhibitions = state.dispatcher.inhibitions
        var found: [LabelSet: (alert: SentAlert, receivers: [String])] = [:]
        for group in state.dispatcher.groups.values {
            for alert in group.alerts.values where !alert.isResolved && matchers.allSatisfy({ $0.matches(alert.labels) }) {
                found[alert.labels, default: (alert, [])].receivers.append(group.route.receiver)
            }
        }
        return .array(
            found.values.sorted { $0.alert.labels < $1.alert.labels }.map { alert, receivers in
                let muting = AlertDispatcher.muting(alert.labels, state.silences, inhibitions, at: now)
                return [
                    "annotations": WebhookMessage.json(alert.annotations), "endsAt": .string(WebhookMessage.time(now + 240_000)),
                    "fingerprint": .string(alert.fingerprint.fingerprintText),
                    "receivers": .array(Set(receivers).sorted().map { ["name": .string($0)] }),
                    "startsAt": .string(WebhookMessage.time(alert.startsAt)),
                    "status": [
                        "inhibitedBy": .array(muting.inhibitors.map { .string($0.fingerprintText) }), "mutedBy": [],
                        "silencedBy": .array(muting.silences.map { .string($0) }), "state": muting.isMuted ? "suppressed" : "active",
                    ], "updatedAt": .string(WebhookMessage.time(alert.updatedAt)), "generatorURL": .string(alert.generatorURL),
                    "labels": WebhookMessage.json(alert.labels.pairs),
                ]
            })
    }

    /// The answer to `/api/v2/status`.
    static func status(_ state: AlertManager.State, version: String, started: Int64) -> JSONValue {
        [
            "cluster": ["status": "disabled", "peers": []], "config": ["original": .string(state.dispatcher.routing.source)],
            "uptime": .string(WebhookMessage.time(started)),
            "versionInfo": [
                "branch": "", "buildDate": "", "buildUser": "", "goVersion": "", "revision": "", "version": .string(version),
            ],
        ]
    }
}
