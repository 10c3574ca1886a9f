// The album store's contract over sockets: answers and spans.

import ExampleSupport
import Telemetry
import Testing

@testable import AlbumStore

struct AlbumStoreContractTests {
    private static let blueTrain = #"{"id":1,"title":"Blue Train","artist":"John Coltrane","price":56.99}"#
    private static let jeru = #"{"id":2,"title":"Jeru","artist":"Gerry Mulligan","price":17.99}"#
    private static let sarah = #"{"id":3,"title":"Sarah Vaughan and Clifford Brown","artist":"Sarah Vaughan","price":39.99}"#
    private static let ozzman = #"{"id":10,"title":"The Ozzman Cometh","artist":"Black Sabbath","price":66.6}"#

    @Test func listHasAllAlbumsInInsertionOrder() async throws {
        try await ServiceHarness.albumStore { store in
            let answer = try await store.send("GET", "/albums")
            #expect(answer.status == 200)
            #expect(answer.text == "[\(Self.blueTrain),\(Self.jeru),\(Self.sarah)]")
            #expect(answer.headers["content-type"] == "application/json; charset=utf-8")
            let span = try store.onlySpan()
            #expect(SpanContract(span) == SpanContract(name: "/albums GET", status: .ok, attributes: ["album-store.response.code": 200]))
            #expect(span.kind == .server)
        }
    }

    @Test(arguments: ["/albums", "/albums/2", "/albums/X", "/v3/api-docs/", "/status", "/nothing"])
    func headHasStatusAndHeadersOfGetWithoutBody(path: String) async throws {
        try await ServiceHarness.albumStore { store in
            let whole = try await store.send("GET", path)
            let head = try await store.send("HEAD", path)
            #expect(head.status == whole.status && head.body.isEmpty && !whole.body.isEmpty)
            #expect(head.headers["content-length"] == String(whole.body.count))
            #expect(head.headers["content-type"] == whole.headers["content-type"])
        }
    }

    @Test func headSpanNameHasMethodHead() async throws {
        try await ServiceHarness.albumStore { store in
            #expect(try await store.send("HEAD", "/albums/2").status == 200)
            let span = try store.onlySpan()
            #expect(span.name == "/albums/:id HEAD" && span.attributes["http.request.method"] == "HEAD")
        }
    }

    @Test func otherMethodIs405WithAllow() async throws {
        try await ServiceHarness.albumStore { store in
            for (method, path, allowed) in [
                ("DELETE", "/albums/2", "GET, HEAD"), ("PUT", "/albums", "GET, HEAD, POST"), ("POST", "/status", "GET, HEAD"),
            ] {
                let answer = try await store.send(method, path)
                #expect(answer.status == 405 && answer.headers["allow"] == allowed, "\(method) \(path)")
            }
        }
    }

    @Test func knownIdentifierReturnsAlbum() async throws {
        try await ServiceHarness.albumStore { store in
            let answer = try await store.send("GET", "/albums/2", headers: ["User-Agent": "test/1"])
            #expect(answer.status == 200)
            #expect(answer.text == Self.jeru)
            let span = try store.onlySpan()
            let expected: [String: AttributeValue] = [
                "album-store.request.parameters": "ID=2", "album-store.response.code": 200, "album-store.response.body": .string(Self.jeru),
            ]
            #expect(SpanContract(span) == SpanContract(name: "/albums/:id GET", status: .ok, attributes: expected))
            let conventional: [String: AttributeValue] = [
                "http.request.method": "GET", "url.path": "/albums/2", "url.scheme": "http", "http.route": "/albums/:id",
                "http.response.status_code": 200, "user_agent.original": "test/1", "server.address": "127.0.0.1",
                "network.peer.address": "127.0.0.1", "network.protocol.version": "1.1",
            ]
            for (key, value) in conventional { #expect(span.attributes[key] == value, "\(key)") }
        }
    }

    @Test(arguments: [
        ("X", "Album [X] not found, invalid request"), ("1.5", "Album [1.5] not found, invalid request"),
        ("%20", "Album [ ] not found, invalid request"), ("-1666", "Album [-1666] not found"), ("666", "Album [666] not found"),
        ("+666", "Album [666] not found"), ("99999999999999999999", "Album [99999999999999999999] not found, invalid request"),
    ])
    func refusesAnUnknownAlbum(id: String, message: String) async throws {
        try await ServiceHarness.albumStore { store in
            let answer = try await store.send("GET", "/albums/\(id)")
            #expect(answer.status == 400)
            #expect(answer.text == #"{"message":"\#(message)"}"#)
            let parameter = id == "%20" ? " " : id
            let span = try store.onlySpan()
            #expect(
                SpanContract(span)
                    == SpanContract(
                        name: "/albums/:id GET", status: .error(message),
                        attributes: ["album-store.request.parameters": .string("ID=\(parameter)"), "album-store.response.code": 400],
                        events: [message]))
            #expect(span.attributes["http.response.status_code"] == 400)
        }
    }

