// The metrics of a server's requests.

/// The metrics of the requests that a server answers, after the stable semantic conventions for HTTP.
///
/// Made once, and given along with each request that gets a span; sampled or not, every request counts:
///
/// ```swift
/// let metrics = HTTPServerMetrics(telemetry.meter("album-store"))
/// let response = try await tracer.withHTTPServerSpan(request, parent: context, metrics: metrics, statusCode: \.status) { server in
///     server.setRoute("/albums/{id}")
///     return try await albums.respond(to: request)
/// }
/// ```
///
/// `http.server.request.duration` is always recorded, with the method, the scheme, the route, the status code, the error's type and the
/// version of the protocol. (Semantic conventions: HTTP metrics, "HTTP server".)
public struct HTTPServerMetrics: Sendable {
    /// What the conventions leave out by default.
    public struct Extras: OptionSet, Sendable {
        public let rawValue: Int

        public init(rawValue: Int) {
            self.rawValue = rawValue
        }

        /// `http.server.active_requests`: how many requests are being answered.
        public static let activeRequests = Extras(rawValue: 1)
        /// `http.server.request.body.size`: of requests whose size is told, or stands in `Content-Length`.
        public static let requestBodySize = Extras(rawValue: 2)
        /// `http.server.response.body.size`: of responses whose size is told, or stands in `Content-Length`.
        public static let responseBodySize = Extras(rawValue: 4)
        /// `server.address` and `server.port` on all these metrics. Clients write them into headers as they like, and so can
        /// make any number of series.
        public static let serverAddress = Extras(rawValue: 8)
    }

    private let instruments: HTTPInstruments
    private let extras: Extras

    /// - Parameters:
    ///   - meter: the one of the library or framework that answers the requests.
    ///   - extras: what is recorded besides the duration.
    public init(_ meter: Meter, recording extras: Extras = []) {
        self.extras = extras
        instruments = HTTPInstruments(
            meter, side: "server", activeDescription: extras.contains(.activeRequests) ? "Number of active HTTP server requests." : nil,
            hasRequestBodySize: extras.contains(.requestBodySize), hasResponseBodySize: extras.contains(.responseBodySize))
    }

    /// Records a request that was answered without a span of this library.
    ///
    /// - Parameters:
    ///   - request: with its route, if there is one.
    ///   - duration: that of the span, where somebody else has made one.
    ///   - requestBodySize: in bytes, as it came over the wire.
    ///   - responseBodySize: in bytes, as it goes over the wire.
    ///   - context: where the request belongs; by default the current context.
    public func record(
        _ request: HTTPServerRequest, _ outcome: HTTPOutcome, duration: Duration, requestBodySize: Int? = nil, responseBodySize: Int? = nil,
        conventions: HTTPConventions = .standard, context: Context? = nil
    ) {
        guard instruments.isEnabled else { return }
        instruments.record(
            duration, requestBodySize: requestBodySize ?? contentLength(request.headers, .requestBodySize),
            responseBodySize: responseBodySize, attributes(request, outcome, conventions), context)
    }
}

extension HTTPServerMetrics {
    /// Begins to measure a request; nil when nothing is kept of it.
    func measurement(
        of request: HTTPServerRequest, _ conventions: HTTPConventions, start: @autoclosure () -> SpanStart, clock: TelemetryClock
    ) -> HTTPMeasurement<HTTPServerRequest>? {
        guard instruments.isEnabled else { return nil }
        return HTTPMeasurement(
            request, start: start(), clock: clock,
            active: instruments.activeRequests.map { ($0, Attributes(unique: activeEntries(request, conventions))) })
    }

    /// Ends the measurement of a request, and records what there is to record.
    func finish(
        _ measurement: HTTPMeasurement<HTTPServerRequest>, _ outcome: HTTPOutcome, at end: Timestamp, _ conventions: HTTPConventions,
        _ context: Context, _ responseHeaders: (_ name: String) -> [String]
    ) {
        guard let (progress, duration) = measurement.finish(at: end) else { return }
        record(
            progress.request, outcome, duration: duration, requestBodySize: progress.requestBodySize,
            responseBodySize: progress.responseBodySize ?? contentLength(responseHeaders, .responseBodySize), conventions: conventions,
            context: context)
    }

    private func contentLength(_ headers: (_ name: String) -> [String], _ extra: Extras) -> Int? {
        extras.contains(extra) ? HTTPConventions.contentLength(headers) : nil
    }

    private func attributes(_ request: HTTPServerRequest, _ outcome: HTTPOutcome, _ conventions: HTTPConventions) -> Attributes {
        var entries = activeEntries(request, conventions)
        if let route = request.route, !route.isEmpty { entries.append(("http.route", .string(route))) }
        if let code = outcome.statusCode { entries.append(("http.response.status_code", AttributeValue(code))) }
        if let type = outcome.errorType { entries.append(("error.type", .string(type))) }
        if let version = HTTPConventions.protocolVersion(request.protocolVersion) { entries.append(("network.protocol.version", version)) }
        return Attributes(unique: entries)
    }

    /// What is known from the start, in an array that has room for the rest.
    private func activeEntries(_ request: HTTPServerRequest, _ conventions: HTTPConventions) -> [(String, AttributeValue)] {
        var entries: [(String, AttributeValue)] = []
        entries.reserveCapacity(8)
        entries.append(("http.request.method", .string(conventions.method(request.method).shown)))
        entries.append(("url.scheme", .string(scheme(of: request, conventions))))
        if extras.contains(.serverAddress) {
            let forwarded = conventions.trustsForwardedHeaders ? ForwardedHeaders(request.headers) : nil
            if let authority = request.authority(forwarded) {
                entries.append(("server.address", .string(authority.host)))
                if let port = authority.port { entries.append(("server.port", AttributeValue(port))) }
            }
        }
        return entries
    }

    /// As on the span; but what a header says counts only if it is a scheme of HTTP, since anyone could write series into it.
    private func scheme(of request: HTTPServerRequest, _ conventions: HTTPConventions) -> String {
        if conventions.trustsForwardedHeaders, let scheme = ForwardedHeaders.scheme(request.headers),
            HTTPConventions.schemes.contains(scheme)
        {
            return scheme
        }
        return request.scheme.lowercased()
    }
}
