// The instruments of the HTTP conventions, for the client and the server.

/// The instruments for exchanges of one side: the duration always, the others where they are wanted.
struct HTTPInstruments: Sendable {
    /// The advised boundaries, in seconds. (Semantic conventions: HTTP metrics.)
    static let durationBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

    let duration: Histogram<Double>
    var activeRequests: UpDownCounter<Int>?
    var requestBodySize: Histogram<Int>?
    var responseBodySize: Histogram<Int>?

    /// - Parameters:
    ///   - side: `server` or `client`.
    ///   - activeDescription: what the conventions say about requests under way; nil leaves their number out.
    init(_ meter: Meter, side: String, activeDescription: String?, hasRequestBodySize: Bool, hasResponseBodySize: Bool) {
        duration = meter.histogram(
            "http.\(side).request.duration", unit: "s", description: "Duration of HTTP \(side) requests.",
            boundaries: Self.durationBoundaries)
        if let activeDescription {
            activeRequests = meter.upDownCounter(
                "http.\(side).active_requests", unit: "{request}", description: activeDescription)
        }
        if hasRequestBodySize {
            requestBodySize = meter.histogram(
                "http.\(side).request.body.size", of: Int.self, unit: "By", description: "Size of HTTP \(side) request bodies.")
        }
        if hasResponseBodySize {
            responseBodySize = meter.histogram(
                "http.\(side).response.body.size", of: Int.self, unit: "By", description: "Size of HTTP \(side) response bodies.")
        }
    }

    /// Whether anything is kept of what is measured.
    var isEnabled: Bool {
        duration.isEnabled || activeRequests?.isEnabled == true || requestBodySize?.isEnabled == true || responseBodySize?.isEnabled == true
    }

    /// - Parameter bodyAttributes: those of the sizes, where they differ from those of the duration.
    func record(
        _ duration: Duration, requestBodySize: Int?, responseBodySize: Int?, _ attributes: Attributes, bodyAttributes: Attributes? = nil,
        _ context: Context?
    ) {
        self.duration.record(duration.inSeconds, attributes, context: context)
        if let requestBodySize { self.requestBodySize?.record(requestBodySize, bodyAttributes ?? attributes, context: context) }
        if let responseBodySize { self.responseBodySize?.record(responseBodySize, bodyAttributes ?? attributes, context: context) }
    }
}

extension Duration {
    /// In seconds, never below zero: an exchange whose span was ended at a time before its start has taken no time.
    fileprivate var inSeconds: Double {
        let (seconds, attoseconds) = components
        return max(0, Double(seconds) + Double(attoseconds) / 1e18)
    }
}
