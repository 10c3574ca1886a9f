// Keeps what a stand-in of a service has received.

import ExampleSupport
import Synchronization

/// The requests that a stand-in of a service has received.
final class Seen: Sendable {
    private let list = Mutex<[ServiceRequest]>([])

    var requests: [ServiceRequest] { list.withLock { $0 } }

    func add(_ request: ServiceRequest) { list.withLock { $0.append(request) } }
}
