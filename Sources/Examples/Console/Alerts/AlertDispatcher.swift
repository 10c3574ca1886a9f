// Puts alerts together and decides when which group is sent to whom.

import Telemetry

/// A message that is due.
struct AlertNotification: Sendable {
    let key: NotificationLog.Key
    /// Two routes with equal matchers have groups of the same name.
    let group: AlertDispatcher.GroupKey
    let webhook: AlertWebhook
    /// Nil if there is nothing to send, but the receiver's state has changed: resolved alerts for one that does not want them.
    let message: WebhookMessage?
    let firing: Set<UInt64>
    let resolved: Set<UInt64>
    let repeatInterval: Int64
    /// How long it may be tried, in milliseconds.
    let patience: Int64
    let time: Int64
}

/// The groups of alerts with their clocks, as Alertmanager keeps them.
struct AlertDispatcher: Sendable {
    struct GroupKey: Sendable, Hashable {
        let route: Int
        let labels: LabelSet
    }

    struct Group: Sendable {
        let route: AlertRoute
        let labels: LabelSet
        var alerts: [LabelSet: SentAlert] = [:]
        var nextFlush: Int64
        /// Messages on their way.
        var pending = 0
        var hasFailed = false
        /// The resolved alerts that leave the group when the messages have arrived, with the times of their last change.
        var leaving: [LabelSet: Int64] = [:]

        var key: String { "\(route.key):\(labels.groupText)" }
    }

    /// Why an alert is not sent.
    struct Muting: Sendable {
        var silences: [String] = []
        var inhibitors: [UInt64] = []

        var isMuted: Bool { !silences.isEmpty || !inhibitors.isEmpty }
    }

    static let maximumGroups = 5_000
    /// Alerts that are known at once, in all groups.
    static let maximumAlerts = 50_000
    private static let minimumPatience: Int64 = 10_000

    let routing: AlertRouting
    let externalURL: String
    var log: NotificationLog
    private(set) var groups: [GroupKey: Group] = [:]
    /// Alerts that were not taken because there were too many groups or alerts.
    private(set) var dropped = 0
    private var alertCount = 0

    init(_ routing: AlertRouting, externalURL: String, log: NotificationLog = NotificationLog()) {
        self.routing = routing
        self.externalURL = externalURL
        self.log = log
    }

    /// Takes alerts as they are at a time.
    mutating func take(_ alerts: [SentAlert], at time: Int64) {
        for alert in alerts {
            for route in routing.root.matching(alert.labels) {
                let key = GroupKey(route: route.index, labels: route.groupLabels(of: alert.labels))
                if groups[key] == nil {
                    guard groups.count < Self.maximumGroups else {
                        dropped += 1
                        continue
                    }
                    // An alert that has waited longer than its group would is sent at once.
                    let isOld = alert.startsAt + route.groupWait < time
                    groups[key] = Group(route: route, labels: key.labels, nextFlush: isOld ? time : time + route.groupWait)
                }
                let isNew = groups[key]?.alerts[alert.labels] == nil
                guard !isNew || alertCount < Self.maximumAlerts else {
                    dropped += 1
                    continue
                }
                if isNew { alertCount += 1 }
                groups[key]?.alerts[alert.labels] = alert
            }
        }
    }

    /// The labels of all alerts that fire.
    var firingLabels: [LabelSet] {
        var seen: Set<LabelSet> = []
        for group in groups.values { for alert in group.alerts.values where !alert.isResolved { seen.insert(alert.labels) } }
        return seen.sorted()
    }

    /// What the alerts that fire mute.
    var inhibitions: InhibitionIndex { InhibitionIndex(routing.inhibitRules, firing: routing.inhibitRules.isEmpty ? [] : firingLabels) }

    /// Returns what mutes an alert.
    static func muting(_ labels: LabelSet, _ silences: SilenceList, _ inhibitions: InhibitionIndex, at time: Int64) -> Muting {
        Muting(silences: silences.muting(labels, at: time).map(\.id), inhibitors: inhibitions.inhibitors(of: labels).map(\.fingerprint))
    }

    /// The earliest time at which a group is due.
    var nextFlush: Int64? { groups.values.lazy.filter { $0.pending == 0 }.map(\.nextFlush).min() }

