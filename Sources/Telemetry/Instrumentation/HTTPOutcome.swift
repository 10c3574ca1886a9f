// Maps status codes and errors to the span status and `error.type`.

/// The outcome of an HTTP exchange by the semantic conventions.
public struct HTTPOutcome: Sendable, Hashable {
    /// The status code of the response; nil without a response.
    public let statusCode: Int?
    /// The low-cardinality `error.type` of span and metrics; nil without an error.
    public let errorType: String?
    /// The status of the span.
    public let status: SpanStatus

    /// Returns the outcome for a server.
    ///
    /// A status code from 400 to 499 is a client error: an error that was answered with one has been handled.
    public static func server(statusCode: Int?, error: (any Error)? = nil) -> HTTPOutcome {
        let isClientsFailure = statusCode.map { (400...499).contains($0) } ?? false
        return HTTPOutcome(statusCode: statusCode, isFailing: fails(statusCode, from: 500), error: isClientsFailure ? nil : error)
    }

    /// Returns the outcome for a client, for which a status code from 400 to 499 is an error too.
    public static func client(statusCode: Int?, error: (any Error)? = nil) -> HTTPOutcome {
        HTTPOutcome(statusCode: statusCode, isFailing: fails(statusCode, from: 400), error: error)
    }

    private static func fails(_ statusCode: Int?, from threshold: Int) -> Bool {
        // A code outside of 100 to 599 is not valid in HTTP.
        statusCode.map { $0 >= threshold || $0 < 100 } ?? false
    }

    private init(statusCode: Int?, isFailing: Bool, error: (any Error)?) {
        self.statusCode = statusCode
        // Cancellation is not an error.
        if let error, !(error is CancellationError) {
            errorType = ErrorType.name(of: error)
            status = .error(String(describing: error))
        } else if isFailing, let statusCode {
            // The status code makes a description redundant.
            errorType = String(statusCode)
            status = .error("")
        } else {
            errorType = nil
            status = .unset
        }
    }

    /// The attributes set at the end of the span.
    public var attributes: Attributes {
        var entries: [(String, AttributeValue)] = []
        if let statusCode { entries.append((SemanticAttributes.HTTP.responseStatusCode, AttributeValue(statusCode))) }
        if let errorType { entries.append((SemanticAttributes.Error.type, .string(errorType))) }
        return Attributes(unique: entries)
    }
}

extension HTTPOutcome: ExchangeOutcome {
    struct SeriesKey: Equatable {
        let statusCode: Int?
        let errorType: String?
    }

    var seriesKey: SeriesKey { SeriesKey(statusCode: statusCode, errorType: errorType) }
}

extension HTTPOutcome {
    /// Records the outcome on a span and ends it. Returns when it ended; nil without a clock, with which nothing is measured.
    func end(
        _ span: TraceSpan, _ clock: ExchangeClock?, _ conventions: HTTPConventions, _ error: (any Error)?,
        _ responseHeaders: (_ name: String) -> [String]
    ) -> Timestamp? {
        // Nearly all exchanges have a status code and nothing else to record. It is set in the section that ends the span.
        if let statusCode, status == .unset, errorType == nil, conventions.recordedResponseHeaders.isEmpty {
            let end = clock?.now
            let recorded = span.finish(
                at: end, with: SemanticAttributes.HTTP.responseStatusCode, .int(Int64(statusCode)))
            return end == nil ? nil : recorded ?? end
        }
        record(on: span, conventions, error, responseHeaders)
        let end = clock?.now
        let recorded = span.finish(at: end)
        return end == nil ? nil : recorded ?? end
    }

    /// Records the outcome on a span, with the response headers that the conventions name. Must be called before the time of the end is
    /// read.
    private func record(
        on span: TraceSpan, _ conventions: HTTPConventions, _ error: (any Error)?, _ responseHeaders: (_ name: String) -> [String]
    ) {
        if let statusCode { span.setAttribute(SemanticAttributes.HTTP.responseStatusCode, AttributeValue(statusCode)) }
        if let errorType { span.setAttribute(SemanticAttributes.Error.type, .string(errorType)) }
        if !conventions.recordedResponseHeaders.isEmpty, span.isRecording {
            var headers = Attributes()
            conventions.addHeaders(
                conventions.recordedResponseHeaders, prefix: "http.response.header.", from: responseHeaders, to: &headers)
            span.setAttributes(headers)
        }
        if status != .unset { span.recordOutcome([:], status, error) }
    }
}
