// Groups of errors: from spans, log records and reporters, over releases and restarts.

import ExampleSupport
import Telemetry
import Testing

@testable import TelemetryConsole

struct ErrorStoreTests {
    private typealias Span = ConsoleHarness.Span

    private func attribute(_ key: String, _ text: String) -> String { ConsoleHarness.attribute(key, text) }

    /// A span with an exception, whose name is a part of the message.
    private func failed(_ id: Int, _ message: String, user: String = "", at seconds: UInt64 = 0, trace: Int = 1) -> Span {
        let event =
            #","events":[{"timeUnixNano":"\#(ConsoleHarness.time + seconds * 1_000_000_000)","name":"exception","attributes":["#
            + [
                attribute("exception.type", "KeyError"), attribute("exception.message", message),
                attribute("exception.stacktrace", #"  File \"/app/shop.py\", line 12, in order"#),
            ].joined(separator: ",") + "]}]"
        let own = user.isEmpty ? "" : attribute("user.id", user)
        return Span(trace: ConsoleHarness.trace(trace), id: id, name: "POST /orders", attributes: own, more: event)
    }

    private func errors(_ harness: ConsoleHarness, _ query: String = "") async throws -> [JSONValue] {
        try await harness.get("/data/errors\(query)")["errors"]?.arrayValue ?? []
    }

    @Test("POC-31: exceptions of spans and log records become groups with users, releases, environments and traces")
    func exceptionsAreGrouped() async throws {
        let harness = ConsoleHarness()
        await harness.sendSpans([failed(1, "order 7", user: "anna"), failed(2, "order 8", user: "bert", at: 60), Span(id: 3)])
        await harness.sendSpans([failed(4, "order 9", user: "anna", at: 30, trace: 2)])
        await harness.sendLogs([
            .init(
                body: "failed", severity: 17,
                attributes: [attribute("exception.type", "IOError"), attribute("exception.message", "disk"), attribute("tenant", "t1")]
                    .joined(separator: ",")),
            .init(body: "says exception.type but is none"),
        ])
        let list = try await errors(harness)
        #expect(list.count == 2 && Set(list.compactMap { $0["type"]?.stringValue }) == ["KeyError", "IOError"])
        let id = try #require(list.first { $0["type"] == "KeyError" }?["id"]?.stringValue)
        let group = try await harness.get("/data/errors/\(id)")
        #expect(group["count"] == 3 && group["users"] == 2 && group["service"] == "shop" && group["message"] == "order 8")
        #expect(
            group["firstSeen"]?.stringValue == "\(ConsoleHarness.time)"
                && group["lastSeen"]?.stringValue == "\(ConsoleHarness.time + 60_000_000_000)")
        #expect(group["frames"] == ["shop.py order"])
        #expect(group["samples"]?.arrayValue?.map { $0["message"]?.stringValue } == ["order 8", "order 9", "order 7"])
        #expect(
            group["samples"]?[1]?["traceId"]?.stringValue == ConsoleHarness.trace(2) && group["samples"]?[0]?["place"] == "POST /orders")
        let other = try #require(list.first { $0["type"] == "IOError" }?["id"]?.stringValue)
        #expect(try await harness.get("/data/errors/\(other)")["samples"]?[0]?["contexts"]?["tenant"] == "t1")
        #expect(try await errors(harness, "?q=order&service=shop").count == 1)
        #expect(try await errors(harness, "?sort=count").first?["type"] == "KeyError")
        #expect(await harness.send("GET", "/data/errors/none").status == 404)
        #expect(await harness.send("GET", "/data/errors?status=odd").status == 400)
    }

    @Test("POC-31: an error that comes again after it was resolved is a regression, an older one is not") func resolvedErrorsRegress() {
        let store = ErrorStore()
        func occur(at time: UInt64, release: String) {
            var error = ErrorOccurrence()
            (error.type, error.time, error.release, error.environment) = ("E", time, release, "prod")
            store.receive([error])
        }
        occur(at: 100, release: "1")
        let id = store.groups[0].id
        #expect(store.set(.resolved, of: id, at: 200)?.status == .resolved)
        occur(at: 150, release: "1")
        #expect(store.groups[0].status == .resolved)
        occur(at: 300, release: "2")
        #expect(store.groups[0].status == .regressed && store.groups[0].regressions == 1)
        #expect(store.groups[0].releases.counts == ["1": 2, "2": 1] && store.groups[0].environments.counts == ["prod": 3])
        #expect(store.set(.ignored, of: id, at: 400)?.status == .ignored)
        occur(at: 500, release: "2")
        #expect(store.groups[0].status == .ignored && store.set(.resolved, of: "no", at: 1) == nil)
    }

    @Test("POC-31: groups, samples, users and texts are bounded") func storeIsBounded() {
        let store = ErrorStore(maximumBytes: 200_000)
        for number in 0..<150 {
            var error = ErrorOccurrence()
            (error.type, error.stack, error.time) = (
                "E", "frame\(Character(UnicodeScalar(UInt8(65 + number % 26))))\(String(repeating: "x", count: number))", UInt64(number)
            )
            error.contexts = (0..<100).map { ("key\($0)", String(repeating: "v", count: 2_000)) }
            store.receive([error])
            #expect(store.counts.bytes <= 200_000)
        }
        #expect(store.counts.evicted > 50 && store.groups.allSatisfy { $0.samples[0].contexts.count == ErrorOccurrence.maximumContexts })
        let many = ErrorStore()
        many.receive(
            (0..<2_000).map { number in
                var error = ErrorOccurrence()
                (error.type, error.user, error.release) = ("E", "u\(number)", "r\(number)")
                return error
            })
        let group = many.groups[0]
        #expect(group.users.count == ErrorGroup.maximumUsers && group.hasMoreUsers && group.samples.count == ErrorGroup.maximumSamples)
        #expect(group.releases.counts.count == ErrorGroup.Parts.maximum + 1 && group.releases.counts["others"] == 1_950)
    }

    @Test("POC-31: groups, their status and feedback outlive the process") func groupsSurviveRestart() async throws {
        let harness = ConsoleHarness()
        await harness.sendSpans([failed(1, "order 7", user: "anna", trace: 9)])
        let id = try #require(try await errors(harness).first?["id"]?.stringValue)
        let json: HTTPHeaders = ["Content-Type": "application/json"]
        let feedback = #"{"eventId":"\#(ConsoleHarness.trace(9))","name":"Anna","email":"a@b.example","message":"It broke."}"#
        #expect(await harness.send("POST", "/data/feedback", json, Array(feedback.utf8)).status == 202)
        #expect(await harness.send("POST", "/data/feedback", json, Array("{}".utf8)).status == 400)
        #expect(await harness.send("POST", "/data/errors/\(id)", json, Array(#"{"status":"resolved"}"#.utf8)).status == 200)
        #expect(await harness.send("POST", "/data/errors/\(id)", json, Array(#"{"status":"regressed"}"#.utf8)).status == 400)
        #expect(
            await harness.send("POST", "/data/errors/\(id)", ["Content-Type": "text/plain"], Array(#"{"status":"ignored"}"#.utf8)).status
                == 415)
        let document = try #require(harness.stores.errors.changedDocument())
        #expect(harness.stores.errors.changedDocument() == nil)
        let next = ErrorStore()
        next.restore(document)
        let (old, new) = (try #require(harness.stores.errors.group(id)), try #require(next.group(id)))
        #expect(new.status == .resolved && new.count == 1 && new.users == old.users && new.feedback.map(\.message) == ["It broke."])
        #expect(new.history == old.history && new.historyEnd == old.historyEnd && new.samples[0].stack == old.samples[0].stack)
        // Feedback still finds the event, and the group comes again.
        next.receive([], feedback: [.init(time: 1, name: "", email: "", message: "Again", eventID: ConsoleHarness.trace(9))])
        #expect(next.group(id)?.feedback.count == 2)
        for length in stride(from: 0, to: document.count, by: 97) { ErrorStore().restore(Array(document.prefix(length))) }
    }

    @Test("POC-31: an error that a span and a log record have both counts once") func spanAndRecordCountOnce() async throws {
        let harness = ConsoleHarness()
        await harness.sendSpans([failed(1, "order 7")])
        let attributes = [
            attribute("exception.type", "KeyError"), attribute("exception.message", "order 7"),
            attribute("exception.stacktrace", #"  File \"/app/shop.py\", line 12, in order"#),
        ].joined(separator: ",")
        let span = #","spanId":"\#(Span.id(1))""#
        await harness.sendLogs([.init(severity: 17, trace: ConsoleHarness.trace(1), attributes: attributes, more: span)])
        #expect(try await errors(harness).first?["count"] == 1)
        await harness.sendLogs([.init(severity: 17, trace: ConsoleHarness.trace(1), attributes: attributes)])
        #expect(try await errors(harness).first?["count"] == 2)
    }

    @Test("POC-31: errors of one request are bounded, and their times too") func errorsOfARequestAreBounded() throws {
        let event = #"{"name":"exception","attributes":[\#(attribute("exception.type", "E"))]}"#
        let many = Array(repeating: event, count: ErrorReader.maximumErrors + 7).joined(separator: ",")
        let request = try ConsoleHarness.protobuf([
            Span(id: 1, more: #","events":[\#(many)]"#), Span(id: 2, more: #","events":[\#(event)]"#),
        ])
        let found = ErrorReader().findings(in: request, .traces, now: 5)
        #expect(found.errors.count == ErrorReader.maximumErrors && found.leftOut == 8 && found.errors[0].time == 5)
        let now = ConsoleHarness.time - 3_600_000_000_000
        let ahead = ErrorReader().findings(in: try ConsoleHarness.protobuf([failed(1, "m")]), .traces, now: now)
        #expect(ahead.errors.map(\.time) == [now + 60_000_000_000])
    }

    @Test("POC-31: feedback that comes before its event waits for it") func earlyFeedbackWaits() {
        let store = ErrorStore()
        store.receive([], feedback: [.init(time: 1, name: "n", email: "", message: "m", eventID: "e1")])
        var error = ErrorOccurrence()
        (error.type, error.eventID) = ("E", "e1")
        store.receive([error])
        #expect(store.groups[0].feedback.map(\.message) == ["m"])
    }
}
