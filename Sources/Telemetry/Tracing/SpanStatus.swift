// The status of a span.

/// How the work of a span ended.
///
/// `ok` is final, `error` outranks `unset`, and setting `unset` changes nothing. (Specification: trace API, "Set Status".)
public enum SpanStatus: Sendable, Hashable {
    case unset
    case ok
    /// Failed, with a readable description, which may be empty.
    case error(String = "")
}

/// The name of ``SpanStatus`` for files that import swift-distributed-tracing too, which has a type of that name.
public typealias TelemetrySpanStatus = SpanStatus
