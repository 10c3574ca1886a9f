// Runs ledgers on loopback, and builds the requests that spaceports send.

import ExampleSupport
import Telemetry
import Testing

@testable import Ledger
@testable import Spaceport

/// A ledger that listens.
struct RunningLedger: Sendable {
    let service: RunningTestService
    let database: Database
    /// The finished spans of its statements.
    let statements: InMemorySpanExporter

    var url: String { service.url }

    func get(_ path: String) async throws -> JSONValue {
        let answer = try await service.send("GET", path)
        #expect(answer.status == 200, "\(answer.text)")
        return try JSONValue(parsing: answer.body)
    }

    /// The identifiers of the events that a query finds.
    func events(_ query: String = "") async throws -> [String] {
        try await get("/events\(query)")["events"]?.arrayValue?.compactMap { $0["id"]?.stringValue } ?? []
    }

    /// Sends events as OTLP/JSON.
    func post(_ events: [String]) async throws -> ServiceResponse {
        let body = #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[\#(events.joined(separator: ","))]}]}]}"#
        return try await service.send("POST", "/v1/logs", body, headers: ["Content-Type": "application/json"])
    }
}

enum LedgerHarness {
    /// Runs a closure while a ledger with an empty database answers.
    static func running(on kind: DatabaseKind = .sqlite, _ body: (RunningLedger) async throws -> Void) async throws {
        try await TestDatabase.with(kind, LedgerSchema.migrations[0]) { test in
            let memory = InMemorySpanExporter()
            let application = LedgerApp.application(try ServiceHarness.telemetry("ledger", memory), test.database)
            try await ServiceHarness.listening({ await application.respond(to: $0) }) { url in
                try await body(
                    RunningLedger(
                        service: RunningTestService(url: url, memory: memory), database: test.database, statements: test.memory))
            }
        }
    }

    /// The time of the first event, in nanoseconds: 2026-01-17T09:30:00Z.
    static let start = 1_768_642_200_000_000_000

    /// An event as OTLP/JSON; `second` is its time, and `without` the key of an attribute that it lacks.
    static func event(
        _ id: String, _ outcome: String = "docked", ship: String = "endeavour", port: String = "pontus", second: Int = 0,
        without missing: String = ""
    ) -> String {
        var attributes = [
            ("log.record.uid", #"{"stringValue":"\#(id)"}"#), ("spa.action", #"{"stringValue":"dock"}"#),
            ("ship.id", #"{"stringValue":"\#(ship)"}"#), ("spaceport.name", #"{"stringValue":"\#(port)"}"#),
            ("spa.passengers", #"{"intValue":"7"}"#),
        ]
        if outcome == "refused" { attributes.append(("spa.refusal.reason", #"{"stringValue":"Docking limit reached"}"#)) }
        let list = attributes.filter { $0.0 != missing }.map { #"{"key":"\#($0.0)","value":\#($0.1)}"# }
        return
            #"{"timeUnixNano":"\#(start + second * 1_000_000_000)","eventName":"spaceport.\#(outcome)","attributes":[\#(list.joined(separator: ","))],"#
            + #""traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331"}"#
    }
}

/// What ships have seen, as the ledger should have it.
struct StormTotals: Sendable, Equatable {
    var counts: [String: Int] = [:]

    mutating func add(_ answer: String, _ action: String) {
        counts[answer.hasPrefix("200 ") ? action == "dock" ? "docked" : "separated" : "refused", default: 0] += 1
    }

    mutating func add(_ other: StormTotals) { counts.merge(other.counts) { $0 + $1 } }

    func isRecorded(in totals: JSONValue) -> Bool {
        ["docked", "separated", "refused"].allSatisfy { totals[$0]?.integerValue == counts[$0, default: 0] }
    }

    /// Has ships dock and separate at ports in turn; each ship waits for its answers.
    static func storm(ships: Int, ports: [RunningSpaceService], rounds: Int) async throws -> StormTotals {
        try await withThrowingTaskGroup(of: StormTotals.self) { group in
            for ship in 0..<ships {
                group.addTask {
                    var totals = StormTotals()
                    for round in 0..<rounds {
                        let port = ports[(ship + round) % ports.count]
                        for action in ["dock", "separate"] { totals.add(try await port.act(action, "ship-\(ship)"), action) }
                    }
                    return totals
                }
            }
            return try await group.reduce(into: StormTotals()) { $0.add($1) }
        }
    }
}
