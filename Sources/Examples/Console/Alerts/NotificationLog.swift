// What receivers know already, so that they are told what is new to them.

/// The last message of each group to each webhook.
struct NotificationLog: Sendable {
    struct Key: Sendable, Hashable {
        let receiver: String
        /// The place of the webhook among those of its receiver.
        let webhook: Int
        let group: String
    }

    struct Entry: Sendable, Equatable {
        let firing: Set<UInt64>
        let resolved: Set<UInt64>
        let time: Int64
        /// When it counts no more.
        let expiry: Int64
    }

    /// Why a group is sent.
    enum Reason: String, Sendable {
        case first = "first notification"
        case newAlerts = "new alerts added"
        case newResolved = "some alerts resolved"
        case allResolved = "all alerts resolved"
        case repeated = "repeat interval elapsed"
    }

    static let maximumEntries = 10_000

    private(set) var entries: [Key: Entry] = [:]

    init(_ entries: [Key: Entry] = [:]) {
        self.entries = entries
    }

    /// Returns why a group has to be sent to a webhook; nil if it must not be.
    func reason(
        _ key: Key, firing: Set<UInt64>, resolved: Set<UInt64>, sendsResolved: Bool, repeatInterval: Int64, at time: Int64
    ) -> Reason? {
        guard let entry = entries[key], entry.expiry > time else { return firing.isEmpty ? nil : .first }
        if !firing.isSubset(of: entry.firing) { return entry.firing.isEmpty ? .first : .newAlerts }
        if firing.isEmpty { return entry.firing.isEmpty ? nil : .allResolved }
        if sendsResolved, !resolved.isSubset(of: entry.resolved) { return .newResolved }
        return entry.time < time - repeatInterval ? .repeated : nil
    }

    mutating func note(_ key: Key, firing: Set<UInt64>, resolved: Set<UInt64>, repeatInterval: Int64, at time: Int64) {
        entries = entries.filter { $0.value.expiry > time }
        if entries.count >= Self.maximumEntries, entries[key] == nil, let oldest = entries.min(by: { $0.value.time < $1.value.time }) {
            entries[oldest.key] = nil
        }
        entries[key] = Entry(firing: firing, resolved: resolved, time: time, expiry: time + 2 * repeatInterval)
    }
}
