// Evaluates groups of rules when they are due.

import Telemetry

/// The groups of all files, with the state of their rules.
struct RuleSet: Sendable {
    /// What is known of the evaluations of a rule.
    struct RuleStatus: Sendable {
        let rule: AlertRule
        var state = AlertRuleState()
        var series = RuleSeriesMemory()
        var lastError: String?
        var lastEvaluation: Int64?
        var seconds: Double = 0

        /// The state of a rule is that of its alerts: the most urgent one.
        var stateName: String {
            let states = Set(state.alerts.values.map(\.state))
            return states.contains(.firing) ? "firing" : states.contains(.pending) ? "pending" : "inactive"
        }
    }

    struct GroupStatus: Sendable {
        let group: RuleGroup
        var rules: [RuleStatus]
        /// When the group is evaluated next; nil before the first time.
        var due: Int64?
        var lastEvaluation: Int64?
        /// Evaluations that were left out because the console was busy or stood still.
        var missed = 0
        var seconds: Double = 0
    }

    /// What an evaluation has to tell: the alerts that fire, and those that were resolved by it.
    struct Changes: Sendable {
        var firing: [(alert: ActiveAlert, rule: AlertRule, interval: Int64)] = []
        var resolved: [(alert: ActiveAlert, rule: AlertRule, interval: Int64)] = []
        var hasEvaluated = false
    }

    private(set) var groups: [GroupStatus]
    let externalURL: String

    init(_ groups: [RuleGroup], externalURL: String) {
        self.externalURL = externalURL
        self.groups = groups.map { group in GroupStatus(group: group, rules: group.rules.map { RuleStatus(rule: $0) }) }
    }

    /// The earliest time at which a group is due; nil without groups.
    func nextDue(after now: Int64) -> Int64? { groups.map { $0.due ?? now }.min() }

    /// Evaluates the groups that are due. The times of evaluations are multiples of the group's interval, however late they come; evaluations
    /// that would be later than the next one are left out and counted.
    mutating func evaluate(at now: Int64, _ engine: PromQLEngine) -> Changes {
        var changes = Changes()
        for place in groups.indices where groups[place].due.map({ $0 <= now }) ?? true {
            let interval = groups[place].group.interval
            let time = now / interval * interval
            if let due = groups[place].due, time > due { groups[place].missed += Int((time - due) / interval) }
            groups[place].due = time + interval
            // A clock that has been set back must not evaluate a time again.
            guard groups[place].lastEvaluation.map({ $0 < time }) ?? true else { continue }
            evaluate(group: place, at: time, engine, &changes)
        }
        return changes
    }

    /// Evaluates all rules of a group at a time.
    mutating func evaluate(group place: Int, at time: Int64, _ engine: PromQLEngine, _ changes: inout Changes) {
        let clock = ContinuousClock()
        let began = clock.now
        changes.hasEvaluated = true
        for rule in groups[place].rules.indices {
            let start = clock.now
            var status = groups[place].rules[rule]
            do throws(AlertRuleState.Failure) {
                try Self.evaluate(&status, groups[place].group, at: time, engine, externalURL, &changes)
                status.lastError = nil
            } catch {
                status.lastError = error.reason
            }
            status.lastEvaluation = time
            status.seconds = start.duration(to: clock.now) / .seconds(1)
            groups[place].rules[rule] = status
        }
        groups[place].lastEvaluation = time
        groups[place].seconds = began.duration(to: clock.now) / .seconds(1)
    }

    private static func evaluate(
        _ status: inout RuleStatus, _ group: RuleGroup, at time: Int64, _ engine: PromQLEngine, _ externalURL: String,
        _ changes: inout Changes
    ) throws(AlertRuleState.Failure) {
        let rule = status.rule
        let samples: [(labels: LabelSet, value: Double)]
        do throws(PromQLError) {
            samples = try Self.samples(try engine.query(rule.expression, at: time - group.queryOffset))
        } catch {
            throw AlertRuleState.Failure(reason: error.message(for: rule.query))
        }
        guard rule.kind == .alert else {
            return try record(samples, &status, group, at: time - group.queryOffset, engine.store)
        }
        let (firing, resolved) = try status.state.evaluate(samples, of: rule, limit: group.limit, at: time, externalURL: externalURL)
        changes.firing += firing.map { ($0, rule, group.interval) }
        changes.resolved += resolved.map { ($0, rule, group.interval) }
        let listed = status.state.active.flatMap { alert -> [(labels: LabelSet, value: Double)] in
            let labels = alert.labels.setting("alertstate", alert.state.rawValue)
            return [
                (labels.setting(LabelSet.nameLabel, "ALERTS"), 1),
                (alert.labels.setting(LabelSet.nameLabel, "ALERTS_FOR_STATE"), Double(alert.activeAt / 1_000)),
            ]
        }
        status.series.record(listed, at: time - group.queryOffset, in: engine.store, help: "Alerts of the console's rules")
    }

    private static func record(
        _ samples: [(labels: LabelSet, value: Double)], _ status: inout RuleStatus, _ group: RuleGroup, at time: Int64, _ store: MetricStore
    ) throws(AlertRuleState.Failure) {
        let rule = status.rule
        var seen: Set<LabelSet> = []
        var series: [(labels: LabelSet, value: Double)] = []
        for sample in samples {
            var labels = sample.labels.setting(LabelSet.nameLabel, rule.name)
            for label in rule.labels { labels = labels.setting(label.name, label.value.source) }
            guard seen.insert(labels).inserted else {
                throw AlertRuleState.Failure(
                    reason: "two series of the query become the same series; the rule's labels must keep them apart")
            }
            series.append((labels, sample.value))
        }
        let most = group.limit > 0 ? min(group.limit, AlertRuleState.maximumAlerts) : AlertRuleState.maximumAlerts
        guard series.count <= most else {
            throw AlertRuleState.Failure(reason: "the rule gives \(series.count) series; at most \(most) are allowed")
        }
        status.series.record(series, at: time, in: store, help: "Recorded by a rule of \(group.name)")
    }

    /// The series of a result with their numbers; a histogram counts as 0.
    private static func samples(_ result: QueryResult) throws(PromQLError) -> [(labels: LabelSet, value: Double)] {
        switch result.value {
        case .scalar(let value): return [(LabelSet(), value)]
        case .vector: return result.series.map { ($0.labels, $0.hasValue(0) ? $0.values[0] : 0) }
        case .string, .matrix: throw .execution("a rule needs an instant vector or a number")
        }
    }

    /// Returns the key of one of the rules of a name; groups of two files can have the same name.
    private static func key(_ group: RuleGroup, _ rule: String, _ number: Int) -> String { "\(group.file)/\(group.name)/\(rule)/\(number)" }

    /// Calls the closure with each rule and its key, which is the same in the next run.
    func forEachRule(_ body: (String, RuleStatus) -> Void) {
        for group in groups {
            var seen: [String: Int] = [:]
            for status in group.rules {
                seen[status.rule.name, default: 0] += 1
                body(Self.key(group.group, status.rule.name, seen[status.rule.name] ?? 0), status)
            }
        }
    }

    /// Hands the alerts of the last run to the rules that still have them.
    mutating func restore(_ alerts: [String: [ActiveAlert]]) {
        for group in groups.indices {
            var seen: [String: Int] = [:]
            for rule in groups[group].rules.indices {
                let name = groups[group].rules[rule].rule.name
                seen[name, default: 0] += 1
                for alert in alerts[Self.key(groups[group].group, name, seen[name] ?? 0)] ?? [] {
                    groups[group].rules[rule].state.restore(alert)
                }
            }
        }
    }
}
