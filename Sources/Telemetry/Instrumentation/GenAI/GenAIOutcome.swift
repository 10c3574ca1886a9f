// Decides whether an operation of a generative model failed, and how its span says so.

/// How an operation ended, judged after the semantic conventions.
struct GenAIOutcome: Sendable, Hashable {
    /// A word with few values for the failure, the same for span and metrics; nil if there was none.
    let errorType: String?
    let status: SpanStatus

    init(errorCode: String?, error: (any Error)?) {
        // Cancelling on purpose is no failure.
        let error = error is CancellationError ? nil : error
        errorType = errorCode ?? error.map { ErrorType.name(of: $0) }
        status = error.map { .error(String(describing: $0)) } ?? (errorType == nil ? .unset : .error(""))
    }
}
