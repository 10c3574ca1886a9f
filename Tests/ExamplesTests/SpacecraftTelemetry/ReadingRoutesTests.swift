// APO-03 and APO-10: readings are stored and served.

import ExampleSupport
import Telemetry
import Testing

@testable import SpacecraftTelemetry

struct ReadingRoutesTests {
    private static let reading = #"{"timestamp":"2025-07-20T20:17:40.5Z","position":106.67,"speed":1.65,"status":"OK"}"#

    @Test("APO-03: readings are stored, and served with the newest first", arguments: DatabaseKind.available)
    func readingsAreServed(on kind: DatabaseKind) async throws {
        try await ApolloHarness.telemetry(on: kind) { telemetry in
            let empty = try await telemetry.send("GET", "/data")
            #expect(empty.status == 200 && empty.text == #"{"data":[]}"#)
            let stored = try await telemetry.send("POST", "/input", Self.reading)
            #expect(stored.status == 200 && stored.text == #"{"status":"ok"}"#)
            telemetry.clock.advance(by: .milliseconds(1250))
            // Numbers may be texts, as for Pydantic, and times have any zone or none.
            let second = #"{"timestamp":"2025-07-20 22:17:41+02:00","position":"0","speed":2,"status":"","extra":1}"#
            #expect(try await telemetry.send("POST", "/input", second).status == 200)
            let rows = try await telemetry.send("GET", "/data").text
            #expect(
                rows == #"""
                    {"data":[["2025-07-20T20:17:41",0,2,"","2025-07-20T20:17:41.250000"],\#
                    ["2025-07-20T20:17:40.500000",106.67,1.65,"OK","2025-07-20T20:17:40"]]}
                    """#)
            let newest = try await telemetry.json("GET", "/data?limit=1")
            #expect(newest["data"]?.arrayValue?.count == 1 && newest["data"]?[0]?[0] == "2025-07-20T20:17:41")
        }
    }

    @Test("APO-03: a list of any length is streamed in order", arguments: DatabaseKind.available)
    func longListIsStreamed(on kind: DatabaseKind) async throws {
        try await ApolloHarness.telemetry(on: kind) { telemetry in
            let database = try #require(telemetry.database)
            _ = try await database.rows(
                """
                INSERT INTO telemetry (timestamp, position, speed, status, received_at)
                WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 1202)
                SELECT i, i, 1, 'OK', i FROM n ORDER BY i
                """)
            let answer = try await telemetry.json("GET", "/data")
            let positions = answer["data"]?.arrayValue?.compactMap { $0[1]?.integerValue }
            #expect(positions == (0..<1203).reversed())
            #expect(try await telemetry.json("GET", "/data?limit=1000")["data"]?.arrayValue?.count == 1000)
        }
    }

    @Test("APO-03: a reading that is sent again under its key is stored once", arguments: DatabaseKind.available)
    func repeatedReadingIsStoredOnce(on kind: DatabaseKind) async throws {
        try await ApolloHarness.telemetry(on: kind) { telemetry in
            for key in ["a", "a", "b"] {
                let answer = try await telemetry.send("POST", "/input", Self.reading, headers: ["Idempotency-Key": key])
                #expect(answer.status == 200 && answer.text == #"{"status":"ok"}"#)
            }
            for _ in 1...2 { #expect(try await telemetry.send("POST", "/input", Self.reading).status == 200) }
            #expect(try await telemetry.json("GET", "/data")["data"]?.arrayValue?.count == 4)
            let (new, repeated) = (
                try await telemetry.metric("readings_received_total", ["repeated": "false"]),
                try await telemetry.metric("readings_received_total", ["repeated": "true"])
            )
            #expect(new == 4 && repeated == 1)
        }
    }

    @Test(
        "APO-03: bad bodies are answered as FastAPI does, and nothing is stored",
        arguments: [
            ("{}", ["missing", "missing", "missing", "missing"]),
            (
                #"{"timestamp":1,"position":"north","speed":[],"status":null}"#,
                ["string_type", "float_parsing", "float_type", "string_type"]
            ),
            (#"{"timestamp":"yesterday","position":1,"speed":1,"status":"OK"}"#, ["datetime_parsing"]),
            (#"{"timestamp":"2025-02-30T00:00:00Z","position":1,"speed":1,"status":"OK"}"#, ["datetime_parsing"]),
            (#"{"timestamp":"2025-02-28T00:00:00Z","position":1,"speed":1,"status":"\u0000"}"#, ["string_type"]),
            (#"{"timestamp":"#, ["json_invalid"]), ("[]", ["model_attributes_type"]), ("", ["missing"]),
        ])
    func badBodyIsRefused(body: String, types: [String]) async throws {
        try await ApolloHarness.telemetry { telemetry in
            let answer = try await telemetry.send("POST", "/input", body)
            #expect(answer.status == 422)
            let detail = try JSONValue(parsing: answer.body)["detail"]?.arrayValue
            #expect(detail?.compactMap { $0["type"]?.stringValue } == types, "\(answer.text)")
            #expect(try await telemetry.send("GET", "/data").text == #"{"data":[]}"#)
        }
    }

    @Test("APO-03: a bad limit is refused", arguments: ["0", "1001", "-1", "ten", ""]) func badLimitIsRefused(limit: String) async throws {
        try await ApolloHarness.telemetry { telemetry in
            let answer = try await telemetry.send("GET", "/data?limit=\(limit)")
            #expect(answer.status == 422 && answer.text.contains(#""loc":["query","limit"]"#))
        }
    }

    @Test("APO-03: without its database the service says so, and is not ready") func missingDatabaseIsReported() async throws {
        try await ApolloHarness.telemetry { telemetry in
            await telemetry.database?.close()
            for (method, path) in [("POST", "/input"), ("GET", "/data"), ("GET", "/data?limit=1")] {
                let answer = try await telemetry.send(method, path, method == "POST" ? Self.reading : "")
                #expect(answer.status == 500 && answer.text == "Internal Server Error")
            }
            #expect(telemetry.records("database does not answer").count == 3)
            let ready = try await telemetry.send("GET", "/ready")
            #expect(ready.status == 503 && ready.text == #"{"status":"NOT READY"}"#)
        }
    }

    @Test("APO-10: probes, and paths without a route in FastAPI's words") func probesAnswer() async throws {
        try await ApolloHarness.telemetry { telemetry in
            for (path, text) in [("/health", "OK"), ("/ready", "READY"), ("/started", "STARTED")] {
                let answer = try await telemetry.send("GET", path)
                #expect(answer.status == 200 && answer.text == #"{"status":"\#(text)"}"#)
            }
            let missing = try await telemetry.send("GET", "/nothing")
            #expect(missing.status == 404 && missing.text == #"{"detail":"Not Found"}"#)
            let wrong = try await telemetry.send("DELETE", "/data")
            #expect(wrong.status == 405 && wrong.text == #"{"detail":"Method Not Allowed"}"#)
        }
    }
}
