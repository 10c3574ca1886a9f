// The proxy's contract over sockets, before the real store and before faulty ones.

import ExampleSupport
import Telemetry
import Testing

struct ProxyContractTests {
    private static let ozzman = #"{"price":66.6,"id":10,"title":"The Ozzman Cometh","artist":"Black Sabbath"}"#
    private static let sortedOzzman = #"{"artist":"Black Sabbath","id":10,"price":66.6,"title":"The Ozzman Cometh"}"#

    /// A store URL at which nothing listens.
    private static let nowhere = "http://127.0.0.1:1"

    /// Runs a closure with a proxy before the real store.
    private func withProxyAndStore(_ body: (RunningTestService, RunningTestService) async throws -> Void) async throws {
        try await ServiceHarness.albumStore { store in
            try await ServiceHarness.proxy(storeURL: store.url) { proxy in try await body(proxy, store) }
        }
    }

    /// Runs a closure with a proxy before a store that has one answer for all requests.
    private func withProxy(before answer: ServiceResponse, _ body: (RunningTestService) async throws -> Void) async throws {
        try await ServiceHarness.listening({ _ in answer }) { url in
            try await ServiceHarness.proxy(storeURL: url) { try await body($0) }
        }
    }

    /// Returns the proxy's server and client span since the last call.
    private func spans(_ proxy: RunningTestService) throws -> (server: ReadableSpan, client: ReadableSpan) {
        let spans = proxy.memory.finishedSpans
        proxy.memory.reset()
        #expect(spans.count == 2)
        return (try #require(spans.first { $0.kind == .server }), try #require(spans.first { $0.kind == .client }))
    }

    @Test func spanRecordsAtMost4KiBOfBody() async throws {
        try await withProxyAndStore { proxy, _ in
            let body = "[" + String(repeating: "é", count: 20_000)
            let answer = try await proxy.send("POST", "/albums", body)
            #expect(answer.status == 400 && answer.text.contains("invalid request json body [éé") && answer.body.count > 40_000)
            let span = try proxy.onlySpan()
            for event in span.events { #expect(event.name.utf8.count <= 4100) }
            for (key, value) in span.attributes where key.hasPrefix("proxy-service.") {
                if case .string(let text) = value { #expect(text.utf8.count <= 4100, "\(key)") }
            }
        }
    }

    @Test func albumIsReturnedWithSortedKeys() async throws {
        try await withProxyAndStore { proxy, store in
            let answer = try await proxy.send("GET", "/albums/1")
            let body = #"{"artist":"John Coltrane","id":1,"price":56.99,"title":"Blue Train"}"#
            #expect(answer.status == 200)
            #expect(answer.text == body)

            let (server, client) = try spans(proxy)
            let upstream = #"{"id":1,"title":"Blue Train","artist":"John Coltrane","price":56.99}"#
            let expected: [String: AttributeValue] = [
                "proxy-service.request.parameters": "ID=1", "album-store.response.code": 200,
                "album-store.response.body": .string(upstream),
                "proxy-service.response.code": 200, "proxy-service.response.body": .string(body),
            ]
            #expect(SpanContract(server) == SpanContract(name: "/albums/:id GET", status: .ok, attributes: expected))
            #expect(server.attributes["http.route"] == "/albums/:id")
            #expect(server.attributes["http.response.status_code"] == 200)

            #expect(client.name == "HTTP GET")
            #expect(client.status == .unset)
            #expect(client.attributes["http.request.method"] == "GET")
            #expect(client.attributes["url.full"] == .string("\(store.url)/albums/1"))
            #expect(client.attributes["http.response.status_code"] == 200)
            #expect(client.attributes["server.address"] == "127.0.0.1")
        }
    }

    @Test func forwardedRequestIsOneTraceOfThreeSpans() async throws {
        try await withProxyAndStore { proxy, store in
            for (method, path, body) in [
                ("GET", "/albums", ""), ("GET", "/albums/2", ""), ("GET", "/albums/77", ""), ("POST", "/albums", Self.ozzman),
            ] {
                _ = try await proxy.send(method, path, body)
                let (server, client) = try spans(proxy)
                let remote = try store.onlySpan()
                #expect(!server.parentSpanID.isValid)
                #expect(client.parentSpanID == server.spanID && !client.hasRemoteParent)
                #expect(remote.parentSpanID == client.spanID && remote.hasRemoteParent)
                #expect(Set([server.traceID, client.traceID, remote.traceID]).count == 1)
                #expect(client.name == "HTTP \(method)")
            }
        }
    }

    @Test func postIsForwarded() async throws {
        try await withProxyAndStore { proxy, store in
            let answer = try await proxy.send("POST", "/albums", Self.ozzman)
            #expect(answer.status == 201)
            #expect(answer.text == Self.sortedOzzman)
            let (server, _) = try spans(proxy)
            let upstream = #"{"id":10,"title":"The Ozzman Cometh","artist":"Black Sabbath","price":66.6}"#
            let expected: [String: AttributeValue] = [
                "proxy-service.request.body": .string(Self.ozzman), "album-store.response.code": 201,
                "album-store.response.body": .string(upstream), "proxy-service.response.code": 201,
                "proxy-service.response.body": .string(Self.sortedOzzman),
            ]
            #expect(SpanContract(server) == SpanContract(name: "/albums POST", status: .ok, attributes: expected))
            #expect(try store.onlySpan().attributes["album-store.request.body"] == .string(Self.sortedOzzman))
        }
    }

    @Test func nonIntegerIdentifierIsNotForwarded() async throws {
        try await withProxyAndStore { proxy, store in
            let message = "error invalid ID [X] requested"
            let answer = try await proxy.send("GET", "/albums/X")
            #expect(answer.status == 400)
            #expect(answer.text == #"{"message":"\#(message)"}"#)
            let contract = SpanContract(try proxy.onlySpan())
            #expect(contract.name == "/albums/:id GET")
            #expect(contract.status == .error(message))
            #expect(contract.events == [message])
            #expect(contract.attributes["proxy-service.request.parameters"] == "ID=X")
            #expect(!contract.attributes.keys.contains { $0.hasPrefix("album-store.") })
            #expect(store.memory.finishedSpans.isEmpty)
        }
    }

    @Test func malformedBodyIsNotForwarded() async throws {
        try await withProxyAndStore { proxy, store in
            let message = #"invalid request json body {"id":10"#
            let answer = try await proxy.send("POST", "/albums", #"{"id":10"#)
            #expect(answer.status == 400)
            #expect(try JSONValue(parsing: answer.body) == ["message": .string(message)])
            let contract = SpanContract(try proxy.onlySpan())
            #expect(contract.name == "/albums POST")
            #expect(contract.status == .error(message))
            #expect(contract.events == [message])
            #expect(contract.attributes["proxy-service.request.body"] == #"{"id":10"#)
            #expect(store.memory.finishedSpans.isEmpty)
        }
    }

    @Test(arguments: [
        ("GET", "/albums", "", "getAlbums"), ("GET", "/albums/1", "", "getAlbumById"), ("POST", "/albums", "{}", "postAlbum"),
    ])
    func unreachableStoreIs500(method: String, path: String, body: String, call: String) async throws {
        try await ServiceHarness.proxy(storeURL: Self.nowhere) { proxy in
            let answer = try await proxy.send(method, path, body)
            #expect(answer.status == 500)
            let message = try #require(try JSONValue(parsing: answer.body)["message"]?.stringValue)
            #expect(message.hasPrefix("error contacting album-store \(call) "))
            let (server, client) = try spans(proxy)
            let contract = SpanContract(server)
            #expect(contract.status == .error(message))
            #expect(contract.events == [message])
            #expect(!contract.attributes.keys.contains { $0.hasPrefix("album-store.") })
            #expect(server.attributes["http.response.status_code"] == 500)
            guard case .error = client.status else {
                Issue.record("the client span has failed too")
                return
            }
            #expect(client.attributes["error.type"] != nil)
        }
    }

    @Test func unresponsiveStoreIs500AfterTimeout() async throws {
        let (silence, gate) = AsyncStream<Never>.makeStream()
        try await ServiceHarness.listening({ _ in
            for await _ in silence {}
            return .text("too late")
        }) { url in
            defer { gate.finish() }
            try await ServiceHarness.proxy(storeURL: url, timeout: .milliseconds(100)) { proxy in
                let answer = try await proxy.send("GET", "/albums")
                let message = "error contacting album-store getAlbums no answer from \(url.dropFirst("http://".count)) in time"
                #expect(answer.status == 500)
                #expect(answer.text == #"{"message":"\#(message)"}"#)
                let (server, client) = try spans(proxy)
                #expect(SpanContract(server).status == .error(message))
                #expect(client.attributes["error.type"] != nil)
                #expect(client.attributes["http.response.status_code"] == nil)
            }
        }
    }

    @Test func nonJSONAnswerOfStoreIs500() async throws {
        try await withProxy(before: .text("<html>")) { proxy in
            let message = "error from album-store Malformed JSON returned"
            let answer = try await proxy.send("GET", "/albums")
            #expect(answer.status == 500)
            #expect(answer.text == #"{"message":"\#(message)"}"#)
            let contract = SpanContract(try spans(proxy).server)
            #expect(contract.name == "/albums GET")
            #expect(contract.status == .error(message))
            #expect(contract.events == [message])
            #expect(contract.attributes["album-store.response.body"] == "<html>")
        }
    }

    @Test(arguments: [
        (400, #"{"message":"no"}"#), (404, "404 page not found"), (500, ""), (503, #"{"a":1}"#), (202, "{}"), (204, ""),
    ])
    func errorStatusOfStoreIsForwarded(status: Int, body: String) async throws {
        try await withProxy(before: .text(body, status: status)) { proxy in
            let message = "album-store returned error getAlbumById"
            let answer = try await proxy.send("GET", "/albums/5")
            #expect(answer.status == status)
            if status != 204 { #expect(answer.text == #"{"message":"\#(message)"}"#) }
            let (server, client) = try spans(proxy)
            let expected: [String: AttributeValue] = [
                "proxy-service.request.parameters": "ID=5", "album-store.response.code": AttributeValue(status),
                "album-store.response.body": .string(body), "proxy-service.response.code": AttributeValue(status),
                "proxy-service.response.body": .string(body),
            ]
            #expect(
                SpanContract(server)
                    == SpanContract(name: "/albums/:id GET", status: .error(message), attributes: expected, events: [message]))
            #expect(client.status == (status >= 400 ? .error("") : .unset))
        }
    }

    @Test(arguments: ["/status", "/metrics"])
    func probesAreAnsweredWithoutStore(path: String) async throws {
        try await ServiceHarness.proxy(storeURL: Self.nowhere) { proxy in
            let answer = try await proxy.send("GET", path)
            #expect(answer.status == 200)
            #expect(try SpanContract(proxy.onlySpan()) == SpanContract(name: path, status: .ok))
        }
    }

    @Test func interfacePageIsNotFound() async throws {
        try await ServiceHarness.proxy(storeURL: Self.nowhere) { proxy in
            let answer = try await proxy.send("GET", "/v3/api-docs/")
            #expect(answer.status == 404)
        }
    }
}