    @Test func validAlbumIsCreated() async throws {
        try await ServiceHarness.albumStore { store in
            let sent = #"{ "ID": 10, "Title": "The Ozzman Cometh", "aRtist": "Black Sabbath", "price": 66.60, "more": [] } rest"#
            let answer = try await store.send("POST", "/albums", sent)
            #expect(answer.status == 201)
            #expect(answer.text == Self.ozzman)
            let expected: [String: AttributeValue] = [
                "album-store.request.body": .string(sent), "album-store.response.code": 201,
                "album-store.response.body": .string(Self.ozzman),
            ]
            #expect(try SpanContract(store.onlySpan()) == SpanContract(name: "/albums POST", status: .ok, attributes: expected))
            #expect(try await store.send("GET", "/albums/10").text == Self.ozzman)
            #expect(try await store.send("GET", "/albums").text.hasSuffix(",\(Self.ozzman)]"))
        }
    }

    @Test(arguments: [
        ("", "unexpected EOF"), (#"{"id":10,"title":"The Ozz"#, "unexpected EOF"),
        ("nonsense", "invalid character 'o' in literal null (expecting 'u')"),
        ("<xml/>", "invalid character '<' looking for beginning of value"),
    ])
    func malformedJSONIs400WithParserErrorAsEvent(body: String, reason: String) async throws {
        try await ServiceHarness.albumStore { store in
            let answer = try await store.send("POST", "/albums", body)
            let response = #"{"message":"Malformed JSON. Not valid for Album"}"#
            #expect(answer.status == 400)
            #expect(answer.text == response)
            #expect(
                try SpanContract(store.onlySpan())
                    == SpanContract(
                        name: "/albums POST", status: .error("Malformed JSON. Not valid for Album"),
                        attributes: [
                            "album-store.request.body": .string(body), "album-store.response.code": 400,
                            "album-store.response.body": .string(response),
                        ], events: ["Malformed JSON. \(reason)"]))
            #expect(try await store.send("GET", "/albums").text == "[\(Self.blueTrain),\(Self.jeru),\(Self.sarah)]")
        }
    }

