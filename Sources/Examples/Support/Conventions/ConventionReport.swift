// What was found in telemetry, by service.

/// Findings with how often and where they were seen, within bounds.
package struct ConventionReport: Sendable {
    /// A finding in the telemetry of one service.
    package struct Entry: Sendable {
        package let finding: ConventionFinding
        package fileprivate(set) var count = 0
        /// Some of the names of spans, metrics and events that show it.
        package fileprivate(set) var names: [String] = []
        /// A trace that shows it; empty if none does.
        package fileprivate(set) var traceID = ""

        fileprivate mutating func add(_ count: Int, _ names: [String], _ traceID: String) {
            self.count += count
            for name in names where self.names.count < ConventionReport.maximumNames && !self.names.contains(name) {
                self.names.append(name)
            }
            if !traceID.isEmpty { self.traceID = traceID }
        }
    }

    /// What was checked of one service.
    package struct Service: Sendable {
        package fileprivate(set) var items: [ConventionFinding.Signal: Int] = [:]
        fileprivate var entries: [ConventionFinding: Entry] = [:]
        /// The names by signal, for their number.
        fileprivate var names: [ConventionFinding.Signal: Set<String>] = [:]

        /// The findings, those that weigh most first.
        package var findings: [Entry] {
            entries.values.sorted { left, right in
                let (first, second) = (left.finding, right.finding)
                return (first.level.order, first.rule.order, first.subject, first.signal.rawValue, first.message)
                    < (second.level.order, second.rule.order, second.subject, second.signal.rawValue, second.message)
            }
        }

        package func count(_ level: ConventionFinding.Level) -> Int { entries.keys.count { $0.level == level } }
    }

    private static let maximumServices = 200
    private static let maximumFindings = 500
    /// Names that a finding has as examples.
    private static let maximumNames = 5
    /// Names of spans, metrics or events beyond which a service has too many.
    package static let maximumDistinctNames = 300

    package private(set) var services: [String: Service] = [:]
    /// Findings and services beyond the bounds.
    package private(set) var leftOut = 0
    /// Items that were not looked at.
    package private(set) var skipped = 0

    package init() {}

    mutating func countSkipped() { skipped += 1 }

    mutating func countItem(_ signal: ConventionFinding.Signal, _ place: ConventionFinding.Occurrence) {
        guard hasRoom(for: place.service) else { return }
        services[place.service, default: Service()].items[signal, default: 0] += 1
        if !place.name.isEmpty { note(place.name, signal, place) }
    }

    private mutating func note(_ name: String, _ signal: ConventionFinding.Signal, _ place: ConventionFinding.Occurrence) {
        let names = services[place.service]?.names[signal] ?? []
        guard names.count <= Self.maximumDistinctNames, !names.contains(name) else { return }
        services[place.service]?.names[signal]?.insert(name)
        if services[place.service]?.names[signal] == nil { services[place.service]?.names[signal] = [name] }
        guard names.count == Self.maximumDistinctNames else { return }
        let message = "more than \(Self.maximumDistinctNames) names; what varies belongs into attributes"
        add(ConventionFinding(.nameCardinality, .improvement, signal, "names", message), place)
    }

    private func hasRoom(for service: String) -> Bool { services.count < Self.maximumServices || services[service] != nil }

    mutating func add(_ finding: ConventionFinding, _ place: ConventionFinding.Occurrence) {
        add(finding, service: place.service, count: 1, names: place.name.isEmpty ? [] : [place.name], traceID: place.traceID)
    }

    private mutating func add(_ finding: ConventionFinding, service: String, count: Int, names: [String], traceID: String) {
        guard hasRoom(for: service) else {
            leftOut += count
            return
        }
        let isKnown = services[service]?.entries[finding] != nil
        guard isKnown || services[service]?.entries.count ?? 0 < Self.maximumFindings else {
            leftOut += count
            return
        }
        services[service, default: Service()].entries[finding, default: Entry(finding: finding)].add(count, names, traceID)
    }

    /// Adds what another report has.
    package mutating func merge(_ other: ConventionReport) {
        leftOut += other.leftOut
        skipped += other.skipped
        for (name, service) in other.services {
            guard hasRoom(for: name) else {
                leftOut += service.entries.count
                continue
            }
            for (signal, count) in service.items { services[name, default: Service()].items[signal, default: 0] += count }
            for (signal, names) in service.names {
                let place = ConventionFinding.Occurrence(service: name)
                for one in names { note(one, signal, place) }
            }
            for (finding, entry) in service.entries {
                add(finding, service: name, count: entry.count, names: entry.names, traceID: entry.traceID)
            }
        }
    }

    /// True if a service has a finding of the level.
    package func has(_ level: ConventionFinding.Level) -> Bool { services.values.contains { $0.count(level) > 0 } }
}

extension ConventionFinding.Level {
    fileprivate var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

extension ConventionFinding.Rule {
    fileprivate var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
