// The answer to one scrape, for any web framework.

/// A page of metrics, or a short text that says why there is none: an answer for any web framework.
public struct PrometheusPage: Sendable, Hashable {
    /// The status of the answer: 200, or 503 when there are no metrics to tell.
    public let status: Int
    public let contentType: String
    /// `gzip`, or nil when the body is as it is.
    public let contentEncoding: String?
    public let body: [UInt8]

    public init(status: Int, contentType: String, contentEncoding: String? = nil, body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.contentEncoding = contentEncoding
        self.body = body
    }

    static func unavailable(_ reason: String) -> PrometheusPage {
        PrometheusPage(status: 503, contentType: "text/plain; charset=utf-8", body: Array("\(reason)\n".utf8))
    }
}
