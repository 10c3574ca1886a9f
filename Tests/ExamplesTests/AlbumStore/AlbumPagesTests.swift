// ALB-19: pages of albums with links, and long lists in chunks.

import ExampleSupport
import Telemetry
import Testing

@testable import AlbumStore

struct AlbumPagesTests {
    private static func identifiers(_ answer: ServiceResponse) throws -> [Int] {
        try #require(try JSONValue(parsing: answer.body).arrayValue).compactMap { $0["id"]?.integerValue }
    }

    @Test("ALB-19: the links lead through all albums in insertion order", arguments: AlbumStoreBackend.all)
    func linksLeadThroughAllAlbumsInInsertionOrder(backend: AlbumStoreBackend) async throws {
        try await backend.running(["SEED_ALBUMS": "25"]) { store in
            #expect(try await store.send("POST", "/albums", #"{"id":9000,"title":"ab","artist":"ab","price":1}"#).status == 201)
            #expect(try await store.send("POST", "/albums", #"{"id":30,"title":"ab","artist":"ab","price":1}"#).status == 201)
            var (identifiers, path): ([Int], String?) = ([], "/albums?limit=10")
            while let next = path {
                let answer = try await store.send("GET", next)
                #expect(answer.status == 200 && answer.headers["x-total-count"] == "27")
                identifiers += try Self.identifiers(answer)
                path = answer.headers["link"].map { link in
                    #expect(link.hasPrefix("</albums?") && link.hasSuffix(#">; rel="next""#))
                    return String(link.dropFirst().prefix { $0 != ">" })
                }
            }
            #expect(identifiers == Array(1...25) + [9000, 30])
        }
    }

