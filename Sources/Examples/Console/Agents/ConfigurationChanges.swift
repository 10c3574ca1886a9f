// What services say of themselves that has changed while they were observed.

import Telemetry

/// Attributes of resources, and of log records about configurations, that got another value.
struct ConfigurationChanges {
    struct Change {
        let service: String
        let key: String
        let before: [String]
        let after: [String]
        /// When the new value was seen first.
        let at: UInt64
    }

    private struct Subject: Hashable {
        let service: String
        let key: String
    }

    private struct Seen {
        var first: UInt64
        var last: UInt64
    }

    /// Values that are told apart, of all services together.
    private static let maximumValues = 20_000
    /// Nanoseconds after the first sight of a service within which a value is an old one.
    private static let settling: UInt64 = 60_000_000_000
    /// Beginnings of keys that differ between instances, or with each start.
    private static let passing = ["service.instance.", "host.", "process.", "container.", "k8s.pod.", "k8s.node.", "telemetry.", "os."]

    private(set) var changes: [Change] = []
    private(set) var isPartial = false
    private var values: [Subject: [String: Seen]] = [:]
    private var valueCount = 0

    init(_ spans: [SpanBlock], _ logs: [LogBlock], _ window: TimeWindow, within duration: Duration) {
        var deadline = QueryDeadline(duration)
        for block in spans { take(resources: block, block.origins, window, { block.sortTime($0) }, &deadline) }
        for block in logs {
            take(resources: block, block.origins, window, { block.sortTime[$0] }, &deadline)
            take(records: block, window, &deadline)
        }
        isPartial = deadline.hasPassed
        find()
    }

    private mutating func take(
        resources block: some SearchableBlock, _ origins: OriginTable, _ window: TimeWindow, _ time: (Int) -> UInt64,
        _ deadline: inout QueryDeadline
    ) {
        var seen = [Seen?](repeating: nil, count: origins.resources.count)
        for row in 0..<block.count {
            guard deadline.countsRow() else { return }
            let at = time(row)
            guard window.contains(at) else { continue }
            let resource = Int(origins.scopes[Int(block.places.scope[row])].resource)
            let known = seen[resource] ?? Seen(first: at, last: at)
            seen[resource] = Seen(first: min(known.first, at), last: max(known.last, at))
        }
        for (number, seen) in seen.enumerated() {
            guard let seen else { continue }
            let resource = origins.resources[number]
            let service = origins.services.texts[Int(resource.service)]
            resource.bytes.withUnsafeBytes { message in
                _ = AttributeWalk.forEach(1, of: message) { key, value in
                    let key = Untrusted.text(key, limit: 128)
                    if !Self.passing.contains(where: { key.hasPrefix($0) }) { note(service, key, Self.text(value), seen) }
                    return true
                }
            }
        }
    }

    private mutating func take(records block: LogBlock, _ window: TimeWindow, _ deadline: inout QueryDeadline) {
        for row in 0..<block.count {
            guard deadline.countsRow() else { return }
            let at = block.sortTime[row]
            guard window.contains(at) else { continue }
            block.withMessage(row) { message in
                _ = AttributeWalk.forEach(6, of: message) { key, value in
                    if key.starts(with: "config.".utf8) {
                        note(block.serviceName(row), Untrusted.text(key, limit: 128), Self.text(value), Seen(first: at, last: at))
                    }
                    return true
                }
            }
        }
    }

    private static func text(_ value: UnsafeRawBufferPointer) -> String {
        switch AttributeWalk.value(value) {
        case .text(let text): Untrusted.text(text, limit: 200)
        case .bool(let truth): "\(truth)"
        case .int(let number): "\(number)"
        case .double(let number): "\(number)"
        case .other: ""
        }
    }

    private mutating func note(_ service: String, _ key: String, _ value: String, _ seen: Seen) {
        let subject = Subject(service: service, key: key)
        if let known = values[subject]?[value] {
            values[subject]?[value] = Seen(first: min(known.first, seen.first), last: max(known.last, seen.last))
        } else if valueCount < Self.maximumValues {
            valueCount += 1
            values[subject, default: [:]][value] = seen
        }
    }

    private mutating func find() {
        for (subject, seen) in values where seen.count > 1 && seen.count <= 50 {
            let start = seen.values.map(\.first).min() ?? 0
            let ordered = seen.sorted { ($0.value.first, $0.key) < ($1.value.first, $1.key) }
            let old = ordered.filter { $0.value.first <= start + Self.settling }
            let new = ordered.filter { $0.value.first > start + Self.settling }
            guard let first = new.first, !old.isEmpty else { continue }
            changes.append(
                Change(service: subject.service, key: subject.key, before: old.map(\.key), after: new.map(\.key), at: first.value.first))
        }
        changes.sort { ($0.service, $0.key) < ($1.service, $1.key) }
    }
}
