// Ports and texts of numeric addresses.

import Testing

@testable import Telemetry

struct SocketAddressTests {
    @Test(arguments: [("127.0.0.1", "127.0.0.1:4660"), ("::1", "[::1]:4660")])
    func replacedPortKeepsBothBytesAndTheHost(host: String, expected: String) throws {
        let address = try #require(try SocketAddress.resolve(host: host, port: 80, isNumeric: true).get().first)
        #expect(address.with(port: 0x1234).text == expected)
        #expect(address.with(port: 0x1234).hostAndPort.port == 4660)
    }
}
