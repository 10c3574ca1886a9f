// The counts that only an exporter knows.

/// The retries of an exporter, and what became of the items that it has buffered.
///
/// The numbers are totals since the start, and those of one status belong to one moment.
public struct ExporterStatus: Sendable, Hashable {
    /// Attempts to send beyond the first of each export.
    public var retries: UInt64
    /// The failure of the last attempt, as a readable sentence; nil if it succeeded. A shutdown that gives items up reports it.
    public var retryCause: String?
    /// Buffered items that the receiver has taken by now.
    public var delivered: UInt64
    /// Buffered items that were lost, by reason.
    public var dropped: [DropReason: UInt64]
    /// Buffered items that still wait, in memory or on disk.
    public var waiting: UInt64
    /// The last loss of buffered items.
    public var lastFailure: PipelineHealth.Failure?

    /// Creates a status; counts of buffered items are for an exporter that buffers (``ReportingExporter/isBuffering``).
    public init(
        retries: UInt64 = 0, retryCause: String? = nil, delivered: UInt64 = 0, dropped: [DropReason: UInt64] = [:], waiting: UInt64 = 0,
        lastFailure: PipelineHealth.Failure? = nil
    ) {
        self.retries = retries
        self.retryCause = retryCause
        self.delivered = delivered
        self.dropped = dropped
        self.waiting = waiting
        self.lastFailure = lastFailure
    }
}
