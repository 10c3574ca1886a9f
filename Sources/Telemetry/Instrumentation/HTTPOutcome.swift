// Decides whether an HTTP exchange failed, and how its span says so.

/// How an HTTP exchange ended, judged after the semantic conventions.
public struct HTTPOutcome: Sendable, Hashable {
    /// The status code of the response; nil when none came.
    public let statusCode: Int?
    /// A word with few values for the failure, the same for span and metrics; nil when there was none.
    public let errorType: String?
    /// What the span's status is to be.
    public let status: SpanStatus

    /// Judges what a server answered.
    ///
    /// A status code from 400 to 499 is the client's failure: an error that was turned into one has been handled.
    public static func server(statusCode: Int?, error: (any Error)? = nil) -> HTTPOutcome {
        let isClientsFailure = statusCode.map { (400...499).contains($0) } ?? false
        return HTTPOutcome(statusCode: statusCode, isFailing: fails(statusCode, from: 500), error: isClientsFailure ? nil : error)
    }

    /// Judges what a client received: here a status code from 400 to 499 is a failure too.
    public static func client(statusCode: Int?, error: (any Error)? = nil) -> HTTPOutcome {
        HTTPOutcome(statusCode: statusCode, isFailing: fails(statusCode, from: 400), error: error)
    }

    private static func fails(_ statusCode: Int?, from threshold: Int) -> Bool {
        // A code outside of 100 to 599 is no answer that HTTP knows.
        statusCode.map { $0 >= threshold || $0 < 100 } ?? false
    }

    private init(statusCode: Int?, isFailing: Bool, error: (any Error)?) {
        self.statusCode = statusCode
        // Cancelling on purpose is no failure.
        if let error, !(error is CancellationError) {
            errorType = ErrorType.name(of: error)
            status = .error(String(describing: error))
        } else if isFailing, let statusCode {
            // The code says it all: no description.
            errorType = String(statusCode)
            status = .error("")
        } else {
            errorType = nil
            status = .unset
        }
    }

    /// What the span gets when it ends.
    public var attributes: Attributes {
        var attributes: Attributes = [:]
        attributes["http.response.status_code"] = statusCode.map { AttributeValue($0) }
        attributes["error.type"] = errorType.map { .string($0) }
        return attributes
    }
}
