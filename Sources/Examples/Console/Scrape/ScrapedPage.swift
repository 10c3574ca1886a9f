// Reads a page in the format that its type names.

/// A page that was read.
struct ScrapedPage: Sendable {
    var families: [ScrapedFamily] = []
    var samples: [ScrapedSample] = []
    /// When the counters of a family were zero, by their labels without name and bound; in milliseconds.
    var created: [ScrapedCreation: Int64] = [:]
}

extension ScrapedPage {
    /// - Parameter type: the content type.
    init(_ bytes: [UInt8], type: String, maximumSamples: Int) throws(ScrapeSyntaxError) {
        switch type.lowercased().prefix(while: { $0 != ";" && $0 != " " }) {
        case "application/vnd.google.protobuf": self = try ScrapeProtobufReader.read(bytes, maximumSamples: maximumSamples)
        case "application/openmetrics-text":
            self = try ScrapeTextReader.read(bytes, isOpenMetrics: true, maximumSamples: maximumSamples)
        case "text/plain", "": self = try ScrapeTextReader.read(bytes, isOpenMetrics: false, maximumSamples: maximumSamples)
        default:
            throw ScrapeSyntaxError(
                reason: "the Content-Type is \"\(type.lowercased().prefix(80))\"; it must be one of Prometheus' formats", line: 0)
        }
    }
}
