// Looks up names for connections that are made once.

import Synchronization

/// Name resolution with a deadline, whose abandoned threads are bounded.
package enum AddressLookup {
    /// The system's resolver, of which a bounded number of threads wait.
    private struct Resolver: NameResolver {
        private static let maximumThreads = 64
        /// Relaxed: one thread more or less does not matter.
        private static let running = Atomic(0)

        func resolve(host: String, port: Int) -> Result<ResolvedName, SocketAddress.ResolutionError> {
            defer { Self.running.subtract(1, ordering: .relaxed) }
            guard Self.running.add(1, ordering: .relaxed).newValue <= Self.maximumThreads else {
                return .failure(SocketAddress.ResolutionError(reason: "too many lookups wait for the system's resolver"))
            }
            return SystemResolver().resolve(host: host, port: port)
        }
    }

    /// Returns the addresses of a host in the resolver's order, at least one.
    package static func addresses(of host: String, port: Int, until deadline: Deadline) throws(HTTPClientError) -> [SocketAddress] {
        let directory = HostDirectory(host: host, port: port, resolver: Resolver())
        try directory.prepare(Interruption(), until: deadline)
        return directory.known
    }
}
