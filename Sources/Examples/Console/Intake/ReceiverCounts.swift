// What came by each protocol.

import Synchronization

/// Counts the requests that were taken and refused, by the protocol in which they came.
package final class ReceiverCounts: Sendable {
    package enum Receiver: String, CaseIterable, Sendable {
        case http, grpc
    }

    /// The account of one protocol.
    package struct Count: Sendable, Equatable {
        package fileprivate(set) var taken = 0
        package fileprivate(set) var refused = 0
        /// Why nothing comes by it; nil if it is taken.
        package fileprivate(set) var problem: String?
    }

    private let counts = Mutex<[Receiver: Count]>([:])

    package init() {}

    package subscript(receiver: Receiver) -> Count { counts.withLock { $0[receiver] } ?? Count() }

    func note(_ receiver: Receiver, isTaken: Bool) {
        counts.withLock { counts in
            if isTaken { counts[receiver, default: Count()].taken += 1 } else { counts[receiver, default: Count()].refused += 1 }
        }
    }

    func note(_ receiver: Receiver, problem: String) { counts.withLock { $0[receiver, default: Count()].problem = problem } }
}
