// APO-07 and APO-10: the events of the mission.

import ExampleSupport
import Telemetry
import Testing

@testable import MissionTimeline

struct TimelineContractTests {
    private static let nowhere = "http://127.0.0.1:1"

    @Test("APO-07: a new timeline has the eleven events of July 1969", arguments: DatabaseKind.available)
    func timelineIsSeeded(on kind: DatabaseKind) async throws {
        try await ApolloHarness.timeline(on: kind, dispatcherURL: Self.nowhere) { timeline in
            let answer = try await timeline.send("GET", "/data")
            let events = try #require(try JSONValue(parsing: answer.body).arrayValue)
            #expect(answer.status == 200 && events.count == 11)
            #expect(events[0]["name"] == "Mission Start" && events[0]["time"] == "1969-07-16T13:32:00Z")
            #expect(events[10]["name"] == "Splashdown" && events[10]["time"] == "1969-07-24T16:50:00Z")
            let times = events.compactMap { $0["time"]?.stringValue }
            #expect(times == times.sorted())
            for event in events {
                guard case .object(let object) = event else { throw StartFailure(.software, "\(event)") }
                #expect(object.members.map(\.key) == ["id", "name", "time"])
                #expect(event["id"]?.stringValue?.count == 24 && event["id"]?.stringValue?.allSatisfy(\.isHexDigit) == true)
            }
        }
    }

    @Test("APO-07: an event is added, at its time or now, and stands in its place", arguments: DatabaseKind.available)
    func eventIsAdded(on kind: DatabaseKind) async throws {
        try await ApolloHarness.timeline(on: kind, dispatcherURL: Self.nowhere) { timeline in
            let added = try await timeline.send(
                "POST", "/input", #"{"name":"Liftoff of \"Eagle\"","time":"1969-07-21T19:54:00.1234+02:00"}"#)
            #expect(added.status == 201)
            let event = try JSONValue(parsing: added.body)
            #expect(event["time"] == "1969-07-21T17:54:00.123Z" && event["name"] == #"Liftoff of "Eagle""#)
            let now = try await timeline.send("POST", "/input", #"{"name":"Now"}"#)
            #expect(now.status == 201 && now.text.contains(#""time":"2025-07-20T20:17:40Z""#))
            let events = try #require(try await timeline.json("GET", "/data").arrayValue)
            #expect(events.count == 13 && events[8] == event && events[12]["name"] == "Now")
            #expect(try await timeline.json("GET", "/data?limit=1") == [events[12]])
            #expect(Set(events.map { $0["id"] }).count == 13)
        }
    }

    @Test("APO-07: a list of any length is streamed in order, and an empty one is a list", arguments: DatabaseKind.available)
    func listHasAnyLength(on kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, TimelineSchema.migrations[0]) { test in
            let documents: any DocumentStore =
                kind == .postgresql ? PostgreSQLDocuments(database: test.database) : SQLiteDocuments(database: test.database)
            let events = EventStore(documents, clock: MissionClock().telemetry)
            let router = TimelineRoutes(events: events, log: test.telemetry.log, added: {}).router
            #expect(await router.respond(to: ServiceRequest(method: "GET", target: "/data")).text == "[]")
            // Many events have the same time, so that pages end between them.
            for number in 0..<230 {
                let time = CalendarTime(microsecondsSinceEpoch: number / 150 * 1_000_000)
                _ = try await events.add("Event \(number)", at: time, traceParent: "")
            }
            try await ServiceHarness.listening({ await router.respond(to: $0) }) { url in
                let answer = try await ApolloHarness.transport.send("GET", url + "/data", headers: [:], body: [])
                let names = try JSONValue(parsing: answer.body).arrayValue?.compactMap { $0["name"]?.stringValue }
                #expect(names?.count == 230 && Set(names ?? []).count == 230)
                #expect(names?.suffix(80).contains("Event 149") == false)
            }
        }
    }

    @Test("APO-07: events are found by the index on their time", arguments: DatabaseKind.available)
    func eventsAreFoundByIndex(on kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, TimelineSchema.migrations[0]) { test in
            let isSQLite = kind == .sqlite
            let page = isSQLite ? SQLiteDocuments.statements.page.text : PostgreSQLDocuments.statements.page.text
            let due = isSQLite ? SQLiteDocuments.statements.due.text : PostgreSQLDocuments.statements.due.text
            for (statement, index, values) in [(page, "events_by_time", ["0", "'a'", "10"]), (due, "events_open", ["0", "10"])] {
                var text = statement
                for (number, value) in values.enumerated() { text = text.replacing("$\(number + 1)", with: value) }
                let explain = isSQLite ? "EXPLAIN QUERY PLAN \(text)" : "EXPLAIN \(text)"
                // PostgreSQL reads a table of no size as a whole unless it is told not to.
                if !isSQLite { _ = try await test.database.rows("SET enable_seqscan = off") }
                let plan = try await test.database.rows(DatabaseStatement(explain)).flatMap(\.values)
                #expect(plan.contains { if case .text(let line) = $0 { line.contains(index) } else { false } }, "\(plan)")
            }
        }
    }

