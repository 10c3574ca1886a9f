// Parsing of endpoint URLs.

import Testing

@testable import Telemetry

struct HTTPURLTests {
    @Test(arguments: [
        ("http://collector:4318/v1/traces", "collector", 4318, "/v1/traces", "collector:4318"),
        ("http://collector", "collector", 80, "/", "collector"),
        ("HTTPS://Example.org?x=1", "Example.org", 443, "/?x=1", "Example.org"),
        ("http://[::1]:8080/a#fragment", "::1", 8080, "/a", "[::1]:8080"),
        ("http://[fe80::1]", "fe80::1", 80, "/", "[fe80::1]"),
        ("http://host:80/", "host", 80, "/", "host"),
        ("http://host:/p", "host", 80, "/p", "host"),
        ("http://host/ü", "host", 80, "/%C3%BC", "host"),
    ])
    func urlsAreParsed(text: String, host: String, port: Int, target: String, authority: String) throws {
        let url = try #require(HTTPURL(text))
        #expect(url.host == host)
        #expect(url.port == port)
        #expect(url.target == target)
        #expect(url.authority == authority)
    }

    @Test func userInformationIsExcludedFromAuthority() throws {
        let url = try #require(HTTPURL("http://user:p@ss@host:1/x"))
        #expect(url.userInformation == "user:p@ss")
        #expect(url.authority == "host:1")
        #expect(url.description == "http://host:1/x")
    }

    @Test(arguments: [
        "", "collector:4318", "ftp://host/", "http://", "http:///path", "http://host:0/", "http://host:65536/", "http://host:+80/",
        "http://host:8a/", "http://ho st/", "http://host/\r\nX: 1", "http://[::1", "http://[::1]x/", "http://[]/", "http://a:b:c/",
        "http://höst/", "http://[host]/", "http://:80/", "unix:", "unix:run/otel.sock", "unix://host/otel.sock", "unix:/", "unix::/p",
        "unix:///", "unix:/:/p", "unix:/a b", "unix:////a",
    ])
    func malformedURLsAreRefused(text: String) {
        #expect(HTTPURL(text) == nil)
    }

    @Test(arguments: [
        ("unix:/run/otel.sock", "/run/otel.sock", "/"), ("unix:///run/otel.sock", "/run/otel.sock", "/"),
        ("UNIX:/run/otel.sock:/v1/traces?a", "/run/otel.sock", "/v1/traces?a"), ("unix:/run/a:b.sock", "/run/a:b.sock", "/"),
        ("unix:///run/otel.sock:/#f", "/run/otel.sock", "/"), ("unix:/run/ü.sock:/ü", "/run/ü.sock", "/%C3%BC"),
    ])
    func unixSocketURLsAreParsed(text: String, path: String, target: String) throws {
        let url = try #require(HTTPURL(text))
        #expect(url.socketPath == path)
        #expect(url.target == target)
        #expect(url.authority == "localhost")
        #expect(!url.isSecure)
        #expect(HTTPURL(url.description) == url)
    }

    @Test(arguments: [
        ("http://c:4318", "http://c:4318/v1/traces"), ("http://c:4318/", "http://c:4318/v1/traces"),
        ("https://c/base?key=1", "https://c/base/v1/traces?key=1"), ("unix:/run/o.sock", "unix:/run/o.sock:/v1/traces"),
        ("unix:/run/o.sock:/base/", "unix:/run/o.sock:/base/v1/traces"),
    ])
    func pathIsAppended(base: String, whole: String) throws {
        #expect(try #require(HTTPURL(base)).appending(path: "v1/traces").description == whole)
    }

    @Test func randomURLsNeverTrapAndRoundTrip() {
        var random = SplitMix64(seed: 12)
        let pieces = [
            "http://", "https://", "unix:", "//", "/", ":", "@", "[", "]", "::1", "host", "80", "?", "#", "%", "ü", "\0", " ", "..",
        ]
        for _ in 0..<50_000 {
            let text = (0..<Int.random(in: 0...8, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            guard let url = HTTPURL(text) else { continue }
            // The description is parsed as the same URL, except for user information.
            let again = HTTPURL(url.description)
            #expect(again?.description == url.description, "\(text)")
            #expect(again?.host == url.host && again?.port == url.port && again?.target == url.target, "\(text)")
            #expect(url.target.utf8.first == UInt8(ascii: "/"))
            #expect(url.appending(path: "v1/traces").target.contains("v1/traces"))
        }
    }

    @Test(
        arguments: [
            ("http://c/v1/logs", "http://c/"), ("http://c/x/v1/logs/?a=1", "http://c/x/?a=1"),
            ("unix:/run/c.sock:/v1/logs", "unix:/run/c.sock:/"),
            ("http://c/v1/logs/x", nil), ("http://c/xv1/logs", nil), ("http://c", nil), ("http://c/?v1/logs", nil),
        ] as [(String, String?)])
    func pathAtTheEndIsRemoved(text: String, expected: String?) {
        #expect(HTTPURL(text)?.removing(path: "v1/logs")?.description == expected)
    }
}
