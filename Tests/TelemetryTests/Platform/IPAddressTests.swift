// Parsing and comparison of numeric addresses.

import Testing

@testable import Telemetry

struct IPAddressTests {
    @Test func numericAddressesAreParsedAndCompared() {
        #expect(IPAddress("10.1.2.3")?.bytes == [10, 1, 2, 3])
        #expect(IPAddress("::1")?.bytes == [UInt8](repeating: 0, count: 15) + [1])
        #expect(IPAddress("::ffff:10.1.2.3") == IPAddress("10.1.2.3"))
        #expect(IPAddress("FE80::0:1") == IPAddress("fe80::1"))
        for text in ["", "10.1.2", "10.1.2.256", "localhost", "[::1]", "fe80::1%eth0", "10.1.2.3 ", "1::2::3"] {
            #expect(IPAddress(text) == nil, "\(text)")
        }
    }

    @Test func loopbackAddressesAreRecognized() {
        for text in ["127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"] { #expect(IPAddress(text)?.isLoopback == true, "\(text)") }
        for text in ["128.0.0.1", "0.0.0.0", "::", "::2", "1::1"] { #expect(IPAddress(text)?.isLoopback == false, "\(text)") }
    }

    @Test func prefixesAreComparedBitByBit() throws {
        let (address, base) = (try #require(IPAddress("10.1.130.3")), try #require(IPAddress("10.1.128.0")))
        for bits in 0...22 { #expect(address.hasPrefix(bits, of: base)) }
        for bits in [23, 24, 32, 33, -1] { #expect(!address.hasPrefix(bits, of: base)) }
        #expect(!address.hasPrefix(0, of: try #require(IPAddress("::"))))
    }
}
