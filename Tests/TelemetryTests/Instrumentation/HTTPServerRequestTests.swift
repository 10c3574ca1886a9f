// Attributes of server requests by the semantic conventions.

import Testing

@testable import Telemetry

struct HTTPServerRequestTests {
    private func request(
        _ method: String = "GET", _ target: String = "/", headers: [String: [String]] = [:], route: String? = nil, peer: String? = nil
    ) -> HTTPServerRequest {
        HTTPServerRequest(method: method, target: target, peerAddress: peer, route: route) { headers[$0] ?? [] }
    }

    @Test func requestHasItsRequiredAndRecommendedAttributes() {
        let request = HTTPServerRequest(
            method: "GET", target: "/albums/7?sort=year&limit=3", scheme: "HTTPS", protocolVersion: "HTTP/1.1", peerAddress: "10.0.0.9",
            peerPort: 51_234, route: "/albums/{id}"
        ) { ["host": ["albums.example:8443"], "user-agent": ["curl/8.5"]][$0] ?? [] }
        #expect(request.spanName() == "GET /albums/{id}")
        #expect(
            request.attributes() == [
                "http.request.method": "GET", "url.path": "/albums/7", "url.query": "sort=year&limit=3", "url.scheme": "https",
                "http.route": "/albums/{id}", "server.address": "albums.example", "server.port": 8443, "client.address": "10.0.0.9",
                "network.peer.address": "10.0.0.9", "network.peer.port": 51234, "network.protocol.version": "1.1",
                "user_agent.original": "curl/8.5",
            ])
    }

    @Test func unknownValuesAreOmitted() {
        #expect(request().attributes() == ["http.request.method": "GET", "url.path": "/", "url.scheme": "http"])
    }

    @Test func pathIsNeverTheSpanName() {
        #expect(request("GET", "/albums/7").spanName() == "GET")
        #expect(request("GET", "/albums/7", route: "").spanName() == "GET")
    }

    @Test(
        arguments: [
            ("/a?b=c", "/a", "b=c"), ("/a?", "/a", ""), ("/a#f?x", "/a", nil), ("*", "*", nil), ("http://host:1/a?b", "/a", "b"),
            ("http://host", "/", nil), ("http://host?q=1", "/", "q=1"), ("/go?to=http://b/c", "/go", "to=http://b/c"), ("", "/", nil),
            ("/a?b?c", "/a", "b?c"),
        ] as [(String, String, String?)])
    func targetIsSplitIntoPathAndQuery(target: String, path: String, query: String?) {
        let request = request("GET", target)
        #expect(request.path == path)
        #expect(request.query == query)
    }

    @Test(
        arguments: [
            ("http://target.example:8081/a?b", "target.example", 8081, "http", "/a"),
            ("http://target.example/", "target.example", 80, "http", "/"), ("HTTPS://target.example", "target.example", 443, "https", "/"),
            ("https://[2001:db8::1]/x", "2001:db8::1", 443, "https", "/x"), ("http://[::1]:81/", "::1", 81, "http", "/"),
            ("http://user:secret@target.example:82/", "target.example", 82, "http", "/"),
            ("http://user:secret@[::1]/", "::1", 80, "http", "/"), ("ws://target.example/chat", "target.example", 80, "ws", "/chat"),
            ("http://target.example:/", "target.example", 80, "http", "/"),
            ("http:///a", "host.example", 8080, "http", "/a"), ("ftp://target.example/a", "host.example", 8080, "http", "/a"),
            ("/a", "host.example", 8080, "http", "/a"), ("//target.example/a", "host.example", 8080, "http", "//target.example/a"),
            ("://target.example/a", "host.example", 8080, "http", "://target.example/a"), ("*", "host.example", 8080, "http", "*"),
        ] as [(String, String, Int64, String, String)])
    func serverAddressAndPortOfTargetInAbsoluteFormComeFromTarget(
        target: String, address: String, port: Int64, scheme: String, path: String
    ) {
        let attributes = request("GET", target, headers: ["host": ["host.example:8080"]]).attributes()
        #expect(attributes["server.address"] == .string(address) && attributes["server.port"] == .int(port))
        #expect(attributes["url.scheme"] == .string(scheme) && attributes["url.path"] == .string(path))
        #expect(!attributes.contains { $0.value.description.contains("secret") })
        let forwarded = request("GET", target, headers: ["forwarded": ["host=first.example:1;proto=https"]]).attributes()
        #expect(forwarded["server.address"] == "first.example" && forwarded["server.port"] == 1 && forwarded["url.scheme"] == "https")
    }

    @Test(
        arguments: [
            ("h:443", "h", 443), ("h.example:8443", "h.example", 8443), ("[2001:db8::1]:443", "2001:db8::1", 443), ("h", "h", nil),
            ("user:secret@h:443", "h", 443), ("", "host.example", 8080),
        ] as [(String, String, Int64?)])
    func connectHasServerAddressAndPortOfItsTargetAndNoPath(target: String, address: String, port: Int64?) {
        let attributes = request("CONNECT", target, headers: ["host": ["host.example:8080"]]).attributes()
        #expect(attributes["server.address"] == .string(address) && attributes["server.port"] == port.map { .int($0) })
        #expect(attributes["url.path"] == nil && attributes["url.query"] == nil && request("CONNECT", target).path.isEmpty)
        #expect(!attributes.contains { $0.value.description.contains("secret") })
    }

    @Test func extendedConnectHasThePathThatItAsksFor() {
        let attributes = request("CONNECT", "/chat?room=1", headers: [":authority": ["h.example"]]).attributes()
        #expect(attributes["url.path"] == "/chat" && attributes["url.query"] == "room=1" && attributes["server.address"] == "h.example")
    }

    @Test(arguments: [
        ("*", "*"), ("http://h", "*"), ("http://h:8001", "*"), ("http://h/", "/"), ("http://h?q", "/"), ("", "/"), ("/", "/"),
    ])
    func optionsOfServerAsAWholeHasAnAsteriskForPath(target: String, path: String) {
        #expect(request("OPTIONS", target).attributes()["url.path"] == .string(path))
    }

    @Test(arguments: ["user:secret@h.example:8080", "secret@h.example:8080", "a@secret@h.example:8080"])
    func userInformationInHostHeaderIsNotShown(host: String) {
        for header in ["host", ":authority", "x-forwarded-host"] {
            let attributes = request(headers: [header: [host]]).attributes()
            #expect(attributes["server.address"] == "h.example" && attributes["server.port"] == 8080)
        }
    }

    @Test func methodsAreCaseSensitive() {
        let lowered = request("get", "/", route: "/")
        #expect(lowered.attributes()["http.request.method"] == "_OTHER")
        #expect(lowered.attributes()["http.request.method_original"] == "get")
        #expect(lowered.spanName() == "HTTP /")
        #expect(request("PATCH").attributes()["http.request.method_original"] == nil)
        for method in HTTPConventions.standardMethods { #expect(request(method).attributes()["http.request.method"] == .string(method)) }
    }

    @Test func listOfKnownMethodsReplacesTheStandardOnes() throws {
        let methods = try #require(HTTPConventions.methods(inList: " GET, PROPFIND ,,"))
        #expect(methods == ["GET", "PROPFIND"])
        #expect(HTTPConventions.methods(inList: " , ") == nil)
        let conventions = HTTPConventions(EnvironmentReader(["OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS": "GET,PROPFIND"]))
        #expect(conventions.knownMethods == methods)
        #expect(HTTPConventions(EnvironmentReader([:])).knownMethods == HTTPConventions.standardMethods)
        #expect(request("PROPFIND").attributes(conventions)["http.request.method"] == "PROPFIND")
        #expect(request("POST").attributes(conventions)["http.request.method"] == "_OTHER")
    }

    @Test func valuesOfSensitiveKeysAreRedacted() {
        let query = request("GET", "/f?a=1&X-Amz-Signature=abc&sig=&Sig=shown&sig&Signature=x=y&=z").attributes()["url.query"]
        #expect(query == "a=1&X-Amz-Signature=REDACTED&sig=REDACTED&Sig=shown&sig&Signature=REDACTED&=z")
    }

    @Test func forwardedProvidesClientHostAndScheme() {
        let headers = [
            "forwarded": ["for=\"[2001:db8::1]:4711\"; Host=shop.example:444;proto=HTTPS, for=10.0.0.1"],
            "x-forwarded-for": ["192.0.2.1"], "host": ["inner:8080"],
        ]
        let attributes = request(headers: headers, peer: "10.0.0.2").attributes()
        #expect(attributes["client.address"] == "2001:db8::1")
        #expect(attributes["server.address"] == "shop.example")
        #expect(attributes["server.port"] == 444)
        #expect(attributes["url.scheme"] == "https")
        #expect(attributes["network.peer.address"] == "10.0.0.2")
    }

    @Test func escapedQuoteDoesNotEndForwardedValue() {
        let headers = ["forwarded": [#"secret="a\";proto=ws;b";host=shop.example;proto=https"#]]
        let attributes = request(headers: headers).attributes()
        #expect(attributes["url.scheme"] == "https")
        #expect(attributes["server.address"] == "shop.example")
    }

    @Test func xForwardedHeadersCompleteForwarded() {
        let headers = [
            "forwarded": ["for=unknown"], "x-forwarded-for": ["203.0.113.7:80, 10.0.0.1"], "x-forwarded-host": ["shop.example, inner"],
            "x-forwarded-proto": ["https"],
        ]
        let attributes = request(headers: headers, peer: "10.0.0.2").attributes()
        #expect(attributes["client.address"] == "203.0.113.7")
        #expect(attributes["server.address"] == "shop.example")
        #expect(attributes["server.port"] == nil)
        #expect(attributes["url.scheme"] == "https")
    }

    @Test func forwardingHeadersAreIgnoredWithoutTrustedProxy() {
        let headers = ["forwarded": ["for=1.2.3.4;host=evil;proto=https"], "x-forwarded-for": ["1.2.3.4"], "host": ["[::1]:8080"]]
        let attributes = request(headers: headers, peer: "10.0.0.2").attributes(HTTPConventions(trustsForwardedHeaders: false))
        #expect(attributes["client.address"] == "10.0.0.2")
        #expect(attributes["server.address"] == "::1")
        #expect(attributes["server.port"] == 8080)
        #expect(attributes["url.scheme"] == "http")
    }

    @Test func authorityOfHTTP2CountsBeforeHost() {
        let attributes = request(headers: [":authority": ["a.example"], "host": ["b.example"]]).attributes()
        #expect(attributes["server.address"] == "a.example")
    }

    @Test func onlyListedHeadersAreRecorded() {
        let headers = ["x-request-id": ["1", "2"], "cookie": ["secret"]]
        let attributes = request(headers: headers).attributes(HTTPConventions(recordedRequestHeaders: ["X-Request-ID", "X-None"]))
        #expect(attributes["http.request.header.x-request-id"] == ["1", "2"])
        #expect(!attributes.contains { $0.value.description.contains("secret") || $0.key.contains("x-none") })
    }

    @Test(arguments: [("HTTP/1.1", "1.1"), ("1.0", "1.0"), ("2.0", "2"), ("2", "2"), ("HTTP/3.0", "3")])
    func protocolVersionsAreNormalised(version: String, written: String) {
        #expect(HTTPConventions.protocolVersion(version) == .string(written))
        #expect(HTTPConventions.protocolVersion("") == nil)
    }

    @Test func randomForwardingHeadersAreParsed() {
        var random = SplitMix64(seed: 11)
        let pieces = ["for=", "\"", "\\", ";", ",", "=", "[", "]", ":", "host=", "é", "\u{301}", " ", "1", "proto=", "\0"]
        for _ in 0..<3_000 {
            let text = (0..<Int.random(in: 0...12, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            let headers = ["forwarded": [text], "x-forwarded-for": [text], "host": [text]]
            let attributes = request("GET", text, headers: headers, peer: "peer").attributes()
            #expect(attributes["client.address"] != nil)
            #expect(attributes["server.address"] != "")
        }
    }
}
