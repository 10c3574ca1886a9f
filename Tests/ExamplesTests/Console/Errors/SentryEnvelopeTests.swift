// What Sentry's reporters send.

import ExampleSupport
import Telemetry
import Testing

@testable import TelemetryConsole

struct SentryEnvelopeTests {
    private static let eventID = "9ec79c33ec9942ab8353589fcb2e04dc"
    private static let event = #"""
        {"event_id":"9ec79c33ec9942ab8353589fcb2e04dc","timestamp":"2026-01-02T03:04:05.678901Z","level":"error","platform":"python","release":"shop@1.2",
        "environment":"staging","server_name":"h1","transaction":"place","tags":{"service":"shop","plan":"gold"},"user":{"id":"42","email":"a@b.example"},
        "contexts":{"trace":{"trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"b7ad6b7169203331"},"cart":{"items":3,"type":"cart"}},"extra":{"hint":"x"},
        "exception":{"values":[{"type":"OSError","value":"cause"},{"type":"OrderError","module":"shop.errors","value":"order 7 failed","mechanism":{"handled":false},
        "stacktrace":{"frames":[{"filename":"main.py","function":"main","lineno":3},{"filename":"shop.py","function":"order","lineno":12,"context_line":"  raise"}]}}]}}
        """#.replacing("\n", with: "")

    private func envelope(_ items: [(type: String, payload: String)], withLength: Bool = true) -> [UInt8] {
        var text = #"{"event_id":"\#(Self.eventID)","sent_at":"2026-01-02T03:04:06Z"}"# + "\n"
        for item in items {
            text += withLength ? #"{"type":"\#(item.type)","length":\#(item.payload.utf8.count)}"# : #"{"type":"\#(item.type)"}"#
            text += "\n" + item.payload + "\n"
        }
        return Array(text.utf8)
    }

    @Test("POC-31: a Sentry event becomes a group, a log record and a way to its trace") func eventsAreTaken() async throws {
        let harness = ConsoleHarness()
        let body = try Gzip.compressed(envelope([("event", Self.event), ("session", "{}")]))
        let answer = await harness.send("POST", "/api/1/envelope/", ["Content-Encoding": "gzip"], body)
        #expect(answer.status == 200 && answer.text == #"{"id":"9ec79c33ec9942ab8353589fcb2e04dc"}"#)
        let list = try await harness.get("/data/errors")["errors"]
        #expect(list?.arrayValue?.count == 1 && list?[0]?["type"] == "shop.errors.OrderError" && list?[0]?["service"] == "shop")
        let group = try await harness.get("/data/errors/\(try #require(list?[0]?["id"]?.stringValue))")
        #expect(group["frames"] == ["shop.py order", "main.py main"] && group["users"] == 1)
        #expect(group["releases"]?[0]?["name"] == "shop@1.2" && group["environments"]?[0]?["name"] == "staging")
        let sample = group["samples"]?[0]
        #expect(
            sample?["traceId"] == "0af7651916cd43dd8448eb211c80319c" && sample?["spanId"] == "b7ad6b7169203331"
                && sample?["handled"] == false)
        #expect(sample?["user"] == "42" && sample?["time"] == "1767323045678000000" && sample?["eventId"]?.stringValue == Self.eventID)
        let contexts = sample?["contexts"]
        #expect(contexts?["context.cart.items"] == "3" && contexts?["tag.plan"] == "gold" && contexts?["extra.hint"] == "x")
        #expect(contexts?["exception.causes"] == "OSError: cause")
        #expect(try await harness.get("/data/logs?q=trace%3D0af7651916cd43dd8448eb211c80319c%20severity%3Derror")["matched"] == "1")
    }

    @Test("POC-31: messages, custom fingerprints and feedback are taken") func messagesAndFeedbackAreTaken() async throws {
        let harness = ConsoleHarness()
        let message =
            #"{"event_id":"\#(Self.eventID)","level":"warning","logentry":{"message":"job %s is late","params":["a"],"formatted":"job a is late"},"logger":"jobs","fingerprint":["jobs","late"]}"#
        let report = #"{"event_id":"\#(Self.eventID)","name":"Anna","email":"a@b.example","comments":"Late again."}"#
        let feedback = #"{"contexts":{"feedback":{"message":"Still late.","name":"Bert","associated_event_id":"\#(Self.eventID)"}}}"#
        #expect(
            await harness.send(
                "POST", "/api/7/envelope/", [:],
                envelope([("event", message), ("user_report", report), ("feedback", feedback)], withLength: false)
            ).status == 200)
        let list = try await harness.get("/data/errors")["errors"]
        #expect(list?[0]?["type"] == "jobs" && list?[0]?["service"] == "project-7" && list?[0]?["feedback"] == 2)
        let reports = try await harness.get("/data/errors/\(try #require(list?[0]?["id"]?.stringValue))")["reports"]
        #expect(reports?[0]?["message"] == "Still late." && reports?[1]?["message"] == "Late again." && reports?[1]?["name"] == "Anna")
    }

    @Test("POC-31: events with odd times, identifiers and traces are taken") func oddEventsAreTaken() async throws {
        let harness = ConsoleHarness()
        func sample(_ event: String) async throws -> JSONValue? {
            #expect(await harness.send("POST", "/api/7/envelope/", [:], envelope([("event", event)])).status == 200)
            let id = try #require(try await harness.get("/data/errors")["errors"]?[0]?["id"]?.stringValue)
            return try await harness.get("/data/errors/\(id)")["samples"]?[0]
        }
        let far = try await sample(#"{"timestamp":"9999-01-01T00:00:00Z","message":"far"}"#)
        #expect(far?["message"] == "far" && far?["time"]?.stringValue.flatMap { UInt64($0) }.map { $0 < 4_000_000_000_000_000_000 } == true)
        let trace = String(repeating: "z", count: 32)
        let odd = try await sample(
            #"{"event_id":"9ec79c33-ec99-42ab-8353-589fcb2e04dc","message":"odd","contexts":{"trace":{"trace_id":"\#(trace)","span_id":"b7ad6b7169203331"}}}"#
        )
        #expect(odd?["message"] == "odd" && odd?["eventId"]?.stringValue == Self.eventID)
        // The message belongs to an exception that has none of its own.
        let bare = try await sample(#"{"logger":"jobs","logentry":{"message":"job failed"},"exception":{"values":[{"type":"JobError"}]}}"#)
        #expect(bare?["message"] == "job failed")
        #expect(try await harness.get("/data/errors")["errors"]?[0]?["type"] == "JobError")
    }

    @Test("POC-31: bodies that are no envelopes, too long or compressed otherwise are refused") func badBodiesAreRefused() async throws {
        let harness = ConsoleHarness()
        func status(_ body: [UInt8], _ headers: HTTPHeaders = [:], method: String = "POST") async -> Int {
            await harness.send(method, "/api/1/envelope/", headers, body).status
        }
        #expect(await status(Array("no\n".utf8)) == 400)
        #expect(await status(Array("{}\nno\n".utf8)) == 400)
        #expect(await status(Array("{}\n{\"type\":\"event\",\"length\":99}\nx".utf8)) == 400)
        #expect(await status([1, 2, 3], ["Content-Encoding": "gzip"]) == 400)
        #expect(await status([], ["Content-Encoding": "br"]) == 415)
        #expect(await status([UInt8](repeating: 32, count: (1 << 20) + 1)) == 413)
        #expect(await status(try Gzip.compressed([UInt8](repeating: 32, count: 5 << 20)), ["Content-Encoding": "gzip"]) == 400)
        #expect(await status([], method: "GET") == 405)
        #expect(await status(Array("{}\n{\"type\":\"event\"}\nno json\n{\"type\":\"event\"}\n{}".utf8)) == 200)
        #expect(harness.stores.errors.groups.isEmpty)
        #expect(await harness.send("GET", "/api/services").status == 200, "Jaeger's routes stay.")
    }

    @Test func randomEnvelopesAreTakenOrRefused() async {
        var generator = SplitMix64(seed: 31)
        let harness = ConsoleHarness()
        let whole = envelope([("event", Self.event), ("user_report", "{}"), ("feedback", "{}")])
        for _ in 0..<400 {
            var body = whole
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                body[Int.random(in: 0..<body.count, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            if Bool.random(using: &generator) { body = Array(body.prefix(Int.random(in: 0..<body.count, using: &generator))) }
            let status = await harness.send("POST", "/api/1/envelope/", [:], body).status
            #expect(status == 200 || status == 400)
        }
        #expect(harness.stores.errors.groups.count > 0)
    }
}
