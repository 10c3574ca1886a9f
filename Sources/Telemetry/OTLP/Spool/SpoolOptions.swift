// The options of a spool: its directory and its limits.

/// A directory that stores batches while their receiver is unavailable, and for the next process after a crash.
///
/// ```swift
/// .otlp(endpoint: "http://collector:4318", spool: .directory("/var/lib/checkout/telemetry"))
/// ```
///
/// A batch that cannot be delivered is stored in a file of its own, and so are the batches after it; they are sent oldest first once
/// the receiver is available. Batches that are left when a process ends, however it ends, are sent by the next one with the same
/// directory and receiver. Processes may share a directory: each has a part of its own and adopts those of ended processes.
///
/// A file is removed as soon as the receiver has acknowledged it, so that nothing is sent again after that. Only a process that dies
/// between the receiver's answer and the removal leaves a batch that is sent twice.
public struct SpoolOptions: Sendable, Hashable {
    /// When files are synchronized to the disk. A killed process loses nothing in any case; this is for a loss of power.
    public enum Synchronization: Sendable, Hashable {
        /// Before a batch counts as stored. This is safest, and as slow as the disk.
        case everyBatch
        /// All new files, at this interval.
        case interval(Duration)
        /// Never by the spool; the operating system decides.
        case never
    }

    /// The directory; it is created if it is missing, readable by the process's user only.
    public var directory: String
    /// The limit of stored bytes for each signal and receiver, counted in blocks of 4 KiB; above it the oldest batches are dropped.
    public var maximumBytes: Int
    /// The age above which a batch is dropped.
    public var maximumAge: Duration
    public var synchronization: Synchronization

    public init(
        directory: String, maximumBytes: Int = 256 << 20, maximumAge: Duration = .seconds(24 * 3600),
        synchronization: Synchronization = .interval(.seconds(1))
    ) {
        self.directory = directory
        self.maximumBytes = maximumBytes
        self.maximumAge = maximumAge
        self.synchronization = synchronization
    }

    /// Stores batches in a directory: by default up to 256 MiB for a day, synchronized once a second.
    public static func directory(
        _ path: String, maximumBytes: Int = 256 << 20, maximumAge: Duration = .seconds(24 * 3600),
        synchronization: Synchronization = .interval(.seconds(1))
    ) -> SpoolOptions {
        SpoolOptions(directory: path, maximumBytes: maximumBytes, maximumAge: maximumAge, synchronization: synchronization)
    }
}

extension SpoolOptions: CheckedSettings {
    var problem: ConfigurationError? {
        if directory.isEmpty {
            return ConfigurationError(setting: "spool.directory", value: "", expected: "the path of a directory")
        }
        if maximumBytes < 1 {
            return ConfigurationError(setting: "spool.maximumBytes", value: "\(maximumBytes)", expected: "1 byte or more")
        }
        if maximumAge <= .zero {
            return ConfigurationError(setting: "spool.maximumAge", value: "\(maximumAge)", expected: "a duration above zero")
        }
        if case .interval(let interval) = synchronization, interval <= .zero {
            return ConfigurationError(
                setting: "spool.synchronization", value: "interval(\(interval))", expected: "an interval above zero, or everyBatch")
        }
        return nil
    }
}
