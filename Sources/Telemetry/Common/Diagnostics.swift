// What the SDK has to say about itself: one replaceable handler, rate-limited.

import Synchronization

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
/// The default handler writes warnings and errors to standard error. (Specification: error handling.)
public enum Diagnostics {
    /// What takes the SDK's own messages; it must be quick and may be called from any thread.
    public typealias Handler = @Sendable (Diagnostic) -> Void

    private struct State {
        var handler: Handler?
        var minimumSeverity = Diagnostic.Severity.info
        var windowStart: UInt64 = 0
        var reportedInWindow = 0
        var suppressed = 0
        var lastByTopic: [String: UInt64] = [:]
    }

    /// Messages let through in any ten seconds; the rest is counted and the count is reported.
    static let messagesPerWindow = 50
    private static let windowNanoseconds: UInt64 = 10_000_000_000
    private static let topicsRemembered = 256

    private static let state = Mutex(State())

    /// Replaces the handler; nil brings back the one that writes to standard error.
    public static func setHandler(_ handler: Handler?) {
        state.withLock { $0.handler = handler }
    }

    /// Leaves out messages below a severity; `info` and above are reported by default.
    public static func setMinimumSeverity(_ severity: Diagnostic.Severity) {
        state.withLock { $0.minimumSeverity = severity }
    }

    /// Reports a message unless too many were reported just now; a topic is reported once in a while only.
    static func report(
        _ severity: Diagnostic.Severity, topic: String? = nil, every interval: Duration = .seconds(60),
        _ message: @autoclosure () -> String
    ) {
        let now = SystemClock.monotonicNanoseconds()
        let (isAdmitted, suppressed, handler) = state.withLock { state in admit(severity, topic, interval, now, &state) }
        guard isAdmitted else { return }
        let deliver = handler ?? Self.writeToStandardError
        if suppressed > 0 {
            deliver(Diagnostic(severity: .warning, message: "\(suppressed) messages about telemetry itself were left out."))
        }
        deliver(Diagnostic(severity: severity, message: message()))
    }

    private static func admit(
        _ severity: Diagnostic.Severity, _ topic: String?, _ interval: Duration, _ now: UInt64, _ state: inout State
    ) -> (isAdmitted: Bool, suppressed: Int, handler: Handler?) {
        guard severity >= state.minimumSeverity else { return (false, 0, nil) }
        if let topic {
            if let last = state.lastByTopic[topic], now &- last < UInt64(max(0, interval.saturatedNanoseconds)) {
                return (false, 0, nil)
            }
            if state.lastByTopic.count >= topicsRemembered { state.lastByTopic.removeAll() }
            state.lastByTopic[topic] = now
        }
        if now &- state.windowStart >= windowNanoseconds {
            state.windowStart = now
            state.reportedInWindow = 0
        }
        guard state.reportedInWindow < messagesPerWindow else {
            state.suppressed += 1
            return (false, 0, nil)
        }
        state.reportedInWindow += 1
        let suppressed = state.suppressed
        state.suppressed = 0
        return (true, suppressed, state.handler)
    }

    private static func writeToStandardError(_ diagnostic: Diagnostic) {
        StandardStream.error.write("telemetry \(diagnostic.severity): \(diagnostic.message)\n")
    }
}
