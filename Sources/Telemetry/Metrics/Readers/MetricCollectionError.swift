// The errors of a collection.

/// Why there is nothing to collect.
public enum MetricCollectionError: Error, Sendable, Hashable {
    /// The reader belongs to no provider yet.
    case notRegistered
    /// The provider was shut down.
    case shutDown
    /// A callback, filter, producer or reservoir asked for it that a collection of the same provider has called, and is waiting for.
    case withinCollection
}

extension MetricCollectionError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notRegistered: "the reader belongs to no provider of metrics: give it to the one that is started"
        case .shutDown: "the reader or its provider has been shut down"
        case .withinCollection:
            "a collection of the same provider is under way, and called what asks for this one: collect from elsewhere, or afterwards"
        }
    }
}
