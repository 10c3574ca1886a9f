// Binds a reader to one provider, and reports further providers.

/// Where a reader stands: it belongs to one provider at most, once and for all. (Specification: metrics SDK, "MetricReader".)
enum ReaderRegistration<Machine: Sendable>: Sendable {
    case open
    /// A provider has it; with what the reader needs for that.
    case taken(Machine)
    case shutDown

    /// Why no provider can take the reader any more.
    var refusal: ReaderRefusal? {
        switch self {
        case .open: nil
        case .taken: .alreadyTaken
        case .shutDown: .shutDown
        }
    }
}

/// Why a provider cannot have a reader.
enum ReaderRefusal: Sendable {
    case alreadyTaken
    case shutDown

    func report(_ reader: String) {
        let reason =
            switch self {
            case .alreadyTaken: "it belongs to another one already, and goes on with the metrics of that one"
            case .shutDown: "it has been shut down"
            }
        Diagnostics.report(
            .error, topic: "metric_reader.registration",
            "A \(reader) was given to a provider of metrics, but \(reason): make a reader for each provider.")
    }
}
