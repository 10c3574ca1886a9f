// Refuses and reports a second provider.

/// The registration of a reader, which belongs to one provider at most.
///
/// (Specification: metrics SDK, "MetricReader".)
enum ReaderRegistration<Registered: Sendable>: Sendable {
    case open
    /// The reader is registered, and holds what it collects with.
    case taken(Registered)
    case shutDown

    /// The reason why no provider can register the reader any more.
    var refusal: ReaderRefusal? {
        switch self {
        case .open: nil
        case .taken: .alreadyRegistered
        case .shutDown: .shutDown
        }
    }
}

/// The reason why a provider cannot register a reader.
enum ReaderRefusal: Sendable {
    case alreadyRegistered
    case shutDown

    func report(_ reader: String) {
        let reason =
            switch self {
            case .alreadyRegistered: "it belongs to another one already, and goes on with the metrics of that one"
            case .shutDown: "it has been shut down"
            }
        Diagnostics.report(
            .error, topic: "metric_reader.registration",
            "A \(reader) was given to a provider of metrics, but \(reason): make a reader for each provider.")
    }
}
