// The bounds of the collector's memory, some of which environment variables set.

/// The amount of telemetry that the collector keeps.
struct CollectorLimits: Sendable {
    /// Traces, and as many lists of log records.
    var traces = 1_000
    /// Bytes of decoded spans, log records and metrics, with the overhead of their elements.
    var bytes = 64 << 20
    /// Spans, log records and points that are decoded for the terminal in a second, on average.
    var itemsPerSecond = 5_000
    var spansPerTrace = 1_000
    var logRecordsPerTrace = 1_000
    var metrics = 10_000

    /// The bytes of one trace, bounded so that it does not push out all others.
    var bytesPerTrace: Int { min(4 << 20, bytes / 8) }
}
