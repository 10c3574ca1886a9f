// What metrics about processors and exporters are made of: counts to be read, and exports to be told of.

import Synchronization

/// What a component is, and where it delivers to. (Semantic conventions: `otel.component.type`, `server.address`, `server.port`.)
struct ExportComponent: Sendable, Hashable {
    /// As the conventions name it, or the name of the type where they have none.
    var type: String
    var serverAddress: String?
    var serverPort: Int?
}

/// What has become of the items of a processor's queue. (Semantic conventions: `otel.sdk.processor.span.…`.)
struct QueueCounts: Sendable, Equatable {
    var size: UInt64
    var capacity: UInt64
    /// Items for which the exporter was called, whatever came of it.
    var processed: UInt64
    /// Items that were lost before.
    var dropped: [DropReason: UInt64]
}

/// What has become of the items that an exporter was called with. (Semantic conventions: `otel.sdk.exporter.span.…`.)
struct ExporterCounts: Sendable, Equatable {
    /// Items that are being exported or wait to be tried again, on disk as well.
    var inFlight: UInt64 = 0
    /// Items that have been delivered: each once, whatever it took.
    var exported: UInt64 = 0
    /// Items that have not been delivered, after the last attempt.
    var failed: [DropReason: UInt64] = [:]
}

/// One export that is over, with all its attempts and the time between them.
struct FinishedExport: Sendable, Equatable {
    let seconds: Double
    /// Why not all items were delivered; nil for a full success.
    let failure: DropReason?
    /// The status of the last answer; nil where there was none.
    let httpStatus: Int?
}

/// A destination, and the ledger of what it was handed.
struct ExportEnd: Sendable {
    let destination: any ExportDestination
    let ledger: DeliveryLedger

    /// What the ledger knows, and what the destination has taken over to deliver it later.
    var counts: ExporterCounts {
        let status = destination.status
        var counts = ledger.exporterCounts
        counts.inFlight &+= status.waiting
        counts.exported &+= status.delivered
        counts.failed.merge(status.dropped, uniquingKeysWith: &+)
        return counts
    }
}

/// Tells one who has asked for it of something that happens seldom.
final class EventObserver<Event: Sendable>: Sendable {
    private let observer = Locked<(@Sendable (Event) -> Void)?>(nil)

    /// Whether somebody has asked: else an event need not be made.
    var isPresent: Bool { observer.withLock { $0 != nil } }

    /// Has a closure called for each event from now on; on any thread, without a lock.
    func observe(_ body: @escaping @Sendable (Event) -> Void) {
        observer.withLock { $0 = body }
    }

    func report(_ event: Event) {
        observer.withLock { $0 }?(event)
    }
}

/// What happens in an export that its exporter alone can tell; there is none where nobody wants to know.
final class ExportNotes: Sendable {
    /// The notes of the export that the running task is part of.
    @TaskLocal static var current: ExportNotes?

    /// Zero for no answer.
    private let lastStatus = Atomic(0)

    /// Notes how the last request was answered; nil when it was not.
    func note(httpStatus: Int?) { lastStatus.store(httpStatus ?? 0, ordering: .relaxed) }

    var httpStatus: Int? {
        let status = lastStatus.load(ordering: .relaxed)
        return status == 0 ? nil : status
    }
}
