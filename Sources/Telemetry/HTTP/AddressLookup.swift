// Looks up names for connections that are made once.

import Synchronization

/// Name resolution with a deadline, whose abandoned threads are bounded.
package enum AddressLookup {
    private static let maximumThreads = 64
    /// Relaxed: one thread more or less does not matter.
    private static let running = Atomic(0)

    /// Returns the addresses of a host, at least one.
    package static func addresses(of host: String, port: Int, until deadline: Deadline) throws(HTTPClientError) -> [SocketAddress] {
        let lookup = HostLookup(host: host, port: port) { host, port in
            defer { running.subtract(1, ordering: .relaxed) }
            guard running.add(1, ordering: .relaxed).newValue <= maximumThreads else {
                return .failure(SocketAddress.ResolutionError(reason: "too many lookups wait for the system's resolver"))
            }
            return SocketAddress.resolve(host: host, port: port)
        }
        return try lookup.addresses(Interruption(), until: deadline)
    }
}
