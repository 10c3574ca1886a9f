// What client and server metrics have in common.

/// The instruments of the client or the server: always the duration, others if opted in.
///
/// An object, since the metrics are copied with each request.
final class HTTPInstruments: Sendable {
    /// The advised boundaries, in seconds. (Semantic conventions: HTTP metrics.)
    static let durationBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

    let duration: Histogram<Double>
    let activeRequests: UpDownCounter<Int>?
    let requestBodySize: Histogram<Int>?
    let responseBodySize: Histogram<Int>?

    /// - Parameters:
    ///   - side: `server` or `client`.
    ///   - activeDescription: the description of the active requests; nil omits their instrument.
    init(_ meter: Meter, side: String, activeDescription: String?, hasRequestBodySize: Bool, hasResponseBodySize: Bool) {
        duration = meter.histogram(
            "http.\(side).request.duration", unit: "s", description: "Duration of HTTP \(side) requests.",
            boundaries: Self.durationBoundaries)
        activeRequests = activeDescription.map {
            meter.upDownCounter("http.\(side).active_requests", unit: "{request}", description: $0)
        }
        func size(_ part: String) -> Histogram<Int> {
            meter.histogram(
                "http.\(side).\(part).body.size", of: Int.self, unit: "By", description: "Size of HTTP \(side) \(part) bodies.")
        }
        requestBodySize = hasRequestBodySize ? size("request") : nil
        responseBodySize = hasResponseBodySize ? size("response") : nil
    }

    /// Whether any instrument is enabled.
    var isEnabled: Bool {
        duration.isEnabled || activeRequests?.isEnabled == true || requestBodySize?.isEnabled == true || responseBodySize?.isEnabled == true
    }

    /// - Parameter bodyAttributes: the attributes of the body sizes, if they differ from those of the duration.
    func record(
        seconds: Double, requestBodySize: Int?, responseBodySize: Int?, _ attributes: Attributes, bodyAttributes: Attributes? = nil,
        _ context: Context?
    ) {
        duration.record(seconds, attributes, context: context)
        recordSizes(request: requestBodySize, response: responseBodySize, bodyAttributes ?? attributes, context)
    }

    func recordSizes(request: Int?, response: Int?, _ attributes: Attributes, _ context: Context?) {
        if let request { requestBodySize?.record(request, attributes, context: context) }
        if let response { responseBodySize?.record(response, attributes, context: context) }
    }
}

extension Duration {
    /// The duration in seconds; zero if the span ended before its start.
    var inSeconds: Double {
        let (seconds, attoseconds) = components
        return max(0, Double(seconds) + Double(attoseconds) / 1e18)
    }
}
