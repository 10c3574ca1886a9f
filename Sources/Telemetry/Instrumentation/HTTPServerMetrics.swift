// The HTTP server metrics of the semantic conventions.

/// The metrics of the requests that a server answers, after the stable semantic conventions for HTTP.
///
/// Create it once and pass it with each request that gets a span; unsampled requests are recorded too:
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
    /// The opt-in metrics and attributes of the conventions.
    public struct Extras: OptionSet, Sendable {
        public let rawValue: Int

        public init(rawValue: Int) {
            self.rawValue = rawValue
        }

        /// `http.server.active_requests`: the number of requests in progress.
        public static let activeRequests = Extras(rawValue: 1)
        /// `http.server.request.body.size`, if the size is set or in `Content-Length`.
        public static let requestBodySize = Extras(rawValue: 2)
        /// `http.server.response.body.size`, if the size is set or in `Content-Length`.
        public static let responseBodySize = Extras(rawValue: 4)
        /// `server.address` and `server.port` on all these metrics. Clients choose them in headers and so can
        /// create any number of series.
        public static let serverAddress = Extras(rawValue: 8)
    }

    private let instruments: HTTPInstruments
    private let extras: Extras

    /// - Parameters:
    ///   - meter: the meter of the library or framework that answers the requests.
    ///   - extras: the opt-in metrics and attributes to record besides the duration.
    public init(_ meter: Meter, recording extras: Extras = []) {
        self.extras = extras
        instruments = HTTPInstruments(
            meter, side: "server", activeDescription: extras.contains(.activeRequests) ? "Number of active HTTP server requests." : nil,
            hasRequestBodySize: extras.contains(.requestBodySize), hasResponseBodySize: extras.contains(.responseBodySize))
    }

    /// Records a request that was answered without a span of this library.
    ///
    /// - Parameters:
    ///   - request: the request, with its route if there is one.
    ///   - duration: the duration of the request; that of the span, if another library made one.
    ///   - requestBodySize: the size on the wire in bytes.
    ///   - responseBodySize: the size on the wire in bytes.
    ///   - context: the context for exemplars; by default the current context.
    public func record(
        _ request: HTTPServerRequest, _ outcome: HTTPOutcome, duration: Duration, requestBodySize: Int? = nil, responseBodySize: Int? = nil,
        conventions: HTTPConventions = .standard, context: Context? = nil
    ) {
        guard instruments.isEnabled else { return }
        instruments.record(
            duration, requestBodySize: requestBodySize ?? contentLength(request.headers, .requestBodySize),
            responseBodySize: responseBodySize, attributes(request, outcome, activeAttributes(request, conventions)), context)
    }
}

extension HTTPServerMetrics {
    /// Starts the measurement of a request; returns nil if no instrument is enabled.
    func measurement(
        of request: HTTPServerRequest, _ conventions: HTTPConventions, start: @autoclosure () -> SpanStart, clock: TelemetryClock
    ) -> ExchangeMeasurement<HTTPServerRequest>? {
        guard instruments.isEnabled else { return nil }
        return ExchangeMeasurement(
            request, start: start(), clock: clock,
            active: instruments.activeRequests.map { ($0, activeAttributes(request, conventions)) })
    }

    /// Ends the measurement of a request and records it.
    func finish(
        _ measurement: ExchangeMeasurement<HTTPServerRequest>, _ outcome: HTTPOutcome, at end: Timestamp, _ conventions: HTTPConventions,
        _ context: Context, _ responseHeaders: (_ name: String) -> [String]
    ) {
        guard let (progress, duration) = measurement.finish(at: end) else { return }
        let request = progress.request
        instruments.record(
            duration, requestBodySize: progress.requestBodySize ?? contentLength(request.headers, .requestBodySize),
            responseBodySize: progress.responseBodySize ?? contentLength(responseHeaders, .responseBodySize),
            attributes(request, outcome, measurement.activeAttributes ?? activeAttributes(request, conventions)), context)
    }

    private func contentLength(_ headers: (_ name: String) -> [String], _ extra: Extras) -> Int? {
        extras.contains(extra) ? HTTPConventions.contentLength(headers) : nil
    }

    /// Returns all attributes, from those known at the start.
    private func attributes(_ request: HTTPServerRequest, _ outcome: HTTPOutcome, _ active: Attributes) -> Attributes {
        var entries: [(String, AttributeValue)] = []
        entries.reserveCapacity(8)
        active.forEachEntry { entries.append(($0, $1)) }
        if let route = request.route, !route.isEmpty { entries.append((SemanticAttributes.HTTP.route, .string(route))) }
        if let code = outcome.statusCode { entries.append((SemanticAttributes.HTTP.responseStatusCode, AttributeValue(code))) }
        if let type = outcome.errorType { entries.append((SemanticAttributes.Error.type, .string(type))) }
        if let version = HTTPConventions.protocolVersion(request.protocolVersion) {
            entries.append((SemanticAttributes.Network.protocolVersion, version))
        }
        return Attributes(unique: entries)
    }

    /// Returns the attributes known at the start.
    private func activeAttributes(_ request: HTTPServerRequest, _ conventions: HTTPConventions) -> Attributes {
        var entries: [(String, AttributeValue)] = []
        entries.reserveCapacity(4)
        entries.append((SemanticAttributes.HTTP.requestMethod, .string(conventions.method(request.method).shown)))
        entries.append((SemanticAttributes.URL.scheme, .string(scheme(of: request, conventions))))
        if extras.contains(.serverAddress) {
            let forwarded = conventions.trustsForwardedHeaders ? ForwardedHeaders(request.headers) : nil
            if let authority = request.authority(forwarded) {
                entries.append((SemanticAttributes.Server.address, .string(authority.host)))
                if let port = authority.port { entries.append((SemanticAttributes.Server.port, AttributeValue(port))) }
            }
        }
        return Attributes(unique: entries)
    }

    /// Returns the scheme as on the span, but from a header only if it is an HTTP scheme, which limits the cardinality.
    private func scheme(of request: HTTPServerRequest, _ conventions: HTTPConventions) -> String {
        if conventions.trustsForwardedHeaders, let scheme = ForwardedHeaders.scheme(request.headers),
            HTTPConventions.schemes.contains(scheme)
        {
            return scheme
        }
        return request.scheme.lowercased()
    }
}
