// What is kept of connections.

import Testing

@testable import Telemetry

struct HTTPServerPeersTests {
    /// Linux gives connections to one address ports of one parity, each a random number of up to eight such ports after the one before.
    @Test(arguments: [32_768, 40_001, 60_000]) func connectionsOfOneClientKeepTheirPeers(firstPort: Int) throws {
        let peers = HTTPServerPeers()
        var random = SplitMix64(seed: UInt64(firstPort))
        var ports = [firstPort]
        while ports.count < 200 { ports.append(ports[ports.count - 1] + 2 * (1 + Int(random.next() % 8))) }
        let first = try ports.map { try #require(peers.peer(address: "127.0.0.1", port: $0, host: "albums:9080")) }
        for (port, peer) in zip(ports, first) {
            #expect(peers.peer(address: "127.0.0.1", port: port, host: "albums:9080") === peer)
        }
    }

    @Test func portsInARowHavePlacesOfTheirOwn() throws {
        let peers = HTTPServerPeers()
        let ports = 40_000..<40_200
        let first = try ports.map { try #require(peers.peer(address: "127.0.0.1", port: $0, host: "albums")) }
        for (port, peer) in zip(ports, first) { #expect(peers.peer(address: "127.0.0.1", port: port, host: "albums") === peer) }
    }

    @Test func anotherConnectionAtThePlaceOfOneReplacesIt() throws {
        let peers = HTTPServerPeers()
        let one = try #require(peers.peer(address: "10.0.0.1", port: 5000, host: "albums"))
        let other = try #require(peers.peer(address: "10.0.0.2", port: 5000 + 2 * HTTPServerPeers.capacity, host: "albums:80"))
        #expect(other.authority == HTTPAuthority("albums:80"))
        #expect(peers.peer(address: "10.0.0.2", port: 5000 + 2 * HTTPServerPeers.capacity, host: "albums:80") === other)
        let again = try #require(peers.peer(address: "10.0.0.1", port: 5000, host: "albums"))
        #expect(again !== one && again.authority == one.authority)
    }
}
