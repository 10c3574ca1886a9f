// The SDK's own messages: one replaceable handler, with a rate limit.

/// Where the SDK reports what goes wrong with itself; never through its own signals.
///
/// The default handler writes to standard error. (Specification: error handling.)
public enum Diagnostics {
    /// What takes the SDK's own messages; it must be quick and may be called from any thread.
    public typealias Handler = @Sendable (Diagnostic) -> Void

    private struct State {
        var handler: Handler?
        var gate = DiagnosticGate()
        /// True once the program has chosen the severity, which then overrides the environment.
        var isSeverityChosen = false
    }

    private static let state = Locked(State())

    /// Replaces the handler; nil brings back the one that writes to standard error.
    ///
    /// The rate limit is reset: messages to the previous handler count neither as repetitions nor against the limit.
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

    /// Sets the severity unless the program has chosen one with ``setMinimumSeverity(_:)``.
    static func setDefaultMinimumSeverity(_ severity: Diagnostic.Severity?) {
        state.withLock { state in
            if !state.isSeverityChosen { state.gate.minimumSeverity = severity }
        }
    }

    /// Reports a message unless too many were reported just now; a topic is reported once in a while only.
    ///
    /// - Returns: whether the message was delivered.
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
        // A terminal or pipe without a reader must not block the reporting thread.
        StandardStream.error.write("telemetry \(diagnostic.severity): \(diagnostic.message)\n", deadline: .after(.milliseconds(100)))
    }
}

/// Returns a number with its noun in the singular or plural: `1 item`, `2 items`.
func quantity(_ count: some BinaryInteger, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
