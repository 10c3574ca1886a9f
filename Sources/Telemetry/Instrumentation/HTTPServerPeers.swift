// What the requests of one connection have in common, kept for those to come.

/// The two sides of a connection, with the span attributes of its requests: their five values are parsed and encoded once.
final class HTTPServerPeer: Sendable {
    private let address: String
    private let port: Int
    /// The header `Host`.
    private let host: String
    let authority: HTTPAuthority?
    let spanAttributes: CommonAttributes

    init(address: String, port: Int, host: String) {
        self.address = address
        self.port = port
        self.host = host
        authority = HTTPAuthority(host)
        var attributes: [(String, AttributeValue)] = []
        Self.forEachAttribute(authority, client: address, address: address, port: port) { attributes.append(($0, $1)) }
        spanAttributes = CommonAttributes(attributes, tag: OTLPSchema.Span.attributes.tag)
    }

    /// Calls the closure with each span attribute that names a side of the connection: server, client and network peer.
    static func forEachAttribute(
        _ authority: HTTPAuthority?, client: String?, address: String?, port: Int?, _ body: (String, AttributeValue) -> Void
    ) {
        if let authority {
            body(SemanticAttributes.Server.address, .string(authority.host))
            if let port = authority.port { body(SemanticAttributes.Server.port, .int(Int64(port))) }
        }
        if let client { body(SemanticAttributes.Client.address, .string(client)) }
        if let address {
            body(SemanticAttributes.Network.peerAddress, .string(address))
            if let port { body(SemanticAttributes.Network.peerPort, .int(Int64(port))) }
        }
    }

    func isOf(address: String, port: Int, host: String) -> Bool { self.port == port && self.address == address && self.host == host }
}

/// Keeps the connections whose requests came last: their spans start with 1,200 instructions less.
final class HTTPServerPeers: Sendable {
    /// A power of two: 600 KiB at most, with that many connections.
    ///
    /// Linux assigns the connections of a client ports of one parity, some ten apart. With 256 places by port, 25 of 64 connections shared a
    /// place, and each of their requests encoded the peer again.
    static let capacity = 1024
    /// Longer names are not kept, since clients choose them.
    private static let longestHost = 128

    private let peers = LockedCache { [HTTPServerPeer?](repeating: nil, count: capacity) }

    /// Returns the peer of a connection, which replaces another one at its place.
    func peer(address: String, port: Int, host: String) -> HTTPServerPeer? {
        guard host.utf8.count <= Self.longestHost else { return nil }
        // Ports that count up by one have places of their own as well.
        let place = (port >> 1 ^ (port & 1) << 9) & (Self.capacity - 1)
        let known = peers.withLock { $0[place] }
        if let known, known.isOf(address: address, port: port, host: host) { return known }
        let made = HTTPServerPeer(address: address, port: port, host: host)
        peers.withLock { $0[place] = made }
        return made
    }
}
