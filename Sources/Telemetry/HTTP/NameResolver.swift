// What turns a name into addresses.

/// Finds the addresses of a host; a call may block for long, and is made on a thread of its own.
protocol NameResolver: Sendable {
    func resolve(host: String, port: Int) -> Result<ResolvedName, SocketAddress.ResolutionError>
}

/// The answer of a resolver.
struct ResolvedName: Sendable {
    var addresses: [SocketAddress]
    /// How long the addresses hold; nil if the resolver does not know.
    var lifetime: Duration?
}

/// The resolver of the C library, which gives both IPv4 and IPv6 addresses and no lifetime.
struct SystemResolver: NameResolver {
    func resolve(host: String, port: Int) -> Result<ResolvedName, SocketAddress.ResolutionError> {
        SocketAddress.resolve(host: host, port: port).map { ResolvedName(addresses: $0) }
    }
}
