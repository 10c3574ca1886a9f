// Decides whether a database operation failed, and how its span says so.

/// How an operation ended, judged after the semantic conventions.
struct DatabaseOutcome: ExchangeOutcome, Hashable {
    struct SeriesKey: Equatable {
        let statusCode: String?
        let errorType: String?
    }

    /// The code of a failure; nil if there was none.
    let statusCode: String?
    /// A word with few values for the failure, the same for span and metrics; nil when there was none.
    let errorType: String?
    let status: SpanStatus

    init(statusCode: String?, error: (any Error)?, of system: DatabaseSystem) {
        // What most operations are.
        guard statusCode != nil || error != nil else {
            (self.statusCode, errorType, status) = (nil, nil, .unset)
            return
        }
        let failingCode = statusCode.flatMap { system.isFailure($0) ? $0 : nil }
        self.statusCode = failingCode
        // Cancelling on purpose is no failure.
        let error = error is CancellationError ? nil : error
        errorType = failingCode ?? error.map { ErrorType.name(of: $0) }
        status = error.map { .error(String(describing: $0)) } ?? (failingCode == nil ? .unset : .error(""))
    }

    /// Whether there is nothing to say of it.
    var isSuccess: Bool { errorType == nil && status == .unset }

    var seriesKey: SeriesKey { SeriesKey(statusCode: statusCode, errorType: errorType) }

    /// What span and metrics get at the end.
    var attributes: Attributes {
        var attributes: Attributes = [:]
        attributes[SemanticAttributes.Database.responseStatusCode] = statusCode.map { .string($0) }
        attributes[SemanticAttributes.Error.type] = errorType.map { .string($0) }
        return attributes
    }
}