    @Test("ALB-19: a page that ends with the last album has no link", arguments: AlbumStoreBackend.all)
    func lastPageHasNoLink(backend: AlbumStoreBackend) async throws {
        try await backend.running { store in
            #expect(try await store.send("GET", "/albums?limit=3").headers["link"] == nil)
            #expect(try await store.send("GET", "/albums?limit=2").headers["link"] == #"</albums?limit=2&cursor=2>; rel="next""#)
            let beyond = try await store.send("GET", "/albums?cursor=zzzzzzzzzzzz")
            #expect(beyond.status == 200 && beyond.text == "[]" && beyond.headers["x-total-count"] == "3")
            store.memory.reset()
            _ = try await store.send("GET", "/albums?limit=3")
            let server = try #require(store.memory.finishedSpans.first { $0.kind == .server })
            #expect(
                SpanContract(server) == SpanContract(name: "/albums GET", status: .ok, attributes: ["album-store.response.code": 200]))
        }
    }

    @Test(
        "ALB-19: a parameter that breaks its rule is answered with 400",
        arguments: ["limit=0", "limit=1001", "limit=-1", "limit=x", "limit=", "limit=1.5", "limit=%2B1", "limit=01"])
    func wrongLimitIs400(query: String) async throws {
        try await AlbumStoreBackend.memory.running { store in
            let answer = try await store.send("GET", "/albums?\(query)")
            #expect(answer.status == 400)
            #expect(answer.text == #"{"message":"Query parameter limit must be an integer from 1 to 1000"}"#)
            #expect(
                try SpanContract(store.onlySpan()).status == .error("Query parameter limit must be an integer from 1 to 1000"))
        }
    }

    @Test("ALB-19: a cursor that no link has is answered with 400", arguments: ["-1", "A", "01", "%20", "", "1234567890123", "%00"])
    func wrongCursorIs400(cursor: String) async throws {
        try await AlbumStoreBackend.memory.running { store in
            let answer = try await store.send("GET", "/albums?cursor=\(cursor)")
            #expect(answer.status == 400)
            #expect(answer.text == #"{"message":"Query parameter cursor must be that of a link to the next page"}"#)
        }
    }

    @Test("ALB-19: a list of thousands is streamed, and its span ends with it", arguments: AlbumStoreBackend.all)
    func longListIsStreamed(backend: AlbumStoreBackend) async throws {
        try await backend.running(["SEED_ALBUMS": "2500"]) { store in
            let answer = try await store.send("GET", "/albums")
            #expect(answer.status == 200 && answer.headers["transfer-encoding"] == "chunked")
            #expect(answer.headers["content-type"] == "application/json; charset=utf-8")
            #expect(try Self.identifiers(answer) == Array(1...2500))
            #expect(await eventually { store.memory.finishedSpans.contains { $0.kind == .server } })
            let server = try #require(store.memory.finishedSpans.first { $0.kind == .server })
            #expect(
                SpanContract(server) == SpanContract(name: "/albums GET", status: .ok, attributes: ["album-store.response.code": 200]))
            // The statements of all chunks are in the trace of the request.
            let statements = store.memory.finishedSpans.filter { $0.kind == .client }
            #expect(statements.count == (backend == .memory ? 0 : 25))
            #expect(statements.allSatisfy { $0.traceID == server.traceID })
        }
    }

    @Test("ALB-19: HEAD of a long list has no body and ends its span")
    func headOfLongListEndsItsSpan() async throws {
        try await AlbumStoreBackend.memory.running(["SEED_ALBUMS": "2500"]) { store in
            let answer = try await store.send("HEAD", "/albums")
            #expect(answer.status == 200 && answer.body.isEmpty)
            #expect(await eventually { store.memory.finishedSpans.count == 1 })
            #expect(try store.onlySpan().name == "/albums HEAD")
        }
    }

    @Test(
        "ALB-19: pages skip no album whose insertion is committed after that of a later one",
        .enabled(if: PostgreSQLServer.shared != nil, "PostgreSQL is not installed; SQLite has one writer at a time"))
    func pagesSkipNoAlbumThatIsCommittedLate() async throws {
        func album(_ id: Int) -> Album { Album(id: id, title: "ab", artist: "ab", price: 1) }
        try await AlbumStoreBackend.database(.postgresql).withJobs { jobs in
            let (database, shelf, commit, isCommitted) = (jobs.database, jobs.shelf, Gate(), Gate())
            let early = Task {
                try await database.transaction { transaction throws(DatabaseError) in
                    _ = try await transaction.rows(DatabaseShelf.insertion, album(100).values)
                    await commit.pass()
                }
            }
            #expect(await eventually { commit.arrivals == 1 })
            let late = Task {
                for id in [101, 102] { _ = try await shelf.add(album(id)) }
                isCommitted.arrive()
            }
            // The later insertions are committed, or they wait for the earlier one.
            let waiting: DatabaseStatement = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            #expect(
                try await eventually {
                    if isCommitted.arrivals == 1 { return true }
                    return try await database.rows(waiting)[0].integer(0) == 1
                })
            let first = try await shelf.albums(after: 0, limit: 4)
            commit.open()
            _ = (try await early.value, try await late.value)
            var seen = first.albums
            if let next = first.next { seen += try await shelf.albums(after: next, limit: 100).albums }
            let all = try await shelf.albums(after: 0, limit: 100).albums
            #expect(all.map(\.id) == [1, 2, 3, 100, 101, 102])
            #expect(all.starts(with: seen))
        }
    }

    @Test("ALB-18: the same seed makes the same albums, and all of them follow the rules")
    func builderMakesTheSameValidAlbums() throws {
        let albums = AlbumBuilder.albums(10_000)
        #expect(albums == AlbumBuilder.albums(10_000) && albums.prefix(500) == AlbumBuilder.albums(500)[...])
        #expect(albums.map(\.id) == Array(1...10_000) && albums.prefix(3) == Album.seeds[...])
        #expect(AlbumBuilder.albums(500, seed: 2) != AlbumBuilder.albums(500))
        for album in albums {
            let request = ServiceRequest(method: "POST", target: "/albums", body: Array(album.json.description.utf8))
            let decoded = try request.decoded("The album") { Album(&$0) }
            #expect(decoded == album)
        }
    }
}
