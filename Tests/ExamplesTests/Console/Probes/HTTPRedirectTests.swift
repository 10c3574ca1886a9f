// Where redirects lead, and dates of answers.

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
