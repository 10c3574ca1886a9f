// Errors that are the same, with what is known of them together.

import ExampleSupport

/// A group of errors: when, how often, where, and for whom.
struct ErrorGroup: Sendable {
    enum Status: String, Sendable {
        case unresolved
        case resolved
        /// It has come again after it was resolved.
        case regressed
        case ignored
    }

    struct Feedback: Sendable {
        let time: UInt64
        let name: String
        let email: String
        let message: String
        let eventID: String
    }

    /// The parts of a count, by release, environment or service.
    struct Parts: Sendable {
        static let maximum = 50
        private(set) var counts: [String: Int] = [:]

        mutating func add(_ name: String, _ number: Int = 1) {
            let key = counts[name] != nil || counts.count < Self.maximum ? name : "others"
            counts[key, default: 0] += number
        }
    }

    static let maximumSamples = 5
    static let maximumFeedback = 20
    static let maximumUsers = 1_000
    /// Steps of the history: a day in half hours.
    static let historySteps = 48
    static let historyStep: UInt64 = 1_800_000_000_000

    let id: String
    var type: String
    /// The newest message.
    var message: String
    var service: String
    var frames: [String]
    var firstSeen: UInt64
    var lastSeen: UInt64
    var count = 0
    var releases = Parts()
    var environments = Parts()
    /// The hashes of affected users, up to a bound, and whether there are more.
    var users: Set<UInt64> = []
    var hasMoreUsers = false
    var status = Status.unresolved
    var resolvedAt: UInt64 = 0
    var regressions = 0
    /// The newest errors, newest first.
    var samples: [ErrorOccurrence] = []
    var feedback: [Feedback] = []
    /// Counts by half hour, and the number of the last one since 1970.
    var history = [Int](repeating: 0, count: historySteps)
    var historyEnd: UInt64 = 0

    init(_ error: ErrorOccurrence, _ fingerprint: ErrorFingerprint) {
        id = fingerprint.id
        (type, message, service, frames) = (error.type, error.message, error.service, fingerprint.frames)
        (firstSeen, lastSeen) = (error.time, error.time)
    }

    init(id: String, type: String, message: String, service: String, frames: [String], firstSeen: UInt64, lastSeen: UInt64) {
        (self.id, self.type, self.message, self.service) = (id, type, message, service)
        (self.frames, self.firstSeen, self.lastSeen) = (frames, firstSeen, lastSeen)
    }

    mutating func add(_ error: ErrorOccurrence) {
        count += 1
        firstSeen = min(firstSeen, error.time)
        if error.time >= lastSeen { (lastSeen, message) = (error.time, error.message) }
        releases.add(error.release)
        environments.add(error.environment)
        if !error.user.isEmpty { add(user: error.user) }
        if status == .resolved, error.time > resolvedAt {
            status = .regressed
            regressions += 1
        }
        let place = samples.firstIndex { $0.time <= error.time } ?? samples.count
        samples.insert(error, at: place)
        if samples.count > Self.maximumSamples { samples.removeLast() }
        addToHistory(error.time)
    }

    private mutating func add(user: String) {
        var hash = FNV1a()
        hash.combine(user)
        if users.count < Self.maximumUsers { users.insert(hash.value) } else if !users.contains(hash.value) { hasMoreUsers = true }
    }

    private mutating func addToHistory(_ time: UInt64) {
        let number = time / Self.historyStep
        if number > historyEnd {
            let shift = Int(min(number - historyEnd, UInt64(Self.historySteps)))
            history = Array(history.dropFirst(shift)) + [Int](repeating: 0, count: shift)
            historyEnd = number
        }
        let back = historyEnd - number
        if back < UInt64(Self.historySteps) { history[Self.historySteps - 1 - Int(back)] += 1 }
    }

    var byteCount: Int {
        1_024 + samples.reduce(0) { $0 + $1.byteCount } + users.count * 16 + feedback.reduce(0) { $0 + 128 + $1.message.utf8.count }
            + (releases.counts.count + environments.counts.count) * 96
    }
}
