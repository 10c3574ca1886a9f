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

    /// An object, since each request keeps a copy, and would count a reference to each of the parts.
    fileprivate final class Parts: Sendable {
        let instruments: HTTPInstruments
        let extras: Extras
        /// Those of the system, for requests without a span of this library.
        let conventions: HTTPConventions
        let cache = SeriesCache<HTTPClientSeries>()

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
    ///   - meter: the meter of the library that sends the requests.
    ///   - extras: the opt-in metrics and attributes to record besides the duration; by default those that a configuration names.
    public init(_ meter: Meter, recording extras: Extras? = nil) {
        let extras = extras ?? Extras(rawValue: meter.setup.instrumentation.httpClientExtras)
        parts = Parts(
            HTTPInstruments(
                meter, side: "client", activeDescription: extras.contains(.activeRequests) ? "Number of active HTTP requests." : nil,
                hasRequestBodySize: extras.contains(.requestBodySize), hasResponseBodySize: extras.contains(.responseBodySize)), extras,
            meter.setup.instrumentation.httpClient)
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
        conventions: HTTPConventions? = nil, context: Context? = nil
    ) {
        guard let series = common(of: request, conventions ?? parts.conventions)?.series else { return }
        record(
            series, protocolVersion: nil, outcome, seconds: duration.inSeconds,
            requestBodySize: requestBodySize ?? requestLength(request), responseBodySize: responseBodySize, context)
    }
}

extension HTTPClientMetrics {
    /// Returns what a request has in common with others; nil if no instrument is enabled.
    func common(of request: HTTPClientRequest, _ conventions: HTTPConventions) -> HTTPClientCommon? {
        guard instruments.isEnabled else { return nil }
        let method = conventions.method(request.method).shown
        let version = HTTPConventions.protocolNumber(request.protocolVersion)
        let parts = parts
        var url = request.url
        return url.withUTF8 { bytes in
            let origin = UnsafeBufferPointer(rebasing: bytes[..<HTTPLocation.originCount(bytes)])
            let series = parts.cache.series(
                at: HTTPClientSeries.place(method: method, origin: origin, urlTemplate: request.urlTemplate),
                where: {
                    !origin.isEmpty
                        && $0.isOf(method: method, origin: origin, urlTemplate: request.urlTemplate, protocolVersion: version)
                },
                key: { HTTPClientSeries.Key(method, HTTPLocation(request.url, method: request.method), request.urlTemplate, version) },
                { parts.makeSeries($0, origin: Array(origin)) })
            let rest = UnsafeBufferPointer(rebasing: bytes[origin.count...])
            return HTTPClientCommon(series: series, hasPlainURL: !origin.isEmpty && rest.firstIndex(of: UInt8(ascii: "?")) == nil)
        }
    }

    /// Returns the size in the headers of a request; nil unless the metrics record it.
    func requestLength(_ request: HTTPClientRequest) -> Int? {
        extras.contains(.requestBodySize) ? HTTPConventions.contentLength(request.headers) : nil
    }

    /// Returns the size in the headers of a response; nil unless the metrics record it.
    func responseLength(_ headers: (_ name: String) -> [String]) -> Int? {
        extras.contains(.responseBodySize) ? HTTPConventions.contentLength(headers) : nil
    }

    /// Records a request that has ended.
    ///
    /// - Parameter protocolVersion: the version of the protocol, if it became known after the start.
    func record(
        _ series: HTTPClientSeries, protocolVersion: String?, _ outcome: HTTPOutcome, seconds: Double, requestBodySize: Int?,
        responseBodySize: Int?, _ context: Context?
    ) {
        var series = series
        if let version = HTTPConventions.protocolNumber(protocolVersion), version != series.key.protocolVersion {
            var key = series.key
            key.protocolVersion = version
            let parts = parts
            series = parts.cache.series(
                at: key.place, where: { $0.key == key }, key: { key }, { parts.makeSeries($0, origin: []) })
        }
        series.outcome(outcome).duration.record(seconds, context: context)
        guard requestBodySize != nil && instruments.requestBodySize != nil || responseBodySize != nil && instruments.responseBodySize != nil
        else { return }
        instruments.recordSizes(request: requestBodySize, response: responseBodySize, series.bodyAttributes(outcome), context)
    }
}

extension HTTPClientMetrics.Parts {
    fileprivate func makeSeries(_ key: HTTPClientSeries.Key, origin: [UInt8]) -> HTTPClientSeries {
        HTTPClientSeries(
            key, origin: origin, instruments, hasScheme: extras.contains(.scheme), hasTemplate: extras.contains(.urlTemplate))
    }
}
