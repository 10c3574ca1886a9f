// The result of a flush or shutdown.

/// The result of a flush or a shutdown.
public enum FlushResult: Sendable, Hashable {
    /// All that was accepted before has been delivered.
    case completed
    /// Something could not be delivered.
    case failed
    /// The deadline came first.
    case timedOut

    /// The worse of two results.
    func combined(with other: FlushResult) -> FlushResult {
        switch (self, other) {
        case (.timedOut, _), (_, .timedOut): .timedOut
        case (.failed, _), (_, .failed): .failed
        default: .completed
        }
    }
}
