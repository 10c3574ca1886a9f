// The response to one scrape.

/// A page of metrics for any web framework, or a short text with the reason that there is none.
public struct PrometheusPage: Sendable, Hashable {
    /// The HTTP status: 200, or 503 if no metrics can be collected.
    public let status: Int
    public let contentType: String
    /// The value of `Content-Encoding`: `gzip`, or nil if the body is not compressed.
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
