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

    /// An object, since each request keeps a copy, and would count a reference to each of the parts.
    private final class Parts: Sendable {
        let instruments: HTTPInstruments
        let extras: Extras
        /// Those of the system, for requests without a span of this library.
        let conventions: HTTPConventions
        let cache = SeriesCache<HTTPServerSeries>()
        let peers = HTTPServerPeers()

        init(_ instruments: HTTPInstruments, _ extras: Extras, _ conventions: HTTPConventions) {
            self.instruments = instruments
            self.extras = extras
            self.conventions = conventions
        }
    }

    private let parts: Parts
    private var instruments: HTTPInstruments { parts.instruments }
    private var extras: Extras { parts.extras }

    /// - Parameters:
    ///   - meter: the meter of the library or framework that answers the requests.
    ///   - extras: the opt-in metrics and attributes to record besides the duration; by default those that a configuration names.
    public init(_ meter: Meter, recording extras: Extras? = nil) {
        let extras = extras ?? Extras(rawValue: meter.setup.instrumentation.httpServerExtras)
        parts = Parts(
            HTTPInstruments(
                meter, side: "server", activeDescription: extras.contains(.activeRequests) ? "Number of active HTTP server requests." : nil,
                hasRequestBodySize: extras.contains(.requestBodySize), hasResponseBodySize: extras.contains(.responseBodySize)), extras,
            meter.setup.instrumentation.httpServer)
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
        conventions: HTTPConventions? = nil, context: Context? = nil
    ) {
        guard instruments.isEnabled else { return }
        let conventions = conventions ?? parts.conventions
        record(
            series(request.seriesKey(conventions, nil)), route: nil, outcome, seconds: duration.inSeconds,
            requestBodySize: requestBodySize ?? requestLength(request), responseBodySize: responseBodySize,
            authority(of: request, conventions, nil), context)
    }
}

extension HTTPServerMetrics {
    /// Returns the series of a request; nil if no instrument is enabled.
    ///
    /// - Parameter details: what was read for its span; nil without a recorded one.
    func series(of request: HTTPServerRequest, _ conventions: HTTPConventions, _ details: HTTPServerDetails?) -> HTTPServerSeries? {
        instruments.isEnabled ? series(request.seriesKey(conventions, details)) : nil
    }

    /// Returns what is known of the connection of a request; nil if a proxy tells of another one, or something is unknown.
    func peer(of request: HTTPServerRequest) -> HTTPServerPeer? {
        guard let address = request.peerAddress, let port = request.peerPort, request.isDirect, let host = request.source.host
        else { return nil }
        return parts.peers.peer(address: address, port: port, host: host)
    }

    /// Returns what a plain request has in common with others: one without a query and of a known method, which came straight from its
    /// client. Returns nil for any other, and if nothing is measured.
    func common(of request: HTTPServerRequest, _ conventions: HTTPConventions) -> HTTPServerCommon? {
        guard request.query == nil, instruments.isEnabled, conventions.knows(request.method), let peer = peer(of: request) else {
            return nil
        }
        return HTTPServerCommon(series: series(ofPlain: request), peer: peer)
    }

    /// Returns the series of a plain request. No key is made of it unless the series was not used lately.
    private func series(ofPlain request: HTTPServerRequest) -> HTTPServerSeries {
        let version = HTTPConventions.protocolNumber(request.protocolVersion)
        return parts.cache.series(
            at: HTTPServerSeries.Key.place(method: request.method, route: request.route),
            where: {
                $0.key.method == request.method && $0.key.route == request.route && $0.key.protocolVersion == version
                    && $0.key.scheme == request.scheme
            },
            key: {
                HTTPServerSeries.Key(
                    method: request.method, scheme: request.scheme.lowercasedScheme, route: request.route, protocolVersion: version)
            }, makeSeries)
    }

    /// Returns the address of a connection if the metrics record it.
    func recordedAuthority(of peer: HTTPServerPeer) -> HTTPAuthority? { hasAddress ? peer.authority : nil }

    /// Returns the address that the metrics record; nil unless they do.
    func authority(of request: HTTPServerRequest, _ conventions: HTTPConventions, _ details: HTTPServerDetails?) -> HTTPAuthority? {
        guard hasAddress else { return nil }
        if let details { return details.authority }
        return request.authority(conventions.trustsForwardedHeaders ? request.source.forwarded : nil)
    }

    /// Returns the size in the headers of a request; nil unless the metrics record it.
    func requestLength(_ request: HTTPServerRequest) -> Int? {
        extras.contains(.requestBodySize) ? HTTPConventions.contentLength(request.source.values) : nil
    }

    /// Returns the size in the headers of a response; nil unless the metrics record it.
    func responseLength(_ headers: (_ name: String) -> [String]) -> Int? {
        extras.contains(.responseBodySize) ? HTTPConventions.contentLength(headers) : nil
    }

    /// Counts a request that begins or ends.
    ///
    /// - Parameter context: the same at both, since it may add attributes.
    func countActive(_ change: Int, _ series: HTTPServerSeries, _ authority: HTTPAuthority?, _ context: Context) {
        if hasAddress {
            instruments.activeRequests?.add(change, series.key.activeAttributes(authority), context: context)
        } else {
            series.active?.add(change, context: context)
        }
    }

    /// Records a request that has ended.
    ///
    /// - Parameter route: the route, if it became known after the start.
    func record(
        _ series: HTTPServerSeries, route: String?, _ outcome: HTTPOutcome, seconds: Double, requestBodySize: Int?, responseBodySize: Int?,
        _ authority: HTTPAuthority?, _ context: Context?
    ) {
        var series = series
        if let route, route != series.key.route {
            var key = series.key
            key.route = route
            series = self.series(key)
        }
        if hasAddress {
            let attributes = series.key.attributes(outcome, authority)
            instruments.duration.record(seconds, attributes, context: context)
            instruments.recordSizes(request: requestBodySize, response: responseBodySize, attributes, context)
        } else {
            let known = series.outcome(outcome)
            known.duration.record(seconds, context: context)
            instruments.recordSizes(request: requestBodySize, response: responseBodySize, known.attributes, context)
        }
    }

    /// Whether each measurement has the address that its client has chosen. No series is kept then: clients would push out all others.
    private var hasAddress: Bool { extras.contains(.serverAddress) }

    private func series(_ key: HTTPServerSeries.Key) -> HTTPServerSeries {
        parts.cache.series(at: key.place, where: { $0.key == key }, key: { key }, makeSeries)
    }

    private func makeSeries(_ key: HTTPServerSeries.Key) -> HTTPServerSeries {
        HTTPServerSeries(key, duration: instruments.duration, active: hasAddress ? nil : instruments.activeRequests)
    }
}

extension HTTPServerRequest {
    /// Returns the key of the series that the request belongs to. Few headers are read where there are no details.
    fileprivate func seriesKey(_ conventions: HTTPConventions, _ details: HTTPServerDetails?) -> HTTPServerSeries.Key {
        if let details {
            return HTTPServerSeries.Key(
                method: details.method, scheme: details.forwarded?.scheme?.knownScheme ?? details.scheme, route: route,
                protocolVersion: details.protocolVersion)
        }
        let forwardedScheme = conventions.trustsForwardedHeaders ? ForwardedHeaders.scheme(source.values) : nil
        return HTTPServerSeries.Key(
            method: conventions.method(method).shown, scheme: forwardedScheme?.knownScheme ?? scheme.lowercasedScheme, route: route,
            protocolVersion: HTTPConventions.protocolNumber(protocolVersion))
    }
}
