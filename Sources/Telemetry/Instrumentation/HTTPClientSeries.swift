// What the requests of a client to one server have in common: span attributes that are encoded once, and series that are found once.

/// The requests of one method, origin, template and version of the protocol: nearly all requests of a client repeat a few of them.
final class HTTPClientSeries: ExchangeSeries {
    /// What is known of a request at its start, and is the same for many.
    struct Key: Hashable {
        let method: String
        /// In lower case.
        let scheme: String?
        let host: String?
        let port: Int?
        let urlTemplate: String?
        var protocolVersion: String?

        /// A number that tells most keys apart.
        var place: Int { (host?.utf8.count ?? 0) &* 3 &+ (urlTemplate?.utf8.count ?? 0) &* 5 &+ method.utf8.count }

        /// Calls the closure with each attribute that all spans of these requests have.
        func forEachSpanAttribute(_ body: (String, AttributeValue) -> Void) {
            body(SemanticAttributes.HTTP.requestMethod, .string(method))
            forEachServerAttribute(body)
            if let urlTemplate { body(SemanticAttributes.URL.template, .string(urlTemplate)) }
            if let protocolVersion { body(SemanticAttributes.Network.protocolVersion, .string(protocolVersion)) }
        }

        private func forEachServerAttribute(_ body: (String, AttributeValue) -> Void) {
            guard let host else { return }
            body(SemanticAttributes.Server.address, .string(host))
            if let port { body(SemanticAttributes.Server.port, AttributeValue(port)) }
        }

        /// Returns the attributes of the metrics that are known at the start.
        func activeAttributes(hasScheme: Bool, hasTemplate: Bool) -> Attributes {
            var entries: [(String, AttributeValue)] = []
            entries.reserveCapacity(8)
            entries.append((SemanticAttributes.HTTP.requestMethod, .string(method)))
            forEachServerAttribute { entries.append(($0, $1)) }
            if hasScheme, let scheme { entries.append((SemanticAttributes.URL.scheme, .string(scheme))) }
            if hasTemplate, let urlTemplate { entries.append((SemanticAttributes.URL.template, .string(urlTemplate))) }
            return Attributes(unique: entries)
        }

        /// Returns all attributes of the metrics for requests that have ended.
        func attributes(_ outcome: HTTPOutcome, hasScheme: Bool, hasTemplate: Bool) -> Attributes {
            var attributes = activeAttributes(hasScheme: hasScheme, hasTemplate: hasTemplate)
            attributes.merge(outcome.attributes)
            if let protocolVersion { attributes[SemanticAttributes.Network.protocolVersion] = .string(protocolVersion) }
            return attributes
        }
    }

    let key: Key
    /// The name of the spans: method and template.
    let spanName: String
    let spanAttributes: CommonAttributes
    /// The number of such requests in flight; nil if it is not recorded.
    let active: BoundUpDownCounter<Int>?
    /// Scheme and authority as the first request had them.
    private let origin: [UInt8]
    /// Which opt-in attributes the durations have.
    private let (hasScheme, hasTemplate): (Bool, Bool)
    private let outcomes: OutcomeSeriesTable<HTTPOutcome>

    init(_ key: Key, origin: [UInt8], _ instruments: HTTPInstruments, hasScheme: Bool, hasTemplate: Bool) {
        self.key = key
        spanName = HTTPConventions.spanName(shownMethod: key.method, target: key.urlTemplate)
        self.origin = origin
        (self.hasScheme, self.hasTemplate) = (hasScheme, hasTemplate)
        outcomes = OutcomeSeriesTable(instruments.duration)
        active = instruments.activeRequests.map { $0.bind(key.activeAttributes(hasScheme: hasScheme, hasTemplate: true)) }
        var attributes: [(String, AttributeValue)] = []
        key.forEachSpanAttribute { attributes.append(($0, $1)) }
        spanAttributes = CommonAttributes(attributes, tag: OTLPSchema.Span.attributes.tag)
    }

    var hasRoom: Bool { active?.isOverflow != true }

    /// Returns a number that tells most series apart, also those of a dozen ports that follow each other: of an origin it has the length and
    /// the last two digits. Methods whose lengths are both even or both odd (GET and PUT, HEAD and POST) share a place: the series of a client
    /// that uses both in turn are found by their keys.
    static func place(method: String, origin: UnsafeBufferPointer<UInt8>, urlTemplate: String?) -> Int {
        let digits = origin.suffix(2).reduce(0) { $0 &* 10 &+ Int($1) }
        return digits &+ method.utf8.count &* 16 &+ (urlTemplate?.utf8.count ?? 0) &* 5 &+ origin.count &* 3
    }

    /// Returns whether requests to an origin with this method, template and version belong to the series.
    func isOf(method: String, origin: UnsafeBufferPointer<UInt8>, urlTemplate: String?, protocolVersion: String?) -> Bool {
        guard self.origin.count == origin.count, key.method == method, key.urlTemplate == urlTemplate,
            key.protocolVersion == protocolVersion
        else { return false }
        return origin.indices.allSatisfy { origin[$0] == self.origin[$0] }
    }

    /// Returns the series of the requests with an outcome.
    func outcome(_ outcome: HTTPOutcome) -> OutcomeSeries<HTTPOutcome> {
        outcomes.series(outcome) { key.attributes(outcome, hasScheme: hasScheme, hasTemplate: hasTemplate) }
    }

    /// Returns the attributes of the sizes of bodies, which have the template whenever the request does.
    func bodyAttributes(_ outcome: HTTPOutcome) -> Attributes { key.attributes(outcome, hasScheme: hasScheme, hasTemplate: true) }
}

extension HTTPClientSeries.Key {
    init(_ method: String, _ location: HTTPLocation, _ urlTemplate: String?, _ protocolVersion: String?) {
        self.init(
            method: method, scheme: location.scheme?.lowercased(), host: location.authority?.host,
            port: location.authority == nil ? nil : location.port, urlTemplate: urlTemplate, protocolVersion: protocolVersion)
    }
}

/// What a request has in common with others, and whether its URL is recorded as it is.
struct HTTPClientCommon {
    let series: HTTPClientSeries
    /// True if nothing in the URL is redacted: it has neither credentials nor a query.
    let hasPlainURL: Bool
}
