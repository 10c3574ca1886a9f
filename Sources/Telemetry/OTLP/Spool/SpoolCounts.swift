// The accounting of a spool.

/// The outcomes of all items that were stored.
struct SpoolCounts: Sendable, Hashable {
    /// `stored` is always the sum of all others.
    struct Tally: Sendable, Hashable {
        /// Items that were stored.
        var stored: UInt64 = 0
        /// Items that the receiver accepted.
        var delivered: UInt64 = 0
        /// Items that the receiver rejected.
        var rejected: UInt64 = 0
        /// Items that exceeded the maximum age.
        var expired: UInt64 = 0
        /// Items that were dropped to make room for newer ones.
        var evicted: UInt64 = 0
        /// Items whose file was damaged or missing when it was read.
        var lost: UInt64 = 0
        var waiting: UInt64 = 0
    }

    /// Items that this process has stored, which its pipelines have counted as accepted.
    var own = Tally()
    /// Items that earlier processes have stored.
    var recovered = Tally()
    /// Items that could not be stored. The exporter sends them as if there were no spool, and its pipeline counts them.
    var refused: UInt64 = 0
    /// Files that were renamed because they are damaged.
    var damagedFiles: UInt64 = 0
    var waitingBatches: UInt64 = 0
    /// Bytes of disk that the waiting batches take.
    var waitingBytes: UInt64 = 0
}

extension ExporterStatus {
    /// Adds the outcomes of the items that the spool has taken over from the pipeline.
    mutating func add(_ counts: SpoolCounts) {
        delivered &+= counts.own.delivered
        waiting &+= counts.own.waiting
        for (reason, count) in [
            (DropReason.rejected, counts.own.rejected), (.spoolExpired, counts.own.expired), (.spoolFull, counts.own.evicted),
            (.spoolDamaged, counts.own.lost),
        ] where count > 0 {
            dropped[reason, default: 0] &+= count
        }
    }
}
