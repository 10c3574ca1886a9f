// Errors that readers and exporters see.

/// The reason why a collection returns no metrics.
public enum MetricCollectionError: Error, Sendable, Hashable {
    /// The reader belongs to no provider yet.
    case notRegistered
    /// The provider was shut down.
    case shutDown
    /// A collection of the same provider has called the code that requests this one.
    ///
    /// That code is a callback, filter, producer or reservoir.
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
