// The losses that no flush or shutdown has reported.

import Synchronization

/// Keeps losses until a request that concerns them has been answered in time.
///
/// Positions count accepted items in their order; a request concerns those before its watermark.
struct UnreportedLosses {
    private var last: Int?

    /// False if something was lost that no answer has covered: a new request concerns it.
    var isEmpty: Bool { last == nil }

    /// Notes a loss, also in the unanswered requests that it concerns.
    mutating func note(at position: Int, _ unanswered: [FlushRequest]) {
        last = max(last ?? position, position)
        for request in unanswered where request.watermark.load(ordering: .relaxed) > position {
            request.coversLoss.store(true, ordering: .relaxed)
        }
    }

    /// Marks a new request as covering the losses before it.
    func cover(by request: FlushRequest) {
        if last != nil { request.coversLoss.store(true, ordering: .relaxed) }
    }

    /// Removes the losses that a request has reported.
    mutating func report(_ request: FlushRequest) {
        guard let last, request.coversLoss.load(ordering: .relaxed), last < request.watermark.load(ordering: .relaxed) else { return }
        self.last = nil
    }
}
