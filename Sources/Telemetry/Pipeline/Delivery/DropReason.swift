// The reasons for losing an item.

/// Why an item was not delivered. The texts are the ones that the semantic conventions have for `error.type`, where they
/// have one.
public enum DropReason: String, Sendable, Hashable, CaseIterable {
    /// The queue had no room: the receiver is slow or away, or more is recorded than can be sent.
    case queueFull = "queue_full"
    /// The item came after the shutdown, or in a forked child, where telemetry that was started before the fork has ended.
    case alreadyShutDown = "already_shutdown"
    /// The receiver refused it for good, or it cannot be sent as it is.
    case rejected = "rejected"
    /// The receiver could not be reached, or asked to come back later, until the retries were used up.
    case unreachable = "unreachable"
    /// The export took longer than its timeout.
    case timedOut = "timeout"
    /// The deadline of the shutdown came first.
    case shutdownDeadline = "shutdown_deadline"
    /// It lay on disk, and the room there was needed for newer items.
    case spoolFull = "spool_full"
    /// It lay on disk for longer than items are kept.
    case spoolExpired = "spool_expired"
    /// It lay on disk, and what was read back was damaged, or it could not be written.
    case spoolDamaged = "spool_damaged"
}

extension DropReason: CustomStringConvertible {
    /// The reason in words: `queue full`, `already shutdown`.
    public var description: String { String(rawValue.map { $0 == "_" ? " " : $0 }) }
}
