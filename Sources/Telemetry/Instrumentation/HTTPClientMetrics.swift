// The HTTP client metrics of the semantic conventions.

/// The metrics of the requests that a client sends, after the stable semantic conventions for HTTP.
///
/// Create it once and pass it with each request that gets a span; unsampled requests are recorded too:
///
/// ```swift
/// let metrics = HTTPClientMetrics(telemetry.meter("album-client"))
/// let response = try await tracer.withHTTPClientSpan(request, metrics: metrics, statusCode: \.status) { _ in
///     try await client.get(request.url)
/// }
/// ```
///
/// `http.client.request.duration` is always recorded, with the method, the server's address and port, the status code, the error's type and
/// the version of the protocol. (Semantic conventions: HTTP metrics, "HTTP client".)
public struct HTTPClientMetrics: Sendable {
    /// The opt-in metrics and attributes of the conventions.
    public struct Extras: OptionSet, Sendable {
        public let rawValue: Int

        public init(rawValue: Int) {
            self.rawValue = rawValue
        }

        /// `http.client.active_requests`: the number of requests in flight.
        public static let activeRequests = Extras(rawValue: 1)
        /// `http.client.request.body.size`, if the size is set or in `Content-Length`.
        public static let requestBodySize = Extras(rawValue: 2)
        /// `http.client.response.body.size`, if the size is set or in `Content-Length`.
        public static let responseBodySize = Extras(rawValue: 4)
        /// `url.scheme` on all these metrics.
        public static let scheme = Extras(rawValue: 8)
        /// `url.template` on the duration; the other metrics have it whenever the request does.
        public static let urlTemplate = Extras(rawValue: 16)
    }

    private let instruments: HTTPInstruments
    private let extras: Extras

    /// - Parameters:
    ///   - meter: the meter of the library that sends the requests.
    ///   - extras: the opt-in metrics and attributes to record besides the duration.
    public init(_ meter: Meter, recording extras: Extras = []) {
        self.extras = extras
        instruments = HTTPInstruments(
            meter, side: "client", activeDescription: extras.contains(.activeRequests) ? "Number of active HTTP requests." : nil,
            hasRequestBodySize: extras.contains(.requestBodySize), hasResponseBodySize: extras.contains(.responseBodySize))
    }

    /// Records a request that was sent without a span of this library.
    ///
    /// - Parameters:
    ///   - duration: the time until the head of the response was read; the duration of the span, if another library made one.
    ///   - requestBodySize: the size on the wire in bytes.
    ///   - responseBodySize: the size on the wire in bytes.
    ///   - context: the context for exemplars; by default the current context.
    public func record(
        _ request: HTTPClientRequest, _ outcome: HTTPOutcome, duration: Duration, requestBodySize: Int? = nil, responseBodySize: Int? = nil,
        conventions: HTTPConventions = .standard, context: Context? = nil
    ) {
        record(
            request, outcome, seconds: duration.inSeconds, requestBodySize: requestBodySize, responseBodySize: responseBodySize,
            conventions, context)
    }

    private func record(
        _ request: HTTPClientRequest, _ outcome: HTTPOutcome, seconds: Double, requestBodySize: Int?, responseBodySize: Int?,
        _ conventions: HTTPConventions, _ context: Context?
    ) {
        guard instruments.isEnabled else { return }
        let attributes = attributes(request, outcome, conventions, hasTemplate: extras.contains(.urlTemplate))
        let hasSizes = instruments.requestBodySize != nil || instruments.responseBodySize != nil
        let needsTemplate = hasSizes && request.urlTemplate != nil && !extras.contains(.urlTemplate)
        instruments.record(
            seconds: seconds, requestBodySize: requestBodySize ?? contentLength(request.headers, .requestBodySize),
            responseBodySize: responseBodySize, attributes,
            bodyAttributes: needsTemplate ? self.attributes(request, outcome, conventions, hasTemplate: true) : nil, context)
    }
}

extension HTTPClientMetrics {
    /// Starts the measurement of a request; returns nil if no instrument is enabled.
    func measurement(
        of request: HTTPClientRequest, _ conventions: HTTPConventions, start: @autoclosure () -> SpanStart, clock: TelemetryClock,
        context: Context
    ) -> ExchangeMeasurement? {
        guard instruments.isEnabled else { return nil }
        return ExchangeMeasurement(
            start: start(), clock: clock,
            active: instruments.activeRequests.map { ($0, Attributes(unique: activeEntries(request, conventions, hasTemplate: true))) },
            context: context)
    }

    /// Ends the measurement of a request and records it.
    func finish(
        _ measurement: ExchangeMeasurement, of request: HTTPClientRequest, _ outcome: HTTPOutcome, at end: Timestamp,
        _ conventions: HTTPConventions, _ context: Context, _ responseHeaders: (_ name: String) -> [String]
    ) {
        guard let (progress, seconds) = measurement.finish(at: end) else { return }
        var request = request
        if let protocolVersion = progress.protocolVersion { request.protocolVersion = protocolVersion }
        record(
            request, outcome, seconds: seconds, requestBodySize: progress.requestBodySize,
            responseBodySize: progress.responseBodySize ?? contentLength(responseHeaders, .responseBodySize), conventions, context)
    }

    private func contentLength(_ headers: (_ name: String) -> [String], _ extra: Extras) -> Int? {
        extras.contains(extra) ? HTTPConventions.contentLength(headers) : nil
    }

    private func attributes(
        _ request: HTTPClientRequest, _ outcome: HTTPOutcome, _ conventions: HTTPConventions, hasTemplate: Bool
    ) -> Attributes {
        var entries = activeEntries(request, conventions, hasTemplate: hasTemplate)
        if let code = outcome.statusCode { entries.append((SemanticAttributes.HTTP.responseStatusCode, AttributeValue(code))) }
        if let type = outcome.errorType { entries.append((SemanticAttributes.Error.type, .string(type))) }
        if let version = HTTPConventions.protocolVersion(request.protocolVersion) {
            entries.append((SemanticAttributes.Network.protocolVersion, version))
        }
        return Attributes(unique: entries)
    }

    /// Returns the attributes known at the start, with capacity for the rest.
    private func activeEntries(
        _ request: HTTPClientRequest, _ conventions: HTTPConventions, hasTemplate: Bool
    ) -> [(String, AttributeValue)] {
        let location = HTTPLocation(request.url, method: request.method)
        var entries: [(String, AttributeValue)] = []
        entries.reserveCapacity(8)
        entries.append((SemanticAttributes.HTTP.requestMethod, .string(conventions.method(request.method).shown)))
        if let authority = location.authority {
            entries.append((SemanticAttributes.Server.address, .string(authority.host)))
            if let port = location.port { entries.append((SemanticAttributes.Server.port, AttributeValue(port))) }
        }
        if extras.contains(.scheme), let scheme = location.scheme {
            entries.append((SemanticAttributes.URL.scheme, .string(scheme.lowercased())))
        }
        if hasTemplate, let template = request.urlTemplate { entries.append((SemanticAttributes.URL.template, .string(template))) }
        return entries
    }
}
