// The setting for thrown errors.

/// Where errors go that leave an operation run by `withSpan`. The status of the span tells of them in any case.
///
/// Errors of spans that are not recorded, as those that are not sampled, go nowhere.
///
/// (Semantic conventions: exceptions in logs, which supersede those in span events.)
public enum ExceptionSignal: Sendable, Hashable {
    /// Each becomes an event `exception` of the span.
    case spanEvents
    /// Each becomes a log record with the event name `exception` and the identifiers of the span.
    case logs
    case spanEventsAndLogs
}
