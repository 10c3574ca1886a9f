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
