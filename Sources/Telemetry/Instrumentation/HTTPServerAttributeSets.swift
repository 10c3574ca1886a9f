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
        var protocolVersion: String?

        /// A number that tells most keys apart. The texts are compared, which of one storage is cheap.
        fileprivate var place: Int { (statusCode ?? 0) &* 7 &+ (route?.utf8.count ?? 0) &* 3 &+ method.utf8.count }

        /// Hashes what tells most keys apart; comparing equal texts of one storage is cheap.
        func hash(into hasher: inout Hasher) {
            hasher.combine(statusCode ?? 0)
            hasher.combine(route?.utf8.count ?? -1)
            hasher.combine(method.utf8.count)
        }
    }

    /// More sets than a service has series; beyond it the sets are made anew.
    private static let maximumCount = 512
    /// A power of two.
    private static let recentCount = 32

    /// A set with its key. An object, since looking at a structure in an array copies all its texts.
    private final class Entry: Sendable {
        let key: Key
        let attributes: Attributes

        init(_ key: Key, _ attributes: Attributes) {
            self.key = key
            self.attributes = attributes
        }
    }

    private struct State {
        /// The set that was last found at each place: hashing a key takes twice as long as comparing it with this one.
        var recent = [Entry?](repeating: nil, count: recentCount)
        var all: [Key: Entry] = [:]
    }

    private let state = Locked(State())

    /// Returns the set for a key, made of the key when it was not seen lately.
    func attributes(_ key: Key, _ make: (Key) -> Attributes) -> Attributes {
        let place = key.place & (Self.recentCount - 1)
        let known = state.withLock { state -> Entry? in
            if let recent = state.recent[place], recent.key == key { return recent }
            guard let found = state.all[key] else { return nil }
            state.recent[place] = found
            return found
        }
        if let known { return known.attributes }
        let made = Entry(key, make(key))
        state.withLock { state in
            if state.all.count >= Self.maximumCount { state.all = [:] }
            state.all[key] = made
            state.recent[place] = made
        }
        return made.attributes
    }
}
