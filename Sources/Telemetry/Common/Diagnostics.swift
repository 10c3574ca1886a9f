// What the SDK has to say about itself: one replaceable handler, rate-limited.

/// One thing that the SDK has to say about itself.
public struct Diagnostic: Sendable, Hashable {
    public enum Severity: Int, Sendable, Hashable, Comparable {
        case debug, info, warning, error

        public static func < (left: Severity, right: Severity) -> Bool { left.rawValue < right.rawValue }
    }

    public let severity: Severity
    /// One or two sentences for a person: what happened, where, and what would help.
    public let message: String

    public init(severity: Severity, message: String) {
        self.severity = severity
        self.message = message
    }
}

/// Where the SDK reports what goes wrong with itself; never through its own signals.
///
/// The default handler writes to standard error. (Specification: error handling.)
public enum Diagnostics {
    /// What takes the SDK's own messages; it must be quick and may be called from any thread.
    public typealias Handler = @Sendable (Diagnostic) -> Void

    private struct State {
        var handler: Handler?
        var gate = DiagnosticGate()
        /// Whether the program has chosen the severity: then the environment does not.
        var isSeverityChosen = false
    }

    private static let state = Locked(State())

    /// Replaces the handler; nil brings back the one that writes to standard error.
    ///
    /// The new one has heard nothing yet: what was said to the one before does not count as said, nor as too much.
    public static func setHandler(_ handler: Handler?) {
        state.withLock { state in
            state.handler = handler
            state.gate = DiagnosticGate(minimumSeverity: state.gate.minimumSeverity)
        }
    }

    /// Leaves out messages below a severity, or all when nil; by default what `OTEL_LOG_LEVEL` says when telemetry starts, and
    /// `info` and above until then.
    public static func setMinimumSeverity(_ severity: Diagnostic.Severity?) {
        state.withLock { state in
            state.gate.minimumSeverity = severity
            state.isSeverityChosen = true
        }
    }

    /// Takes the severity that the environment names, unless the program has chosen one.
    static func setMinimumSeverity(_ environment: EnvironmentReader) {
        guard let level = LogLevel(environment) else { return }
        state.withLock { state in
            if !state.isSeverityChosen { state.gate.minimumSeverity = level.minimumSeverity }
        }
    }

    /// Reports a message unless too many were reported just now; a topic is reported once in a while only.
    ///
    /// - Returns: whether the message was let through.
    @discardableResult
    static func report(
        _ severity: Diagnostic.Severity, topic: String? = nil, every interval: Duration = .seconds(60),
        _ message: @autoclosure () -> String
    ) -> Bool {
        let now = SystemClock.monotonicNanoseconds()
        let (admission, handler) = state.withLock { state in
            (state.gate.admit(severity, topic: topic, every: interval, now: now), state.handler)
        }
        guard case .admitted(let leftOutCount) = admission else { return false }
        let deliver = handler ?? Self.writeToStandardError
        if leftOutCount > 0 {
            deliver(Diagnostic(severity: .warning, message: "\(quantity(leftOutCount, "message")) about telemetry itself left out."))
        }
        deliver(Diagnostic(severity: severity, message: message()))
        return true
    }

    private static func writeToStandardError(_ diagnostic: Diagnostic) {
        // Whoever reports is not to be held up by a terminal or a pipe that nobody reads.
        StandardStream.error.write("telemetry \(diagnostic.severity): \(diagnostic.message)\n", deadline: .after(.milliseconds(100)))
    }
}

/// Decides which messages are let through.
struct DiagnosticGate {
    enum Admission: Equatable {
        /// Let through, as the first after that many were too much.
        case admitted(leftOutCount: Int)
        case leftOut
    }

    /// Messages let through in any ten seconds; the rest is counted and the count is reported.
    static let messagesPerWindow = 50
    static let windowNanoseconds: UInt64 = 10_000_000_000
    static let topicsRemembered = 256

    /// Nil lets nothing through.
    var minimumSeverity: Diagnostic.Severity?
    private var windowStart: UInt64 = 0
    private var admittedInWindow = 0
    private var leftOutCount = 0
    private var lastByTopic: [String: UInt64] = [:]

    init(minimumSeverity: Diagnostic.Severity? = .info) {
        self.minimumSeverity = minimumSeverity
    }

    /// Lets a message through, or counts it as one too many.
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
        // Only what is said silences its topic.
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
