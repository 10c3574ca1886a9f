// The state of alerting as the file of the console keeps it.

import ExampleSupport

/// Writes and reads alerts, silences and what receivers know.
enum AlertSnapshot {
    /// Bytes of a snapshot; one that would be longer leaves out what receivers were told the longest ago, then alerts, but no silence.
    static let maximumBytes = 8 << 20
    /// How long an alert of the last run fires although its query gives nothing: senders begin later than the console.
    static let holdAfterStart: Int64 = 120_000

    static func bytes(of state: AlertManager.State, at time: Int64, maximum: Int = maximumBytes) -> [UInt8] {
        let silences = JSONValue.array(state.silences.all.map { SilenceJSON.saved($0) })
        var room = maximum - 256 - silences.bytes.count
        /// True if there is room for a value, which is then taken.
        func takesRoom(_ value: JSONValue) -> Bool {
            let count = value.bytes.count + 1
            guard count <= room else { return false }
            room -= count
            return true
        }
        var rules: [JSONObject.Member] = []
        state.rules.forEachRule { key, status in
            let alerts = status.state.listed.sorted { $0.activeAt > $1.activeAt }.map(json)
            guard !alerts.isEmpty, takesRoom([key: []]) else { return }
            rules.append(.init(key: key, value: .array(alerts.filter(takesRoom))))
        }
        let log = state.dispatcher.log.entries.sorted { $0.value.time > $1.value.time }.map { key, entry -> JSONValue in
            [
                "receiver": .string(key.receiver), "webhook": .integer(Int64(key.webhook)), "group": .string(key.group),
                "firing": .array(entry.firing.sorted().map { .string($0.fingerprintText) }),
                "resolved": .array(entry.resolved.sorted().map { .string($0.fingerprintText) }), "time": .integer(entry.time),
                "expiry": .integer(entry.expiry),
            ]
        }
        let document: JSONValue = [
            "version": 1, "time": .integer(time), "rules": .object(JSONObject(rules)),
            "silences": silences, "log": .array(log.filter(takesRoom)),
        ]
        return document.bytes
    }

    private static func json(_ alert: ActiveAlert) -> JSONValue {
        func optional(_ time: Int64?) -> JSONValue { time.map { .integer($0) } ?? .null }
        return [
            "labels": WebhookMessage.json(alert.labels.pairs), "annotations": WebhookMessage.json(alert.annotations),
            "value": .string(GoNumber.text(alert.value)), "state": .string(alert.state.rawValue), "activeAt": .integer(alert.activeAt),
            "firedAt": optional(alert.firedAt), "resolvedAt": optional(alert.resolvedAt),
            "keepFiringSince": optional(alert.keepFiringSince),
        ]
    }

    /// Takes what the last run has left; what cannot be read is left out.
    ///
    /// The time between the runs does not count for alerts that are pending.
    static func restore(_ bytes: [UInt8], to state: inout AlertManager.State, at now: Int64) {
        guard bytes.count <= maximumBytes, let document = try? JSONValue(parsing: bytes), case .integer(1)? = document["version"],
            case .integer(let time)? = document["time"], case .object(let rules)? = document["rules"]
        else { return }
        var alerts: [String: [ActiveAlert]] = [:]
        for member in rules.members {
            alerts[member.key] = (member.value.arrayValue ?? []).compactMap { alert($0, pause: max(0, now - time), now) }
        }
        state.rules.restore(alerts)
        state.silences = SilenceList((document["silences"]?.arrayValue ?? []).compactMap { SilenceJSON.silence($0) })
        var entries: [NotificationLog.Key: NotificationLog.Entry] = [:]
        for value in (document["log"]?.arrayValue ?? []).prefix(NotificationLog.maximumEntries) {
            guard let receiver = value["receiver"]?.stringValue, let webhook = value["webhook"]?.integerValue,
                let group = value["group"]?.stringValue, case .integer(let time)? = value["time"],
                case .integer(let expiry)? = value["expiry"]
            else { continue }
            func numbers(_ name: String) -> Set<UInt64> {
                Set((value[name]?.arrayValue ?? []).compactMap { $0.stringValue.flatMap { UInt64($0, radix: 16) } })
            }
            let key = NotificationLog.Key(receiver: receiver, webhook: webhook, group: group)
            entries[key] = NotificationLog.Entry(firing: numbers("firing"), resolved: numbers("resolved"), time: time, expiry: expiry)
        }
        state.dispatcher.log = NotificationLog(entries)
    }

    private static func alert(_ value: JSONValue, pause: Int64, _ now: Int64) -> ActiveAlert? {
        guard case .integer(let activeAt)? = value["activeAt"], let state = value["state"]?.stringValue.flatMap(ActiveAlert.State.init)
        else {
            return nil
        }
        func time(_ name: String) -> Int64? { if case .integer(let time)? = value[name] { time } else { nil } }
        var alert = ActiveAlert(
            labels: LabelSet(pairs(value["labels"]).map { .init($0.name, $0.value) }), annotations: pairs(value["annotations"]),
            value: value["value"]?.stringValue.flatMap { GoNumber.value($0) } ?? .nan, state: state, activeAt: activeAt)
        (alert.firedAt, alert.resolvedAt, alert.keepFiringSince) = (time("firedAt"), time("resolvedAt"), time("keepFiringSince"))
        if state == .pending { alert.activeAt = min(now, activeAt + pause) }
        if state == .firing { alert.heldUntil = now + holdAfterStart }
        return alert
    }

    private static func pairs(_ value: JSONValue?) -> [(name: String, value: String)] {
        guard case .object(let object)? = value else { return [] }
        return object.members.compactMap { member in member.value.stringValue.map { (member.key, $0) } }
    }
}
