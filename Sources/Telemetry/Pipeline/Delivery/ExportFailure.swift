// The error that exporters throw.

/// The reason why an exporter did not deliver all of a batch; the processor drops and counts the rest.
public enum ExportFailure: Error, Equatable, Sendable {
    /// Delivering it later might have worked; the exporter's own retries are used up. The reason is the last failure.
    case retryable(after: Duration?, reason: String = "the receiver could not be reached or asked to come back later")
    /// Delivering it again would fail again.
    case rejected(reason: String)
    /// The receiver took the batch but for some items; it is not sent again.
    case partiallyRejected(count: Int, reason: String)
    /// The deadline came before the batch was delivered. The reason is the failure of the last attempt; nil if unknown.
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
