// The setting for thrown errors.

/// The signal that records errors that leave an operation of `withSpan`. The span's status is set in any case.
///
/// Errors of spans that are not recorded, as unsampled ones, are not recorded either.
///
/// (Semantic conventions: exceptions in logs, which supersede those in span events.)
public enum ExceptionSignal: Sendable, Hashable {
    /// Each becomes an event `exception` of the span.
    case spanEvents
    /// Each becomes a log record with the event name `exception` and the identifiers of the span.
    case logs
    case spanEventsAndLogs
}
