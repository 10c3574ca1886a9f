// TWT-04: the tweet service while the disk of its database is full.

import ExampleSupport
import Telemetry
import Testing

@testable import Tweet

@Suite("TWT-04: full disk") struct FullDiskTests {
    @Test(
        .enabled(if: PostgreSQLServer.programs != nil, "PostgreSQL is not installed"),
        .enabled(if: PostgreSQLServer.canMount, "a small disk can only be mounted by root"))
    func fullDiskIsAnsweredWith503AndKeepsTheData() async throws {
        let server = try PostgreSQLServer.own(hasSmallDisk: true)
        let url = try await server.newDatabase()
        try await TweetHarness.running(databaseURL: url) { service in
            for statement in [
                "CREATE TABLESPACE small LOCATION '\(server.smallDisk)'", #"ALTER TABLE "Tweet" SET TABLESPACE small"#,
                // What is removed later, to make room again.
                "CREATE TABLE ballast (content TEXT) TABLESPACE small",
                "INSERT INTO ballast SELECT md5(i::text) FROM generate_series(1, 10000) AS i",
            ] {
                _ = try await service.database.rows(DatabaseStatement(statement))
            }
            var random = SplitMix64(seed: 1)
            /// PostgreSQL compresses long texts, but not these.
            func text() -> String { String(decoding: (0..<50_000).map { _ in UInt8(97 + random.next() % 26) }, as: UTF8.self) }
            func post(_ text: String) async throws -> ServiceResponse { try await service.send("POST", "/tweet", #"{"text":"\#(text)"}"#) }

            var tweets: [(id: Int, text: String)] = []
            var refused: ServiceResponse?
            while refused == nil, tweets.count < 200 {
                let text = text()
                let answer = try await post(text)
                guard answer.status == 201 else {
                    refused = answer
                    continue
                }
                tweets.append((try #require(JSONValue(parsing: answer.body)["id"]?.integerValue), text))
            }
            #expect(refused?.status == 503, "\(tweets.count) tweets, then \(refused?.status ?? 0) \(refused?.text ?? "")")
            #expect(refused?.text == #"{"error":"database unavailable"}"#)
            #expect(refused?.headers["retry-after"] == "1")
            let statement = try #require(service.spans(#"INSERT "Tweet""#).last)
            #expect(statement.attributes["db.response.status_code"] == "53100" && statement.attributes["error.type"] == "53100")
            #expect(!tweets.isEmpty)
            for (id, text) in tweets {
                let answer = try await service.send("GET", "/tweet/\(id)")
                #expect(try answer.status == 200 && JSONValue(parsing: answer.body)["content"]?.stringValue == text)
            }

            // The server removes the file with its next checkpoint at the latest.
            for statement: DatabaseStatement in ["DROP TABLE ballast", "CHECKPOINT"] { _ = try await service.database.rows(statement) }
            #expect(try await post(text()).status == 201)
        }
    }
}
