// Decides what the value of a rule's query makes of its alerts.

/// The alerts of one rule, from evaluation to evaluation, as Prometheus decides them.
struct AlertRuleState: Sendable {
    /// Why an evaluation gives nothing.
    struct Failure: Error, Equatable {
        let reason: String
    }

    /// How long an alert that has been resolved is listed, in milliseconds.
    static let resolvedRetention: Int64 = 900_000
    /// Alerts that one rule may have.
    static let maximumAlerts = 10_000

    private(set) var alerts: [LabelSet: ActiveAlert] = [:]

    /// The alerts that are pending or firing, in the order of their labels.
    var active: [ActiveAlert] { listed.filter { $0.state != .resolved } }

    var listed: [ActiveAlert] { alerts.values.sorted { $0.labels < $1.labels } }

    /// Takes what the query gives at a time.
    ///
    /// - Returns: the alerts that fire, and those that have been resolved by this evaluation.
    mutating func evaluate(
        _ samples: [(labels: LabelSet, value: Double)], of rule: AlertRule, limit: Int, at time: Int64, externalURL: String
    ) throws(Failure) -> (firing: [ActiveAlert], resolved: [ActiveAlert]) {
        let found = try Self.alerts(samples, rule, time, externalURL)
        for (labels, alert) in found {
            if var known = alerts[labels], known.state != .resolved {
                known.value = alert.value
                known.annotations = alert.annotations
                alerts[labels] = known
            } else {
                alerts[labels] = alert
            }
        }
        var result: (firing: [ActiveAlert], resolved: [ActiveAlert]) = ([], [])
        var activeCount = 0
        for (labels, var alert) in alerts {
            if found[labels] != nil {
                alert.keepFiringSince = nil
                alert.heldUntil = nil
            } else if !keepsFiring(&alert, rule, time) {
                if alert.state == .pending || alert.resolvedAt.map({ time - $0 > Self.resolvedRetention }) ?? false {
                    alerts[labels] = nil
                    continue
                }
                if alert.state == .firing {
                    alert.state = .resolved
                    alert.resolvedAt = time
                    result.resolved.append(alert)
                }
                alerts[labels] = alert
                continue
            }
            activeCount += 1
            if alert.state == .pending, time - alert.activeAt >= rule.holdTime {
                alert.state = .firing
                alert.firedAt = time
            }
            alerts[labels] = alert
            if alert.state == .firing { result.firing.append(alert) }
        }
        let most = limit > 0 ? min(limit, Self.maximumAlerts) : Self.maximumAlerts
        guard activeCount <= most else {
            alerts = [:]
            throw Failure(reason: "the rule has \(activeCount) alerts; at most \(most) are allowed")
        }
        return result
    }

    /// Returns whether an alert fires on although the query does not give its series.
    private func keepsFiring(_ alert: inout ActiveAlert, _ rule: AlertRule, _ time: Int64) -> Bool {
        guard alert.state == .firing else { return false }
        if let held = alert.heldUntil, time < held { return true }
        guard rule.keepFiringTime > 0 else { return false }
        let since = alert.keepFiringSince ?? time
        alert.keepFiringSince = since
        return time - since < rule.keepFiringTime
    }

    private static func alerts(
        _ samples: [(labels: LabelSet, value: Double)], _ rule: AlertRule, _ time: Int64, _ externalURL: String
    ) throws(Failure) -> [LabelSet: ActiveAlert] {
        var found: [LabelSet: ActiveAlert] = [:]
        for sample in samples {
            let context = AlertTemplate.Context(labels: sample.labels, value: sample.value, externalURL: externalURL)
            var labels = sample.labels.withoutMetricName
            for label in rule.labels { labels = labels.setting(label.name, label.value.expanded(context)) }
            labels = labels.setting("alertname", rule.name)
            let annotations = rule.annotations.map { ($0.name, $0.value.expanded(context)) }.sorted { $0.0 < $1.0 }
            let alert = ActiveAlert(labels: labels, annotations: annotations, value: sample.value, activeAt: time)
            guard found.updateValue(alert, forKey: labels) == nil else {
                throw Failure(reason: "two series of the query become the same alert; its labels must keep them apart")
            }
        }
        return found
    }

    /// Takes an alert of the last run; one that is no longer known by its rule ends with the next evaluation.
    mutating func restore(_ alert: ActiveAlert) {
        guard alerts.count < Self.maximumAlerts else { return }
        alerts[alert.labels] = alert
    }
}
