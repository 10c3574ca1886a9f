// Attributes of client requests, with secrets redacted.

import Testing

@testable import Telemetry

struct HTTPClientRequestTests {
    private func attributes(_ url: String) -> Attributes { HTTPClientRequest(method: "GET", url: url).attributes() }

    @Test func requestHasItsRequiredAndRecommendedAttributes() {
        let request = HTTPClientRequest(
            method: "POST", url: "https://albums.example/albums?x=1#top", protocolVersion: "2", peerAddress: "192.0.2.4", peerPort: 443,
            urlTemplate: "/albums", resendCount: 2)
        #expect(request.spanName() == "POST /albums")
        #expect(
            request.attributes() == [
                "http.request.method": "POST", "url.full": "https://albums.example/albums?x=1#top", "url.template": "/albums",
                "server.address": "albums.example", "server.port": 443, "network.peer.address": "192.0.2.4", "network.peer.port": 443,
                "network.protocol.version": "2", "http.request.resend_count": 2,
            ])
    }

    @Test func spanNameWithoutTemplateIsTheMethod() {
        #expect(HTTPClientRequest(method: "GET", url: "http://h/albums/7").spanName() == "GET")
        #expect(HTTPClientRequest(method: "FETCH", url: "http://h/").spanName() == "HTTP")
    }

    @Test(
        arguments: [
            ("http://h/p", "h", 80), ("HTTPS://h", "h", 443), ("http://h:8080?x", "h", 8080),
            ("https://[2001:db8::1]:444/", "2001:db8::1", 444),
            ("ftp://h/", "h", nil), ("http://h:99999/", "h", 80), ("http://h:/", "h", 80), ("/relative?u=http://x", nil, nil),
            ("http:///p", nil, nil),
        ] as [(String, String?, Int64?)])
    func serverAddressIsTheHostOfTheURL(url: String, host: String?, port: Int64?) {
        #expect(attributes(url)["server.address"] == host.map { .string($0) })
        #expect(attributes(url)["server.port"] == port.map { .int($0) })
    }

    @Test(arguments: [
        ("https://user:secret@h/p", "https://REDACTED:REDACTED@h/p"), ("https://user@h", "https://REDACTED:REDACTED@h"),
        ("https://a@b:secret@h:1/x@y", "https://REDACTED:REDACTED@h:1/x@y"), ("//user:secret@h/", "//REDACTED:REDACTED@h/"),
        ("https://user:secret@\u{301}h/", "https://REDACTED:REDACTED@\u{301}h/"), ("http://h/a@b", "http://h/a@b"),
        ("http://h/?sig=secret#sig=shown", "http://h/?sig=REDACTED#sig=shown"),
        ("http://h?AWSAccessKeyId=secret&b", "http://h?AWSAccessKeyId=REDACTED&b"),
        ("http://h/#a?sig=shown", "http://h/#a?sig=shown"), ("/p?sig=secret", "/p?sig=REDACTED"), ("", ""),
    ])
    func secretsInTheURLAreRedacted(url: String, shown: String) {
        #expect(attributes(url)["url.full"] == .string(shown))
    }

    @Test(
        arguments: [
            ("h:443", "h", 443, "h:443"), ("[::1]:8443", "::1", 8443, "[::1]:8443"),
            ("user:secret@h:443", "h", 443, "REDACTED:REDACTED@h:443"), ("https://h/", "h", 443, "https://h/"),
        ] as [(String, String, Int64, String)])
    func connectHasServerAddressAndPortOfItsTarget(target: String, host: String, port: Int64, shown: String) {
        let attributes = HTTPClientRequest(method: "CONNECT", url: target).attributes()
        #expect(attributes["server.address"] == .string(host) && attributes["server.port"] == .int(port))
        #expect(attributes["url.full"] == .string(shown))
    }

    @Test func secretsInRandomURLsAreRedacted() {
        var random = SplitMix64(seed: 5)
        let pieces = ["x", "&", "=", "?", "é", "\u{301}", "%", "/", ":", "日"]
        for _ in 0..<3_000 {
            let noise = (0..<Int.random(in: 0...8, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            let shown = attributes("https://user:SECRET@\(noise)h/p?\(noise)&sig=SECRET&\(noise)")["url.full"]?.stringValue
            #expect(shown?.contains("SECRET") == false)
        }
    }
}
