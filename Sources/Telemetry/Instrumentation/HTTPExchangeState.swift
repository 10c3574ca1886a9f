// What becomes known of an HTTP exchange while it is in progress.

import Synchronization

/// Holds what is set between the start of an exchange and its end, and decides which call ends it.
struct HTTPExchangeState: ~Copyable, Sendable {
    struct Values {
        var route: String?
        var protocolVersion: String?
        var requestBodySize: Int?
        var responseBodySize: Int?
    }

    private let values: Locked<Values>
    /// Relaxed: whoever finishes the exchange and shall see what another thread has set is ordered behind it by other means.
    private let hasValues: Atomic<Bool>
    /// Relaxed: it decides which call ends the exchange, and guards nothing else.
    private let finished = Atomic(false)

    init(requestBodySize: Int?) {
        values = Locked(Values(requestBodySize: requestBodySize))
        hasValues = Atomic(requestBodySize != nil)
    }

    var isFinished: Bool { finished.load(ordering: .relaxed) }

    func set(_ change: (inout Values) -> Void) {
        values.withLock { change(&$0) }
        hasValues.store(true, ordering: .relaxed)
    }

    /// Sets those of the sizes of bodies that are known.
    func setBodySizes(request: Int?, response: Int?) {
        set { values in
            if let request { values.requestBodySize = request }
            if let response { values.responseBodySize = response }
        }
    }

    /// Ends the exchange; returns nil if it has ended before.
    func finish() -> Values? {
        guard !finished.exchange(true, ordering: .relaxed) else { return nil }
        return hasValues.load(ordering: .relaxed) ? values.withLock { $0 } : Values()
    }
}
