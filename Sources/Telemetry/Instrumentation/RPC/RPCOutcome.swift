// Decides whether a call of a remote procedure failed, and how its span says so.

/// How a call ended, judged after the semantic conventions.
struct RPCOutcome: Sendable, Hashable {
    let statusCode: String?
    /// A word with few values for the failure, the same for span and metrics; nil if there was none.
    let errorType: String?
    let status: SpanStatus

    init(statusCode: String?, error: (any Error)?, of system: RPCSystem, ofServer isServer: Bool) {
        let code = statusCode ?? system.impliedStatusCode(error)
        self.statusCode = code
        let failingCode = code.flatMap { system.isFailure($0, ofServer: isServer) ? $0 : nil }
        // What a status code says is no failure of a server's is none, whatever the handler has thrown; nor is cancelling on purpose.
        let isJudged = statusCode != nil && failingCode == nil && system.hasPaths
        let error = isJudged || error is CancellationError ? nil : error
        errorType = (statusCode == nil ? error.map { ErrorType.name(of: $0) } : nil) ?? failingCode ?? error.map { ErrorType.name(of: $0) }
        status = error.map { .error(String(describing: $0)) } ?? (failingCode == nil ? .unset : .error(""))
    }
}
