// The options of a spool: its directory and its limits.

/// A directory where batches wait while their receiver is away, and where the next process finds them after a crash.
///
/// ```swift
/// .otlp(endpoint: "http://collector:4318", spool: .directory("/var/lib/checkout/telemetry"))
/// ```
///
/// A batch that cannot be delivered goes to a file of its own and the batches after it go behind it; they are sent in order, oldest
/// first, once the receiver is back. What a process leaves behind when it ends, however it ends, is sent by the next one with the
/// same directory and receiver. Processes may share a directory: each has a part of its own and takes over those of the dead.
///
/// A file is removed as soon as the receiver has acknowledged it, so that nothing is sent again after that. Only a process that dies
/// between the receiver's answer and the removal leaves a batch that is sent twice.
public struct SpoolOptions: Sendable, Hashable {
    /// When files are brought to the disk itself. A process that is killed loses nothing in any case; this is for the host's loss
    /// of power.
    public enum Synchronization: Sendable, Hashable {
        /// Before a batch counts as kept. Safest, and slow where the disk is.
        case everyBatch
        /// All that is new, that often.
        case interval(Duration)
        /// When the operating system does it.
        case never
    }

    /// The directory; it is made where it is missing, readable by the process's own user only.
    public var directory: String
    /// The most that may wait, for each signal and receiver. Each batch counts as whole blocks of 4 KiB. Beyond it the oldest go.
    public var maximumBytes: Int
    /// What has waited for longer is not sent any more.
    public var maximumAge: Duration
    public var synchronization: Synchronization

    public init(
        directory: String, maximumBytes: Int = 256 << 20, maximumAge: Duration = .seconds(24 * 3600),
        synchronization: Synchronization = .interval(.seconds(1))
    ) {
        precondition(!directory.isEmpty, "A directory has a name.")
        precondition(maximumBytes > 0, "Something may wait.")
        precondition(maximumAge > .zero, "Batches may wait for some time.")
        if case .interval(let interval) = synchronization { precondition(interval > .zero, "An interval is positive.") }
        self.directory = directory
        self.maximumBytes = maximumBytes
        self.maximumAge = maximumAge
        self.synchronization = synchronization
    }

    /// Batches wait in this directory: 256 MiB of them for a day, brought to disk once a second, unless told otherwise.
    public static func directory(
        _ path: String, maximumBytes: Int = 256 << 20, maximumAge: Duration = .seconds(24 * 3600),
        synchronization: Synchronization = .interval(.seconds(1))
    ) -> SpoolOptions {
        SpoolOptions(directory: path, maximumBytes: maximumBytes, maximumAge: maximumAge, synchronization: synchronization)
    }
}
