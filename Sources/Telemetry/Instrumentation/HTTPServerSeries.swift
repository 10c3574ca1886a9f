// What the requests of one route have in common: span attributes that are encoded once, and series that are found once.

import Synchronization

/// The requests of one method, scheme, route and version of the protocol: nearly all requests of a server repeat a few of them.
final class HTTPServerSeries: Sendable {
    /// What is known of a request at its start, and is the same for many.
    struct Key: Hashable {
        let method: String
        /// The scheme of the span, but from a header only if it is one of HTTP's, which limits the cardinality.
        let scheme: String
        var route: String?
        let protocolVersion: String?

        /// A number that tells most keys apart. The texts are compared, which of one storage is cheap.
        var place: Int { (route?.utf8.count ?? 0) &* 3 &+ method.utf8.count }

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
    let spanAttributes: CommonAttributes
    /// The number of such requests in progress; nil if it is not recorded, or with attributes of each request.
    let active: BoundUpDownCounter<Int>?
    private let duration: Histogram<Double>
    /// The outcome that was recorded first, which most requests have: found without a lock. Set once, and released with the series.
    private let firstOutcome = Atomic<Unmanaged<HTTPServerOutcomeSeries>?>(nil)
    /// The outcomes that were recorded.
    private let outcomes = Locked<[HTTPServerOutcomeSeries]>([])

    /// The most outcomes kept for a route; later ones are looked up for each request.
    private static let maximumOutcomes = 64

    init(_ key: Key, duration: Histogram<Double>, active: UpDownCounter<Int>?) {
        self.key = key
        self.duration = duration
        self.active = active.map { $0.bind(key.activeAttributes(nil)) }
        var attributes: [(String, AttributeValue)] = []
        key.forEachSpanAttribute { attributes.append(($0, $1)) }
        spanAttributes = CommonAttributes(attributes, tag: OTLPSchema.Span.attributes.tag)
    }

    deinit { firstOutcome.load(ordering: .acquiring)?.release() }

    /// Whether the series counts requests for itself; if not, there may be room for it later.
    var hasRoom: Bool { active?.isOverflow != true }

    /// Returns the series of the requests with an outcome.
    func outcome(_ outcome: HTTPOutcome) -> HTTPServerOutcomeSeries {
        if let first = firstOutcome.load(ordering: .acquiring)?.takeUnretainedValue(), first.isOf(outcome) { return first }
        if let known = outcomes.withLock({ outcomes in outcomes.first { $0.isOf(outcome) } }) { return known }
        let made = HTTPServerOutcomeSeries(key, outcome, duration)
        guard !made.duration.isOverflow else { return made }
        keepFirst(made)
        outcomes.withLock { outcomes in
            if outcomes.count >= Self.maximumOutcomes { outcomes = [] }
            outcomes.append(made)
        }
        return made
    }
}

extension HTTPServerSeries {
    /// Makes an outcome the first one unless there is one.
    private func keepFirst(_ outcome: HTTPServerOutcomeSeries) {
        let kept = Unmanaged.passRetained(outcome)
        if !firstOutcome.compareExchange(expected: nil, desired: kept, ordering: .acquiringAndReleasing).exchanged { kept.release() }
    }
}

/// The requests of a series that ended alike.
final class HTTPServerOutcomeSeries: Sendable {
    private let statusCode: Int?
    private let errorType: String?
    let attributes: Attributes
    let duration: BoundHistogram<Double>

    init(_ key: HTTPServerSeries.Key, _ outcome: HTTPOutcome, _ duration: Histogram<Double>) {
        statusCode = outcome.statusCode
        errorType = outcome.errorType
        attributes = key.attributes(outcome, nil)
        self.duration = duration.bind(attributes)
    }

    func isOf(_ outcome: HTTPOutcome) -> Bool { statusCode == outcome.statusCode && errorType == outcome.errorType }
}

/// Keeps the series that were used last.
final class HTTPServerSeriesCache: Sendable {
    /// More series than a service has; beyond it they are made anew.
    private static let maximumCount = 512
    /// A power of two.
    private static let recentCount = 32

    private struct State {
        /// The series that was last found at each place: hashing a key takes twice as long as comparing it with this one.
        var recent = [HTTPServerSeries?](repeating: nil, count: recentCount)
        var all: [HTTPServerSeries.Key: HTTPServerSeries] = [:]
    }

    private let state = Locked(State())

    /// Returns the series of a key, made of the key when it was not seen lately.
    func series(_ key: HTTPServerSeries.Key, _ make: (HTTPServerSeries.Key) -> HTTPServerSeries) -> HTTPServerSeries {
        let place = key.place & (Self.recentCount - 1)
        let known = state.withLock { state -> HTTPServerSeries? in
            if let recent = state.recent[place], recent.key == key { return recent }
            guard let found = state.all[key] else { return nil }
            state.recent[place] = found
            return found
        }
        if let known { return known }
        let made = make(key)
        guard made.hasRoom else { return made }
        state.withLock { state in
            if state.all.count >= Self.maximumCount { state = State() }
            state.all[key] = made
            state.recent[place] = made
        }
        return made
    }
}
