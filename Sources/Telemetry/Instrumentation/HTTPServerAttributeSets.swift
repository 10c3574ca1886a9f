// The attribute sets of the server's metrics, kept for the requests to come.

/// Keeps the attribute sets of the series that were recorded last: nearly all requests repeat one.
final class HTTPServerAttributeSets: Sendable {
    /// All that the attributes of a request are made of.
    struct Key: Hashable {
        let method: String
        let scheme: String
        var route: String?
        var statusCode: Int?
        var errorType: String?
        var protocolVersion: AttributeValue?

        /// Hashes what tells most keys apart; comparing equal texts of one storage is cheap.
        func hash(into hasher: inout Hasher) {
            hasher.combine(statusCode ?? 0)
            hasher.combine(route?.utf8.count ?? -1)
            hasher.combine(method.utf8.count)
        }
    }

    /// More sets than a service has series; beyond it the sets are made anew.
    private static let maximumCount = 512

    private let sets = Locked<[Key: Attributes]>([:])

    /// Returns the set for a key, made of the key when it was not seen lately.
    func attributes(_ key: Key, _ make: (Key) -> Attributes) -> Attributes {
        if let known = sets.withLock({ $0[key] }) { return known }
        let made = make(key)
        sets.withLock { sets in
            if sets.count >= Self.maximumCount { sets = [:] }
            sets[key] = made
        }
        return made
    }
}
