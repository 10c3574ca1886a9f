// Why a batch was not delivered, and how flushing and shutting down ended.

/// Why an exporter did not deliver a batch, or not all of it. The processor drops what was not delivered and counts it.
public enum ExportFailure: Error, Equatable, Sendable {
    /// Delivering it later might have worked; the exporter's own retries are used up. The reason tells what happened last.
    case retryable(after: Duration?, reason: String = "the receiver could not be reached or asked to come back later")
    /// Delivering it again would fail again.
    case rejected(reason: String)
    /// The receiver took the batch but for some items; it is not sent again.
    case partiallyRejected(count: Int, reason: String)
    /// The time was over before the batch was delivered. The reason tells what the last attempt met with; nil when nothing is known.
    case timedOut(reason: String? = nil)
    /// The exporter was shut down before.
    case shutDown
}

extension ExportFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .retryable(_, let reason), .rejected(let reason): reason
        case .partiallyRejected(let count, let reason): "\(quantity(count, "item")) \(count == 1 ? "was" : "were") rejected: \(reason)"
        case .timedOut(nil): "the export took longer than its timeout"
        case .timedOut(let reason?): "the export took longer than its timeout: \(reason)"
        case .shutDown: "the exporter has been shut down"
        }
    }
}