    /// Expected errors as `field message`, separated by semicolons.
    @Test(arguments: [
        ("{}", "id below minimum value;title required field;artist required field;price required field"),
        ("null", "id below minimum value;title required field;artist required field;price required field"),
        (#"{"albumID":10,"name":"Ozzman"}"#, "id below minimum value;title required field;artist required field;price required field"),
        (
            #"{"id":-1,"title":"a","artist":"z","price":-0.1}"#,
            "id below minimum value;title below minimum value;artist below minimum value;price below minimum value"
        ),
        (#"{"id":10001,"title":"ab","artist":"ab","price":10000.01}"#, "id above maximum value;price above maximum value"),
        (#"{"id":0,"title":"ab","artist":"ab","price":0}"#, "id below minimum value;price required field"),
        (#"{"id":10,"title":null,"artist":"ab","price":1}"#, "title required field"),
        (#"{"id":1,"title":"ab","artist":"ab","price":1}"#, "id already exists"),
    ])
    func invalidFieldsAre400WithOneErrorEach(body: String, expected: String) async throws {
        try await ServiceHarness.albumStore { store in
            let answer = try await store.send("POST", "/albums", body)
            let errors = expected.split(separator: ";").map { line in
                let parts = line.split(separator: " ", maxSplits: 1)
                return #"{"field":"\#(parts[0])","message":"\#(parts[1])"}"#
            }
            let list = "[\(errors.joined(separator: ","))]"
            #expect(answer.status == 400)
            #expect(answer.text == #"{"errors":\#(list)}"#)
            #expect(
                try SpanContract(store.onlySpan())
                    == SpanContract(
                        name: "/albums POST", status: .error("Album JSON field validation failed"),
                        attributes: [
                            "album-store.request.body": .string(body), "album-store.response.code": 400,
                            "album-store.response.body": .string(#"{"errors":\#(list)}"#),
                        ], events: [list]))
        }
    }

    @Test func fieldLimitsAreInclusive() async throws {
        try await ServiceHarness.albumStore { store in
            func add(_ id: Int, title: String, price: String) async throws -> Int {
                try await store.send("POST", "/albums", #"{"id":\#(id),"title":"\#(title)","artist":"ab","price":\#(price)}"#).status
            }
            let highest = try await add(10_000, title: "ab", price: "10000")
            let longest = try await add(9_999, title: String(repeating: "é", count: 1000), price: "0.01")
            let tooLong = try await add(9_998, title: String(repeating: "é", count: 1001), price: "0.01")
            #expect((highest, longest, tooLong) == (201, 201, 400))
        }
    }

    @Test(arguments: [
        (#"{"id":"10"}"#, "Field id must be an integer, found a string"),
        (#"{"id":1.5}"#, "Field id must be an integer, found the number 1.5"),
        (#"{"title":5}"#, "Field title must be a string, found the number 5"),
        (#"{"Artist":[]}"#, "Field artist must be a string, found an array"),
        (#"{"price":true}"#, "Field price must be a number, found a truth value"), ("[]", "The album must be an object, found an array"),
        (#""album""#, "The album must be an object, found a string"),
    ])
    func valueOfWrongTypeIs400AndNamed(body: String, message: String) async throws {
        try await ServiceHarness.albumStore { store in
            let answer = try await store.send("POST", "/albums", body)
            #expect(answer.status == 400)
            #expect(answer.text == #"{"message":"\#(message)"}"#)
            let contract = SpanContract(try store.onlySpan())
            #expect(contract.status == .error(message))
            #expect(contract.events == [message])
            #expect(try await store.send("GET", "/albums").text == "[\(Self.blueTrain),\(Self.jeru),\(Self.sarah)]")
        }
    }

    @Test(arguments: ["/status", "/metrics"])
    func probesAre200WithSpanNamedByPath(path: String) async throws {
        try await ServiceHarness.albumStore { store in
            let answer = try await store.send("GET", path)
            #expect(answer.status == 200)
            #expect(try SpanContract(store.onlySpan()) == SpanContract(name: path, status: .ok))
            if path == "/status" { #expect(answer.text == #"{"status":"OK"}"#) }
            if path == "/metrics" { #expect(answer.text.contains("\nprocess_start_time_seconds{")) }
        }
    }

    @Test func interfaceIsServedAsOpenAPIDocumentAndPage() async throws {
        try await ServiceHarness.albumStore { store in
            let document = try JSONValue(parsing: try await store.send("GET", "/v3/api-docs/openapi.json").body)
            #expect(document["openapi"] == "3.0.2")
            #expect(document["paths"]?["/albums"]?["post"]?["responses"]?["201"] != nil)
            #expect(document["paths"]?["/albums/{id}"]?["get"]?["parameters"]?[0]?["name"] == "id")
            let page = try await store.send("GET", "/v3/api-docs/")
            #expect(page.headers["content-type"] == "text/html; charset=utf-8")
            #expect(page.text.contains("openapi.json") && !page.text.contains("https://"))
        }
    }

    @Test func unknownPathAndTrailingSlashAreAnsweredLikeGin() async throws {
        try await ServiceHarness.albumStore { store in
            let unknown = try await store.send("GET", "/nothing")
            #expect(unknown.status == 404)
            #expect(unknown.text == "404 page not found")
            #expect(try await store.send("PUT", "/albums").status == 405)
            let slash = try await store.send("GET", "/albums/")
            #expect(slash.status == 301)
            #expect(slash.headers["location"] == "/albums")
            #expect(try await store.send("POST", "/albums/", Self.ozzman).status == 307)
        }
    }

    @Test func serverSpanContinuesTraceOfCaller() async throws {
        try await ServiceHarness.albumStore { store in
            let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
            _ = try await store.send("GET", "/albums", headers: ["traceparent": parent])
            let span = try store.onlySpan()
            #expect("\(span.traceID)" == "0af7651916cd43dd8448eb211c80319c")
            #expect("\(span.parentSpanID)" == "b7ad6b7169203331")
            #expect(span.hasRemoteParent)
            _ = try await store.send("GET", "/albums")
            let root = try store.onlySpan()
            #expect(!root.parentSpanID.isValid)
        }
    }

    @Test func concurrentPostsCreateEachIdentifierOnce() async throws {
        try await ServiceHarness.albumStore { store in
            let created = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        try await store.send("POST", "/albums", #"{"id":\#(100 + number % 10),"title":"ab","artist":"ab","price":1}"#)
                            .status
                    }
                }
                return try await group.reduce(into: [Int]()) { $0.append($1) }
            }
            #expect(created.count { $0 == 201 } == 10)
            #expect(created.count { $0 == 400 } == 30)
            #expect(store.memory.finishedSpans.count == 40)
        }
    }
}
