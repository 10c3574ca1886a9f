// Where redirects lead, and dates of answers.

import ExampleSupport
import Telemetry
import Testing

@testable import TelemetryConsole

struct HTTPRedirectTests {
    /// Examples of RFC 3986, section 5.4, as far as servers send them.
    @Test(
        arguments: [
            ("https://other.example/x", "https://other.example/x"), ("//g/a", "http://g/a"), ("/g", "http://a:81/g"),
            ("g", "http://a:81/b/c/g"),
            ("?y", "http://a:81/b/c/d?y"), ("#s", "http://a:81/b/c/d?q"), ("", "http://a:81/b/c/d?q"), ("g?y#s", "http://a:81/b/c/g?y"),
            ("mailto:ada@example.com", nil), ("unix:/run/a", nil), ("http://", nil), ("http://a b/", nil),
        ] as [(String, String?)])
    func referencesAreResolved(reference: String, expected: String?) throws {
        let base = try #require(HTTPURL("http://a:81/b/c/d?q"))
        #expect(base.resolving(reference)?.description == expected)
    }

    /// The examples of RFC 3986, sections 5.4.1 and 5.4.2, that are URLs of HTTP.
    @Test(
        arguments: [
            ("g", "/b/c/g"), ("./g", "/b/c/g"), ("g/", "/b/c/g/"), ("/g", "/g"), ("?y", "/b/c/d;p?y"), ("g?y", "/b/c/g?y"),
            ("#s", "/b/c/d;p?q"), ("g#s", "/b/c/g"), ("g?y#s", "/b/c/g?y"), (";x", "/b/c/;x"), ("g;x", "/b/c/g;x"),
            ("g;x?y#s", "/b/c/g;x?y"), ("", "/b/c/d;p?q"), (".", "/b/c/"), ("./", "/b/c/"), ("..", "/b/"), ("../", "/b/"), ("../g", "/b/g"),
            ("../..", "/"), ("../../", "/"), ("../../g", "/g"), ("../../../g", "/g"), ("../../../../g", "/g"), ("/./g", "/g"),
            ("/../g", "/g"), ("g.", "/b/c/g."), (".g", "/b/c/.g"), ("g..", "/b/c/g.."), ("..g", "/b/c/..g"), ("./../g", "/b/g"),
            ("./g/.", "/b/c/g/"), ("g/./h", "/b/c/g/h"), ("g/../h", "/b/c/h"), ("g;x=1/./y", "/b/c/g;x=1/y"), ("g;x=1/../y", "/b/c/y"),
            ("g?y/./x", "/b/c/g?y/./x"), ("g?y/../x", "/b/c/g?y/../x"), ("g#s/./x", "/b/c/g"), ("g#s/../x", "/b/c/g"),
        ])
    func dotSegmentsAreRemoved(reference: String, target: String) throws {
        let base = try #require(HTTPURL("http://a/b/c/d;p?q"))
        #expect(base.resolving(reference)?.description == "http://a\(target)")
        #expect(base.resolving("//g/x/.././y")?.description == "http://g/y")
    }

    @Test(
        "secrets follow a redirect to the same server alone",
        arguments: [
            ("https://a/", "/b", true), ("https://a/", "https://A:443/b", true), ("https://a/", "http://a/", false),
            ("http://a:443/", "https://a/", false), ("https://a/", "https://a:8443/", false), ("https://a/", "https://b/", false),
        ])
    func secretsStayWithTheirServer(from: String, location: String, isKept: Bool) throws {
        var reader = HTTPMessageReader(responses: HTTPLimits())
        let answer = Array("HTTP/1.1 302 Found\r\nLocation: \(location)\r\nContent-Length: 0\r\n\r\n".utf8)
        answer.withUnsafeBytes { reader.append($0) }
        let head = try #require(try reader.next()?.head)
        let request = HTTPOutgoingRequest(
            method: "GET", url: try #require(HTTPURL(from)), headers: ["Authorization": "Bearer a", "Cookie": "b=c", "X-Own": "d"], body: []
        )
        let next = try #require(HTTPProber.redirect(head, request))
        #expect((next.headers["Authorization"] != nil) == isKept && (next.headers["Cookie"] != nil) == isKept)
        #expect(next.headers["X-Own"] == "d")
    }

    @Test(
        "a target is shown without user and password",
        arguments: [
            ("http://ada:secret@host/a?b=c@d", "http://…@host/a?b=c@d"), ("HTTPS://ada@host", "HTTPS://…@host"),
            ("ada:secret@host:80", "…@host:80"), ("http://ada:se@cret@host/", "http://…@host/"),
            ("http://host/?b=c@d", "http://host/?b=c@d"),
            ("http://ada:sec/ret@host/", "http://…@host/"), ("host:22", "host:22"),
        ])
    func targetIsShownWithoutSecrets(target: String, shown: String) {
        #expect(ProbeTarget.shown(target) == shown)
    }

    @Test func datesAreReadAsHTTPWritesThem() {
        #expect(HTTPDateText.seconds("Sun, 06 Nov 1994 08:49:37 GMT") == 784_111_777)
        for text in [
            "", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT", "Sun, 32 Nov 1994 08:49:37 GMT",
            "Sun, 06 Foo 1994 08:49:37 GMT",
        ] {
            #expect(HTTPDateText.seconds(text) == nil, "\(text)")
        }
    }
}
