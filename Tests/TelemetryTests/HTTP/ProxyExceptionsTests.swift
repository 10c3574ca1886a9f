// The rules of `no_proxy`.

import Testing

@testable import Telemetry

struct ProxyExceptionsTests {
    private static let cases: [(list: String, host: String, isExcepted: Bool)] = [
        ("example.org", "example.org", true), ("example.org", "a.b.example.org", true), ("example.org", "notexample.org", false),
        ("EXAMPLE.org", "Example.ORG.", true), (".example.org", "a.example.org", true), (".example.org", "example.org", false),
        ("*.example.org", "a.example.org", true), ("*.example.org", "example.org", false), ("*", "anything", true), ("*", "10.0.0.1", true),
        ("example.org:4318", "a.example.org", true), ("example.org:4317", "example.org", false), ("org", "example.org", true),
        ("10.1.2.3", "10.1.2.3", true), ("10.1.2.3", "10.1.2.30", false), ("10.1.2.3:4318", "10.1.2.3", true),
        ("10.1.2.3:1", "10.1.2.3", false), ("10.0.0.0/8", "10.200.0.1", true), ("10.0.0.0/8", "11.0.0.1", false),
        ("10.0.0.0/7", "11.0.0.1", true), ("0.0.0.0/0", "8.8.8.8", true), ("0.0.0.0/0", "name", false), ("10.0.0.0/33", "10.0.0.1", false),
        ("10.0.0.0/", "10.0.0.0", false), ("10.1.2.3/32", "10.1.2.3", true), ("fe80::/10", "fe80::1%eth0", true),
        ("fe80::/10", "fec0::1", false),
        ("::1", "0:0:0:0:0:0:0:1", true), ("[::1]", "::1", true), ("[::1]:4318", "::1", true), ("[::1]:1", "::1", false),
        ("::ffff:10.0.0.1", "10.0.0.1", true), ("10.0.0.0/8", "::ffff:10.0.0.1", true), ("::/0", "10.0.0.1", false),
        ("2.3", "10.1.2.3", false), ("", "example.org", false), (",, ,", "example.org", false), (".", "example.org", false),
        ("*.", "example.org", false), ("a, example.org b", "example.org", true), ("a b\texample.org", "example.org", true),
        ("example.org:", "example.org", false), ("[::1", "::1", false), ("[::1]x", "::1", false),
    ]

    @Test(arguments: cases) func hostsMatchByNameAddressAndRange(list: String, host: String, isExcepted: Bool) {
        #expect(ProxyExceptions(list).contains(host: host, port: 4318) == isExcepted)
    }

    @Test func randomListsNeverTrap() {
        var random = SplitMix64(seed: 77)
        let pieces = [
            "example", ".", "org", ":", "*", "[", "]", "/", ",", " ", "10", "255", "::", "%", "fe80", "-", "ü", "\u{0}", "32", "4318",
        ]
        func text() -> String {
            (0..<Int.random(in: 0...12, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
        }
        for _ in 0..<20_000 {
            let (list, host) = (text(), text())
            let exceptions = ProxyExceptions(list)
            let isExcepted = exceptions.contains(host: host, port: 4318)
            // One more entry excepts no less, and the order of entries does not matter.
            let other = text()
            #expect(!isExcepted || ProxyExceptions(list + "," + other).contains(host: host, port: 4318))
            #expect(
                ProxyExceptions(list + "," + other).contains(host: host, port: 4318)
                    == ProxyExceptions(other + "," + list).contains(host: host, port: 4318))
            _ = HTTPProxy(list)
        }
    }
}
