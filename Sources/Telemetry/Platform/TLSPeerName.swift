// A name in the certificate of a peer.

/// One of the names of a certificate, with its kind: a host name could be spelled like a URI.
package enum TLSPeerName: Hashable, Sendable {
    case host(String)
    case uri(String)

    package var text: String {
        switch self {
        case .host(let text), .uri(let text): text
        }
    }

    /// Returns whether it is the name of a setting: one with a colon is a URI, as `spiffe://cluster/albums`, any other a host.
    package func matches(_ name: String) -> Bool {
        self == (name.utf8.contains(UInt8(ascii: ":")) ? .uri(name) : .host(name))
    }
}
