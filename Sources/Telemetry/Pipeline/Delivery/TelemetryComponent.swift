// What exporters and processors of all signals have in common.

/// An exporter or a processor of any signal: it is flushed, and shut down at the end.
///
/// By default both do nothing. A type that exports several signals has them once.
public protocol TelemetryComponent: Sendable {
    /// Delivers what was given to it before, unless the deadline comes first.
    func forceFlush(deadline: Deadline) async -> FlushResult

    /// Delivers what was given to it before, unless the deadline comes first, and ignores what comes later.
    func shutdown(deadline: Deadline) async -> FlushResult
}

extension TelemetryComponent {
    public func forceFlush(deadline: Deadline) async -> FlushResult { .completed }
    public func shutdown(deadline: Deadline) async -> FlushResult { .completed }
}
