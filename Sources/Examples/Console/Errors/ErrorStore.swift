// The console's memory for errors.

import Synchronization
import Telemetry

/// Groups of errors within a bound of bytes; the groups that were seen the longest ago make room.
package final class ErrorStore: Sendable {
    private struct State {
        var groups: [String: ErrorGroup] = [:]
        /// The groups of the newest events, by which feedback finds them.
        var events: [String: String] = [:]
        var eventOrder: [String] = []
        var bytes = 0
        var evicted = 0
        var received = 0
        /// Feedback that came before its event.
        var earlyFeedback: [ErrorGroup.Feedback] = []
        /// The spans of the newest errors with what reported them: one that a span and a log record have both counts once.
        var spans: [String: ErrorOccurrence.Source] = [:]
        var isChanged = false
    }

    static let maximumGroups = 2_000
    private static let maximumEvents = 20_000
    private static let maximumEarlyFeedback = 100

    let maximumBytes: Int
    private let state = Mutex(State())

    init(maximumBytes: Int = 8 << 20) {
        self.maximumBytes = maximumBytes
    }

    /// Takes errors and feedback.
    ///
    /// - Parameter leftOut: errors that were too many, which are counted only.
    func receive(_ errors: [ErrorOccurrence], feedback: [ErrorGroup.Feedback] = [], leftOut: Int = 0) {
        guard !errors.isEmpty || !feedback.isEmpty else { return }
        // Fingerprints are made before the lock is taken.
        let prepared = errors.map { error -> (ErrorOccurrence, ErrorFingerprint) in
            var error = error
            error.bound()
            return (error, ErrorFingerprint(error))
        }
        state.withLock { state in
            for (error, fingerprint) in prepared { Self.add(error, fingerprint, &state) }
            for one in feedback { Self.add(one, &state) }
            state.received += leftOut
            Self.makeRoom(&state, maximumBytes)
            state.isChanged = true
        }
    }

    private static func add(_ error: ErrorOccurrence, _ fingerprint: ErrorFingerprint, _ state: inout State) {
        state.received += 1
        if !error.spanID.isEmpty {
            let key = error.spanID + fingerprint.id
            if let source = state.spans[key], source != error.source { return }
            if state.spans.count >= maximumEvents { state.spans = [:] }
            state.spans[key] = error.source
        }
        var group = state.groups[fingerprint.id] ?? ErrorGroup(error, fingerprint)
        state.bytes -= state.groups[fingerprint.id]?.byteCount ?? 0
        group.add(error)
        if !error.eventID.isEmpty { note(error.eventID, fingerprint.id, &state) }
        let early = state.earlyFeedback.filter { $0.eventID == error.eventID }
        if !early.isEmpty {
            state.earlyFeedback.removeAll { $0.eventID == error.eventID }
            group.feedback = Array((group.feedback + early).suffix(ErrorGroup.maximumFeedback))
        }
        state.groups[fingerprint.id] = group
        state.bytes += group.byteCount
    }

    private static func note(_ event: String, _ group: String, _ state: inout State) {
        if state.events.updateValue(group, forKey: event) == nil { state.eventOrder.append(event) }
        if state.eventOrder.count > maximumEvents {
            for old in state.eventOrder.prefix(maximumEvents / 4) { state.events[old] = nil }
            state.eventOrder.removeFirst(maximumEvents / 4)
        }
    }

    private static func add(_ feedback: ErrorGroup.Feedback, _ state: inout State) {
        guard let id = state.events[feedback.eventID], var group = state.groups[id] else {
            state.earlyFeedback.append(feedback)
            if state.earlyFeedback.count > maximumEarlyFeedback { state.earlyFeedback.removeFirst() }
            return
        }
        state.bytes -= group.byteCount
        group.feedback = Array((group.feedback + [feedback]).suffix(ErrorGroup.maximumFeedback))
        state.groups[id] = group
        state.bytes += group.byteCount
    }

    /// Removes the groups that were seen the longest ago, a tenth at a time.
    private static func makeRoom(_ state: inout State, _ maximumBytes: Int) {
        while state.groups.count > maximumGroups || state.bytes > maximumBytes, state.groups.count > 1 {
            for group in state.groups.values.sorted(by: { $0.lastSeen < $1.lastSeen }).prefix(max(1, state.groups.count / 10)) {
                state.groups[group.id] = nil
                state.bytes -= group.byteCount
                state.evicted += 1
            }
        }
    }

    /// The groups, the newest first.
    var groups: [ErrorGroup] { state.withLock { Array($0.groups.values) }.sorted { ($0.lastSeen, $0.id) > ($1.lastSeen, $1.id) } }

    func group(_ id: String) -> ErrorGroup? { state.withLock { $0.groups[id] } }

    var counts: (received: Int, evicted: Int, bytes: Int) { state.withLock { ($0.received, $0.evicted, $0.bytes) } }

    /// Sets the status of a group; returns it, or nil if there is no such group.
    func set(_ status: ErrorGroup.Status, of id: String, at time: UInt64) -> ErrorGroup? {
        state.withLock { state in
            guard var group = state.groups[id] else { return nil }
            group.status = status
            if status == .resolved { group.resolvedAt = time }
            state.groups[id] = group
            state.isChanged = true
            return group
        }
    }

    /// Returns the groups as a document if they have changed since the last call.
    func changedDocument() -> [UInt8]? {
        let groups: [ErrorGroup]? = state.withLock { state in
            defer { state.isChanged = false }
            return state.isChanged ? Array(state.groups.values) : nil
        }
        return groups.map { ErrorDocument.bytes(of: $0) }
    }

    /// Takes the groups of the last run.
    func restore(_ document: [UInt8]) {
        let groups = ErrorDocument.groups(document)
        state.withLock { state in
            for group in groups {
                state.groups[group.id] = group
                state.bytes += group.byteCount
                for sample in group.samples where !sample.eventID.isEmpty { Self.note(sample.eventID, group.id, &state) }
            }
            Self.makeRoom(&state, maximumBytes)
        }
    }
}
