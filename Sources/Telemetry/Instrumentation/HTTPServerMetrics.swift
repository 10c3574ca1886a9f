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
    private let sets = HTTPServerAttributeSets()

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
            seconds: duration.inSeconds, requestBodySize: requestBodySize ?? contentLength(request.headers, .requestBodySize),
            responseBodySize: responseBodySize,
            attributes(request.properties(conventions, hasAuthority: extras.contains(.serverAddress)), request.route, outcome), context)
    }
}

extension HTTPServerMetrics {
    /// Reads what is recorded of a request; nil if no instrument is enabled.
    ///
    /// - Parameter details: what was read for its span; nil without a recorded one.
    func properties(
        of request: HTTPServerRequest, _ conventions: HTTPConventions, _ details: HTTPServerDetails? = nil
    ) -> HTTPServerProperties? {
        instruments.isEnabled ? request.properties(conventions, hasAuthority: extras.contains(.serverAddress), details) : nil
    }

    /// Starts the measurement of a request.
    func measurement(of request: borrowing HTTPServerProperties, start: SpanStart, clock: TelemetryClock) -> ExchangeMeasurement {
        ExchangeMeasurement(start: start, clock: clock, active: instruments.activeRequests.map { ($0, activeAttributes(request)) })
    }

    /// Ends the measurement of a request and records it.
    func finish(
        _ measurement: ExchangeMeasurement, of request: borrowing HTTPServerProperties, _ outcome: HTTPOutcome, at end: Timestamp,
        _ context: Context, _ responseHeaders: (_ name: String) -> [String]
    ) {
        guard let (progress, seconds) = measurement.finish(at: end) else { return }
        instruments.record(
            seconds: seconds, requestBodySize: progress.requestBodySize ?? contentLength(request.headers, .requestBodySize),
            responseBodySize: progress.responseBodySize ?? contentLength(responseHeaders, .responseBodySize),
            attributes(request, progress.route ?? request.route, outcome), context)
    }

    private func contentLength(_ headers: (_ name: String) -> [String], _ extra: Extras) -> Int? {
        extras.contains(extra) ? HTTPConventions.contentLength(headers) : nil
    }

    /// Returns all attributes of a request that has ended.
    private func attributes(_ request: borrowing HTTPServerProperties, _ route: String?, _ outcome: HTTPOutcome) -> Attributes {
        attributes(
            HTTPServerAttributeSets.Key(
                method: request.method, scheme: request.scheme, route: route, statusCode: outcome.statusCode,
                errorType: outcome.errorType, protocolVersion: request.protocolVersion),
            request.authority)
    }

    /// Returns the attributes known at the start.
    private func activeAttributes(_ request: borrowing HTTPServerProperties) -> Attributes {
        attributes(HTTPServerAttributeSets.Key(method: request.method, scheme: request.scheme), request.authority)
    }

    private func attributes(_ key: HTTPServerAttributeSets.Key, _ authority: HTTPAuthority?) -> Attributes {
        // Clients choose the address: sets with it would push out all others.
        extras.contains(.serverAddress) ? Self.attributes(key, authority) : sets.attributes(key) { Self.attributes($0, nil) }
    }

    private static func attributes(_ key: HTTPServerAttributeSets.Key, _ authority: HTTPAuthority?) -> Attributes {
        var entries: [(String, AttributeValue)] = []
        entries.reserveCapacity(8)
        entries.append((SemanticAttributes.HTTP.requestMethod, .string(key.method)))
        entries.append((SemanticAttributes.URL.scheme, .string(key.scheme)))
        if let authority {
            entries.append((SemanticAttributes.Server.address, .string(authority.host)))
            if let port = authority.port { entries.append((SemanticAttributes.Server.port, AttributeValue(port))) }
        }
        if let route = key.route, !route.isEmpty { entries.append((SemanticAttributes.HTTP.route, .string(route))) }
        if let code = key.statusCode { entries.append((SemanticAttributes.HTTP.responseStatusCode, AttributeValue(code))) }
        if let type = key.errorType { entries.append((SemanticAttributes.Error.type, .string(type))) }
        if let version = key.protocolVersion { entries.append((SemanticAttributes.Network.protocolVersion, .string(version))) }
        return Attributes(unique: entries)
    }
}