    @Test(
        "APO-07: bad bodies are refused with what is wrong, and nothing is added",
        arguments: [
            ("{", "Malformed JSON. unexpected EOF"), ("[]", "The body must be an object, found an array"),
            (#"{"name":1}"#, "Field name must be a string, found the number 1"),
            ("{}", "Field name must have 1 to 200 characters, and none that is U+0000"),
            (#"{"name":"\u0000"}"#, "Field name must have 1 to 200 characters, and none that is U+0000"),
            (#"{"name":"a","time":"tomorrow"}"#, "Field time must be a time such as 1969-07-20T20:17:40Z"),
            (#"{"name":"a","time":"2025-07-20T20:17"}"#, "Field time must be a time such as 1969-07-20T20:17:40Z"),
        ])
    func badBodyIsRefused(body: String, message: String) async throws {
        try await ApolloHarness.timeline(dispatcherURL: Self.nowhere) { timeline in
            let answer = try await timeline.send("POST", "/input", body)
            let error = try JSONValue(parsing: answer.body)
            #expect(answer.status == 400 && error == ["error": .string(message)])
            #expect(try await timeline.json("GET", "/data").arrayValue?.count == 11)
        }
    }

    @Test("APO-07: a bad limit is refused", arguments: ["0", "1001", "x"]) func badLimitIsRefused(limit: String) async throws {
        try await ApolloHarness.timeline(dispatcherURL: Self.nowhere) { timeline in
            let answer = try await timeline.send("GET", "/data?limit=\(limit)")
            #expect(answer.status == 400 && answer.text.contains("whole number from 1 to 1000"))
        }
    }

    @Test("APO-07: a MongoDB is refused, since its events would be missing", arguments: ["MONGODB_URI", "MONGO_HOST"])
    func mongoDBIsRefused(variable: String) throws {
        let environment = ServiceEnvironment([variable: "mongodb://ada:secret@db"])
        let failure = #expect(throws: StartFailure.self) { try MissionTimelineApp.refuseMongoDB(environment) }
        #expect(failure?.kind == .configuration)
        #expect(failure?.description.hasPrefix("\(variable) is set, but MongoDB is not supported") == true)
        #expect(failure?.description.contains("secret") == false)
        try MissionTimelineApp.refuseMongoDB(ServiceEnvironment([:]))
    }

    @Test("APO-10: probes answer") func probesAnswer() async throws {
        try await ApolloHarness.timeline(dispatcherURL: Self.nowhere) { timeline in
            for (path, text) in [("/health", "OK"), ("/ready", "READY"), ("/started", "STARTED"), ("/x", "Cannot GET /x")] {
                let answer = try await timeline.send("GET", path)
                #expect(answer.text == text)
            }
        }
    }
}
