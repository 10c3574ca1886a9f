// What the requests of one route have in common: span attributes that are encoded once, and series that are found once.

/// The requests of one method, scheme, route and version of the protocol: nearly all requests of a server repeat a few of them.
final class HTTPServerSeries: ExchangeSeries {
    /// What is known of a request at its start, and is the same for many.
    struct Key: Hashable {
        let method: String
        /// The scheme of the span, but from a header only if it is one of HTTP's, which limits the cardinality.
        let scheme: String
        var route: String?
        let protocolVersion: String?

        /// A number that tells most keys apart. The texts are compared, which of one storage is cheap.
        var place: Int { Self.place(method: method, route: route) }

        static func place(method: String, route: String?) -> Int { (route?.utf8.count ?? 0) &* 3 &+ method.utf8.count }

        /// Hashes what tells most keys apart; comparing equal texts of one storage is cheap.
        func hash(into hasher: inout Hasher) {
            hasher.combine(route?.utf8.count ?? -1)
            hasher.combine(method.utf8.count)
        }

        /// Calls the closure with each attribute that all spans of these requests have.
        func forEachSpanAttribute(_ body: (String, AttributeValue) -> Void) {
            body(SemanticAttributes.HTTP.requestMethod, .string(method))
            body(SemanticAttributes.URL.scheme, .string(scheme))
            if let route { body(SemanticAttributes.HTTP.route, .string(route)) }
            if let protocolVersion { body(SemanticAttributes.Network.protocolVersion, .string(protocolVersion)) }
        }

        /// Returns the attributes of the metrics that are known at the start.
        func activeAttributes(_ authority: HTTPAuthority?) -> Attributes {
            var entries: [(String, AttributeValue)] = []
            entries.append((SemanticAttributes.HTTP.requestMethod, .string(method)))
            entries.append((SemanticAttributes.URL.scheme, .string(scheme)))
            if let authority {
                entries.append((SemanticAttributes.Server.address, .string(authority.host)))
                if let port = authority.port { entries.append((SemanticAttributes.Server.port, AttributeValue(port))) }
            }
            return Attributes(unique: entries)
        }

        /// Returns all attributes of the metrics for requests that have ended.
        func attributes(_ outcome: HTTPOutcome, _ authority: HTTPAuthority?) -> Attributes {
            var attributes = activeAttributes(authority)
            if let route, !route.isEmpty { attributes[SemanticAttributes.HTTP.route] = .string(route) }
            attributes.merge(outcome.attributes)
            if let protocolVersion { attributes[SemanticAttributes.Network.protocolVersion] = .string(protocolVersion) }
            return attributes
        }
    }

    let key: Key
    /// The name that the conventions give the spans: method and route.
    let spanName: String
    let spanAttributes: CommonAttributes
    /// The number of such requests in progress; nil if it is not recorded, or with attributes of each request.
    let active: BoundUpDownCounter<Int>?
    private let outcomes: OutcomeSeriesTable<HTTPOutcome>

    init(_ key: Key, duration: Histogram<Double>, active: UpDownCounter<Int>?) {
        self.key = key
        spanName = HTTPConventions.spanName(shownMethod: key.method, target: key.route)
        outcomes = OutcomeSeriesTable(duration)
        self.active = active.map { $0.bind(key.activeAttributes(nil)) }
        var attributes: [(String, AttributeValue)] = []
        key.forEachSpanAttribute { attributes.append(($0, $1)) }
        spanAttributes = CommonAttributes(attributes, tag: OTLPSchema.Span.attributes.tag)
    }

    var hasRoom: Bool { active?.isOverflow != true }

    /// Returns the series of the requests with an outcome.
    func outcome(_ outcome: HTTPOutcome) -> OutcomeSeries<HTTPOutcome> {
        outcomes.series(outcome) { key.attributes(outcome, nil) }
    }
}