    /// Returns the messages that are due, and sets the clocks of their groups.
    mutating func flush(at time: Int64, _ silences: SilenceList) -> [AlertNotification] {
        var notifications: [AlertNotification] = []
        let due = groups.filter { $0.value.nextFlush <= time && $0.value.pending == 0 }
        guard !due.isEmpty else { return [] }
        resolveForgotten(at: time)
        let inhibitions = inhibitions
        for key in due.keys.sorted(by: { ($0.route, $0.labels) < ($1.route, $1.labels) }) {
            guard let group = groups[key] else { continue }
            groups[key]?.nextFlush = time + group.route.groupInterval
            guard !group.alerts.isEmpty else {
                groups[key] = nil
                continue
            }
            let alerts = group.alerts.values.sorted { $0.precedes($1) }
            let sent = alerts.filter { !Self.muting($0.labels, silences, inhibitions, at: time).isMuted }
            groups[key]?.leaving = Dictionary(uniqueKeysWithValues: alerts.filter(\.isResolved).map { ($0.labels, $0.updatedAt) })
            groups[key]?.hasFailed = false
            let made = messages(of: group, key, sent, at: time)
            groups[key]?.pending = made.count
            notifications += made
            if made.isEmpty { leave(key) }
        }
        return notifications
    }

    /// Resolves the alerts whose rules have not spoken of them for long: they cannot be evaluated.
    private mutating func resolveForgotten(at time: Int64) {
        for (key, group) in groups {
            for (labels, alert) in group.alerts where !alert.isResolved && alert.validUntil < time {
                groups[key]?.alerts[labels]?.endsAt = alert.validUntil
            }
        }
    }

    private func messages(of group: Group, _ groupKey: GroupKey, _ alerts: [SentAlert], at time: Int64) -> [AlertNotification] {
        guard !alerts.isEmpty, let receiver = routing.receivers[group.route.receiver] else { return [] }
        let firing = Set(alerts.filter { !$0.isResolved }.map(\.fingerprint))
        let resolved = Set(alerts.filter(\.isResolved).map(\.fingerprint))
        return receiver.webhooks.enumerated().compactMap { place, webhook in
            let key = NotificationLog.Key(receiver: receiver.name, webhook: place, group: group.key)
            let reason = log.reason(
                key, firing: firing, resolved: resolved, sendsResolved: webhook.sendsResolved, repeatInterval: group.route.repeatInterval,
                at: time)
            guard let reason else { return nil }
            let listed = webhook.sendsResolved ? alerts : alerts.filter { !$0.isResolved }
            let message = WebhookMessage(
                receiver: receiver.name, reason: reason, groupKey: group.key, groupLabels: group.labels, externalURL: externalURL,
                alerts: listed, maximumAlerts: webhook.maximumAlerts)
            return AlertNotification(
                key: key, group: groupKey, webhook: webhook, message: listed.isEmpty ? nil : message, firing: firing, resolved: resolved,
                repeatInterval: group.route.repeatInterval, patience: max(Self.minimumPatience, group.route.groupInterval), time: time)
        }
    }

    /// Takes what became of a message.
    mutating func finish(_ notification: AlertNotification, isDelivered: Bool) {
        if isDelivered {
            log.note(
                notification.key, firing: notification.firing, resolved: notification.resolved,
                repeatInterval: notification.repeatInterval, at: notification.time)
        }
        let key = notification.group
        guard let group = groups[key], group.pending > 0 else { return }
        groups[key]?.pending -= 1
        if !isDelivered { groups[key]?.hasFailed = true }
        if groups[key]?.pending == 0, groups[key]?.hasFailed == false { leave(key) }
    }

    /// Removes the resolved alerts that receivers know of, unless they fire again already.
    private mutating func leave(_ key: GroupKey) {
        guard let group = groups[key] else { return }
        for (labels, updatedAt) in group.leaving {
            guard let alert = group.alerts[labels], alert.isResolved, alert.updatedAt == updatedAt else { continue }
            groups[key]?.alerts[labels] = nil
            alertCount -= 1
        }
        groups[key]?.leaving = [:]
        if groups[key]?.alerts.isEmpty == true { groups[key] = nil }
    }
}
