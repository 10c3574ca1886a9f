// Silences: alerts that are not sent for a time.

import ExampleSupport

/// Mutes the alerts that all of its matchers match. Times are milliseconds since 1970.
struct Silence: Sendable {
    enum State: String, Sendable {
        case pending
        case active
        case expired
    }

    let id: String
    var matchers: [AlertMatcher]
    var startsAt: Int64
    var endsAt: Int64
    var createdBy: String
    var comment: String
    var updatedAt: Int64

    func state(at time: Int64) -> State { time < startsAt ? .pending : time < endsAt ? .active : .expired }

    func mutes(_ labels: LabelSet, at time: Int64) -> Bool { state(at: time) == .active && matchers.allSatisfy { $0.matches(labels) } }
}

/// The silences of a console.
struct SilenceList: Sendable {
    /// Why a silence is not taken.
    struct Failure: Error {
        let message: String
    }

    /// Silences that are kept, those that have ended included.
    static let maximumCount = 1_000
    /// How long a silence that has ended is listed, in milliseconds.
    static let retention: Int64 = 5 * 86_400_000
    private static let maximumMatchers = 32
    private static let maximumText = 4_096

    private(set) var all: [Silence] = []

    init(_ silences: [Silence] = []) {
        all = Array(silences.suffix(Self.maximumCount))
    }

    /// Returns the silences that mute an alert.
    func muting(_ labels: LabelSet, at time: Int64) -> [Silence] { all.filter { $0.mutes(labels, at: time) } }

    /// Adds a silence, or changes the one with its identifier; one that has begun or that matches others is replaced by a new one.
    ///
    /// - Returns: the identifier.
    mutating func set(_ silence: Silence, replacing id: String?, at time: Int64) throws(Failure) -> String {
        try Self.check(silence, time)
        if let id {
            guard let place = all.firstIndex(where: { $0.id == id }) else { throw Failure(message: "silence \(id.prefix(80)) not found") }
            let old = all[place]
            let isSame = AlertMatcher.text(old.matchers) == AlertMatcher.text(silence.matchers)
            let keepsStart =
                switch old.state(at: time) {
                case .active: silence.startsAt / 1_000 == old.startsAt / 1_000
                case .pending: silence.startsAt >= time
                case .expired: false
                }
            if isSame, keepsStart {
                all[place] = Silence(
                    id: id, matchers: silence.matchers, startsAt: silence.startsAt, endsAt: silence.endsAt, createdBy: silence.createdBy,
                    comment: silence.comment, updatedAt: time)
                return id
            }
            expire(id, at: time)
        }
        makeRoom(time)
        guard all.count < Self.maximumCount else {
            throw Failure(message: "there are \(Self.maximumCount) silences already; expire some first")
        }
        var silence = silence
        silence.startsAt = max(silence.startsAt, time)
        all.append(silence)
        return silence.id
    }

    private static func check(_ silence: Silence, _ time: Int64) throws(Failure) {
        guard (1...maximumMatchers).contains(silence.matchers.count) else {
            throw Failure(message: "a silence has from 1 to \(maximumMatchers) matchers")
        }
        guard silence.matchers.contains(where: { !$0.matchesEmpty }) else {
            throw Failure(message: "at least one matcher must not match the empty string")
        }
        guard silence.matchers.allSatisfy({ !$0.name.isEmpty }) else { throw Failure(message: "a matcher has no name") }
        guard silence.startsAt < silence.endsAt else { throw Failure(message: "end time must not be before or at the start time") }
        guard silence.endsAt > time else { throw Failure(message: "end time can't be in the past") }
        guard silence.comment.utf8.count + silence.createdBy.utf8.count <= maximumText else {
            throw Failure(message: "comment and author have at most \(maximumText) bytes")
        }
    }

    /// Ends a silence now; returns false if there is none that has not ended.
    @discardableResult
    mutating func expire(_ id: String, at time: Int64) -> Bool {
        guard let place = all.firstIndex(where: { $0.id == id }), all[place].state(at: time) != .expired else { return false }
        if all[place].state(at: time) == .pending { all[place].startsAt = time }
        all[place].endsAt = time
        all[place].updatedAt = time
        return true
    }

    /// Removes silences that ended long ago, and the oldest of those that have ended where there are too many.
    mutating func makeRoom(_ time: Int64) {
        all.removeAll { $0.state(at: time) == .expired && time - $0.endsAt > Self.retention }
        while all.count >= Self.maximumCount, let place = all.firstIndex(where: { $0.state(at: time) == .expired }) {
            all.remove(at: place)
        }
    }
}
