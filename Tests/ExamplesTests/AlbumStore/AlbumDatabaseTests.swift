// ALB-20 to 22: the album store on a database.

import ExampleSupport
import Telemetry
import Testing

@testable import AlbumStore

struct AlbumDatabaseTests {
    private static let ozzman = #"{"id":10,"title":"The Ozzman Cometh","artist":"Black Sabbath","price":66.6}"#

    @Test("ALB-20: answers are those of the store in memory", arguments: AlbumStoreBackend.databases)
    func answersAreThoseOfMemory(backend: AlbumStoreBackend) async throws {
        let requests = [
            ("GET", "/albums", ""), ("GET", "/albums/2", ""), ("GET", "/albums/666", ""), ("GET", "/albums/X", ""),
            ("GET", "/albums/99999999999", ""), ("POST", "/albums", Self.ozzman), ("POST", "/albums", Self.ozzman),
            ("POST", "/albums", #"{"id":11,"title":"'); DROP TABLE albums; --","artist":"Ünïcødé 🎷","price":0.01}"#),
            ("POST", "/albums", "{}"), ("POST", "/albums", #"{"id":12,"title":"a\u0000b","artist":"ab","price":1}"#),
            ("GET", "/albums/11", ""), ("GET", "/albums", ""), ("GET", "/albums?limit=2&cursor=1", ""),
        ]
        try await AlbumStoreBackend.memory.running { memory in
            try await backend.running { store in
                for (method, path, body) in requests {
                    let (expected, answer) = (try await memory.send(method, path, body), try await store.send(method, path, body))
                    #expect(answer.status == expected.status && answer.text == expected.text, "\(method) \(path)")
                    let span = try memory.onlySpan()
                    #expect(store.memory.finishedSpans.filter { $0.kind == .server }.map { SpanContract($0) } == [SpanContract(span)])
                    store.memory.reset()
                }
            }
        }
    }

    @Test("ALB-20: albums outlast the process, and seeds are inserted once", arguments: AlbumStoreBackend.databases)
    func albumsOutlastTheProcess(backend: AlbumStoreBackend) async throws {
        try await backend.withVariables { variables in
            try await AlbumStoreBackend.running(variables) { store in
                let answer = try await store.send("POST", "/albums", Self.ozzman)
                #expect(answer.status == 201)
            }
            try await AlbumStoreBackend.running(variables.merging(["SEED_ALBUMS": "12"]) { $1 }) { store in
                #expect(try await store.send("GET", "/albums/10").text == Self.ozzman)
                #expect(try await store.send("GET", "/albums?limit=1").headers["x-total-count"] == "12")
                let page = try await store.send("GET", "/metrics").text
                #expect(page.contains(#"albums_stored{otel_scope_name="album-store"} 12"#))
            }
        }
    }

    @Test("ALB-20: replicas share one database, and create each identifier once", arguments: AlbumStoreBackend.databases)
    func replicasCreateEachIdentifierOnce(backend: AlbumStoreBackend) async throws {
        try await backend.withVariables { variables in
            try await AlbumStoreBackend.running(variables) { first in
                try await AlbumStoreBackend.running(variables) { second in
                    let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                        for number in 0..<40 {
                            group.addTask {
                                try await (number % 2 == 0 ? first : second).send(
                                    "POST", "/albums", #"{"id":\#(100 + number / 4),"title":"ab","artist":"ab","price":1}"#
                                ).status
                            }
                        }
                        return try await group.reduce(into: [Int]()) { $0.append($1) }
                    }
                    #expect(statuses.count { $0 == 201 } == 10 && statuses.count { $0 == 400 } == 30)
                    let (list, other) = (try await first.send("GET", "/albums"), try await second.send("GET", "/albums"))
                    #expect(list.text == other.text)
                    #expect(try JSONValue(parsing: list.body).arrayValue?.count == 13)
                }
            }
        }
    }

    @Test("ALB-21: each statement is a client span below the request's, without values", arguments: AlbumStoreBackend.databases)
    func statementsAreClientSpans(backend: AlbumStoreBackend) async throws {
        try await backend.running { store in
            _ = try await store.send("GET", "/albums/2")
            let spans = store.memory.finishedSpans
            let server = try #require(spans.first { $0.kind == .server })
            let statement = try #require(spans.first { $0.kind == .client })
            #expect(spans.count == 2 && statement.parentSpanID == server.spanID && statement.traceID == server.traceID)
            #expect(statement.name == "SELECT albums")
            #expect(statement.attributes["db.system.name"] == .string(backend.testDescription))
            #expect(statement.attributes["db.query.text"] == "SELECT id, title, artist, price FROM albums WHERE id = $1")
            let page = try await store.send("GET", "/metrics").text
            #expect(page.contains("db_client_operation_duration_seconds_count{") && page.contains("db_client_connection_count{"))
        }
    }

    @Test("ALB-22: migrations are done once by replicas that start at the same time", arguments: AlbumStoreBackend.databases)
    func migrationsAreDoneOnce(backend: AlbumStoreBackend) async throws {
        try await backend.withVariables { variables in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        try await AlbumStoreBackend.running(variables) { store in
                            let answer = try await store.send("GET", "/albums?limit=9")
                            #expect(answer.headers["x-total-count"] == "3")
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("ALB-20: a database that is gone is answered with 503", arguments: AlbumStoreBackend.databases)
    func missingDatabaseIs503(backend: AlbumStoreBackend) async throws {
        try await backend.withJobs { jobs in
            let telemetry = try ServiceHarness.telemetry("album-store", InMemorySpanExporter())
            let store = AlbumStoreApp(telemetry, jobs.shelf, jobs)
            await jobs.database.close()
            for (method, path) in [
                ("GET", "/albums"), ("GET", "/albums?limit=1"), ("GET", "/albums/1"), ("POST", "/albums"), ("POST", "/albums?async=true"),
                ("GET", "/jobs/\(UUID())"),
            ] {
                let request = ServiceRequest(method: method, target: path, body: Array(Self.ozzman.utf8))
                let answer = await store.application.respond(to: request)
                #expect(answer.status == 503 && answer.headers["retry-after"] == "1", "\(method) \(path)")
                #expect(answer.text == #"{"message":"database unavailable"}"#)
            }
            #expect(await store.application.respond(to: ServiceRequest(method: "GET", target: "/status")).status == 200)
            _ = await store.stop(within: ServiceHarness.patience)
        }
    }

    @Test("ALB-20: a store that is neither in memory nor in a database does not start")
    func unknownStoreIsAStartFailure() async throws {
        let telemetry = try ServiceHarness.telemetry("album-store", InMemorySpanExporter())
        for variables in [
            ["ALBUM_STORE": "cloud"], ["SEED_ALBUMS": "2"], ["SEED_ALBUMS": "10001"], ["REQUESTS_PER_SECOND": "-1"], ["JOB_QUEUE": "0"],
        ] {
            await #expect(throws: StartFailure.self) { try await AlbumStoreApp(ServiceEnvironment(variables), telemetry) }
        }
    }
}
