// The rate limit of the messages of the SDK about itself.

/// Decides which messages are delivered.
struct DiagnosticGate {
    enum Admission: Equatable {
        /// Delivered, as the first one after that many were dropped.
        case admitted(leftOutCount: Int)
        case leftOut
    }

    /// How many messages are delivered within a window; the others are counted, and the count is reported.
    static let messagesPerWindow = 50
    static let windowNanoseconds: UInt64 = 10_000_000_000
    static let topicsRemembered = 256

    /// Messages below it are dropped; nil drops all of them.
    var minimumSeverity: Diagnostic.Severity?
    private var windowStart: UInt64 = 0
    private var admittedInWindow = 0
    private var leftOutCount = 0
    private var lastByTopic: [String: UInt64] = [:]

    init(minimumSeverity: Diagnostic.Severity? = .info) {
        self.minimumSeverity = minimumSeverity
    }

    /// Admits a message, or counts it as dropped.
    mutating func admit(_ severity: Diagnostic.Severity, topic: String?, every interval: Duration, now: UInt64) -> Admission {
        guard let minimumSeverity, severity >= minimumSeverity, !isRepetition(topic, within: interval, now: now) else { return .leftOut }
        if now &- windowStart >= Self.windowNanoseconds {
            windowStart = now
            admittedInWindow = 0
        }
        guard admittedInWindow < Self.messagesPerWindow else {
            leftOutCount += 1
            return .leftOut
        }
        admittedInWindow += 1
        // Only a delivered message silences its topic.
        if let topic { remember(topic, now: now) }
        defer { leftOutCount = 0 }
        return .admitted(leftOutCount: leftOutCount)
    }

    private func isRepetition(_ topic: String?, within interval: Duration, now: UInt64) -> Bool {
        guard let topic, let last = lastByTopic[topic] else { return false }
        return now &- last < UInt64(max(0, interval.saturatedNanoseconds))
    }

    private mutating func remember(_ topic: String, now: UInt64) {
        if lastByTopic.count >= Self.topicsRemembered { lastByTopic.removeAll() }
        lastByTopic[topic] = now
    }
}
