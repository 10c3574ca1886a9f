// ALB-23: bodies, identifiers and parameters of any bytes. A seed makes the same ones again.

import ExampleSupport
import Telemetry
import Testing

@testable import AlbumStore

struct AlbumFuzzTests {
    private static let validator = OpenAPIValidator(document: APIDocument.json)
    private static let album = #"{"id":10,"title":"The Ozzman Cometh","artist":"Black Sabbath","price":66.6}"#
    private static let tokens = [
        "{", "}", "[", "]", ":", ",", "\"", "\\", "null", "true", "1e999", "-0", "0.1e-7", "\"id\"", "\"ID\"", "\"title\"", "\"price\"",
        "\\u0000", "\\ud800", "\u{FEFF}", "99999999999999999999", "\n", "é", "🎷", "\u{0}",
    ]

    /// Returns the bytes of an album after some damage: bytes changed, inserted, removed or doubled, and tokens put in.
    private static func damaged(_ generator: inout SplitMix64) -> [UInt8] {
        var bytes = Array(album.utf8)
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            let place = Int.random(in: 0...bytes.count, using: &generator)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
            case 2: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...12, using: &generator)))
            case 3: bytes.removeLast(bytes.count - place)
            case 4: bytes.insert(contentsOf: bytes.prefix(place), at: 0)
            default: bytes.insert(contentsOf: Array(tokens.randomElement(using: &generator)?.utf8 ?? "".utf8), at: place)
            }
        }
        return bytes
    }

    private static func store() throws -> TracedApplication {
        AlbumStoreApp.application(try ServiceHarness.telemetry("album-store", InMemorySpanExporter()))
    }

    @Test("ALB-23: a damaged body is an album or a documented refusal", arguments: 1...8)
    func damagedBodyIsAlbumOrRefusal(seed: UInt64) async throws {
        var generator = SplitMix64(seed: seed)
        let store = try Self.store()
        for number in 0..<500 {
            let body = Self.damaged(&generator)
            let request = ServiceRequest(method: "POST", target: number % 4 == 0 ? "/albums?async=true" : "/albums", body: body)
            let answer = await store.respond(to: request)
            #expect([201, 202, 400].contains(answer.status))
            #expect(Self.validator.violations(answer, of: "POST", "/albums") == [], "seed \(seed), body \(body)")
        }
        let list = await store.respond(to: ServiceRequest(method: "GET", target: "/albums"))
        if list.stream == nil { #expect(Self.validator.violations(list, of: "GET", "/albums") == []) }
    }

    @Test("ALB-23: an identifier of any bytes is an album or a documented refusal", arguments: 1...4)
    func anyIdentifierIsAlbumOrRefusal(seed: UInt64) async throws {
        var generator = SplitMix64(seed: seed)
        let store = try Self.store()
        let pieces = ["1", "2", "3", "-", "+", "0", "9", "%", "%00", "%2F", "%C3%28", "%2B", "e", ".", "x", "99999999999999999999"]
        for _ in 0..<500 {
            let text = (0..<Int.random(in: 1...5, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            let answer = await store.respond(to: ServiceRequest(method: "GET", target: "/albums/\(text)"))
            #expect([200, 400].contains(answer.status), "\(text)")
            #expect(Self.validator.violations(answer, of: "GET", "/albums/{id}") == [], "\(text)")
            let job = await store.respond(to: ServiceRequest(method: "GET", target: "/jobs/\(text)"))
            #expect(job.status == 404 && Self.validator.violations(job, of: "GET", "/jobs/{id}") == [], "\(text)")
            for name in ["limit", "cursor"] {
                let list = await store.respond(to: ServiceRequest(method: "GET", target: "/albums?\(name)=\(text)&x=\(text)"))
                #expect(Self.validator.violations(list, of: "GET", "/albums") == [], "\(text)")
            }
        }
    }

    @Test("ALB-23: damaged bodies do not reach a database as anything but albums", arguments: AlbumStoreBackend.databases)
    func damagedBodyLeavesDatabaseWhole(backend: AlbumStoreBackend) async throws {
        try await backend.withJobs { jobs in
            let telemetry = try ServiceHarness.telemetry("album-store", InMemorySpanExporter())
            let store = AlbumStoreApp(telemetry, jobs.shelf, jobs)
            var generator = SplitMix64(seed: 23)
            for _ in 0..<500 {
                let request = ServiceRequest(method: "POST", target: "/albums", body: Self.damaged(&generator))
                #expect([201, 400].contains(await store.application.respond(to: request).status))
            }
            let list = await store.application.respond(to: ServiceRequest(method: "GET", target: "/albums?limit=1000"))
            #expect(Self.validator.violations(list, of: "GET", "/albums") == [])
            _ = await store.stop(within: ServiceHarness.patience)
        }
    }
}
