// The body of a webhook, as Alertmanager sends it.

import ExampleSupport

/// One message, version 4.
struct WebhookMessage: Sendable {
    let receiver: String
    let reason: NotificationLog.Reason
    let groupKey: String
    let groupLabels: LabelSet
    let externalURL: String
    let alerts: [SentAlert]
    let maximumAlerts: Int

    var bytes: [UInt8] { json.bytes }

    private var json: JSONValue {
        let most = maximumAlerts > 0 ? min(maximumAlerts, alerts.count) : alerts.count
        let listed = Array(alerts.prefix(most))
        let isFiring = listed.contains { !$0.isResolved }
        return [
            // Receivers that templates use as a pattern get it as one.
            "receiver": .string(Self.quoted(receiver)), "status": isFiring ? "firing" : "resolved",
            "alerts": .array(listed.map(Self.json)), "notification_reason": .string(reason.rawValue),
            "groupLabels": Self.json(groupLabels.pairs), "commonLabels": Self.json(common(listed.map(\.labels.pairs))),
            "commonAnnotations": Self.json(common(listed.map(\.annotations))), "externalURL": .string(externalURL), "version": "4",
            "groupKey": .string(groupKey),
            "truncatedAlerts": .integer(Int64(alerts.count - most)),
        ]
    }

    private static func json(_ alert: SentAlert) -> JSONValue {
        [
            "status": alert.isResolved ? "resolved" : "firing", "labels": json(alert.labels.pairs), "annotations": json(alert.annotations),
            "startsAt": .string(time(alert.startsAt)), "endsAt": .string(alert.endsAt.map { time($0) } ?? "0001-01-01T00:00:00Z"),
            "generatorURL": .string(alert.generatorURL), "fingerprint": .string(alert.fingerprint.fingerprintText),
        ]
    }

    static func json(_ pairs: [(name: String, value: String)]) -> JSONValue {
        .object(JSONObject(pairs.sorted { $0.name < $1.name }.map { .init(key: $0.name, value: .string($0.value)) }))
    }

    /// Returns milliseconds since 1970 as Go writes a time.
    static func time(_ milliseconds: Int64) -> String { CalendarTime(microsecondsSinceEpoch: Int(milliseconds) * 1_000).rfc3339 }

    private func common(_ lists: [[(name: String, value: String)]]) -> [(name: String, value: String)] {
        guard let first = lists.first else { return [] }
        return first.filter { pair in lists.allSatisfy { list in list.contains { $0.name == pair.name && $0.value == pair.value } } }
    }

    private static func quoted(_ text: String) -> String { text.map { "\\.+*?()|[]{}^$".contains($0) ? "\\\($0)" : "\($0)" }.joined() }
}

extension LabelSet {
    var pairs: [(name: String, value: String)] { labels.map { ($0.name, $0.value) } }
}
