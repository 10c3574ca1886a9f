// The names of the items of a signal in messages.

/// What the items of a pipeline are called.
enum ItemNoun: String, Sendable {
    case span
    case logRecord = "log record"
    case dataPoint = "data point"

    /// Returns a number of items, as `2 log records`.
    func quantity(_ count: some BinaryInteger) -> String { Telemetry.quantity(count, rawValue) }
}
