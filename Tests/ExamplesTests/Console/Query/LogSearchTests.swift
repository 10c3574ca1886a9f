// Searches for log records, through the JSON API.

import ExampleSupport
import Testing

@testable import TelemetryConsole

struct LogSearchTests {
    private typealias Harness = ConsoleHarness
    private typealias Record = ConsoleHarness.Record

    private func bodies(_ answer: JSONValue) -> [String] {
        (answer["logs"]?.arrayValue ?? []).compactMap { $0["body"]?["stringValue"]?.stringValue }
    }

    private func console() async -> Harness {
        let console = Harness()
        await console.sendLogs([
            Record(body: "started", severity: 9, time: 1),
            Record(body: "Disk nearly FULL", severity: 13, time: 2, attributes: Harness.attribute("disk.used", 97)),
            Record(body: "payment failed", severity: 17, time: 3, trace: Harness.traceID, attributes: Harness.attribute("order", "o-7")),
        ])
        await console.sendLogs([Record(body: "hello", severity: 5, time: 4, more: #","eventName":"user.login""#)], service: "auth")
        return console
    }

    @Test(arguments: [
        ("", ["hello", "payment failed", "Disk nearly FULL", "started"]), ("severity%3E%3Dwarn", ["payment failed", "Disk nearly FULL"]),
        ("severity%3Dwarn", ["Disk nearly FULL"]), ("severity%3Ewarn", ["payment failed"]), ("severity%3C9", ["hello"]),
        ("full", ["Disk nearly FULL"]), ("%22disk+nearly%22", ["Disk nearly FULL"]), ("service:auth", ["hello"]),
        ("o-7", ["payment failed"]),
        ("disk.used%3E90", ["Disk nearly FULL"]), ("error", ["payment failed"]), ("event%3Duser.login", ["hello"]),
        ("trace%3D\(ConsoleHarness.traceID)", ["payment failed"]),
        ("-service:auth+-severity%3Dinfo", ["payment failed", "Disk nearly FULL"]),
    ])
    func termsSelectRecords(query: String, expected: [String]) async throws {
        let answer = try await console().get("/data/logs?q=\(query)")
        #expect(bodies(answer) == expected && answer["matched"]?.stringValue == "\(expected.count)")
    }

    @Test func recordHasAllThatItCameWith() async throws {
        let answer = try await console().get("/data/logs?q=payment")
        let record = try #require(answer["logs"]?[0])
        #expect(record["severity"] == 17 && record["traceId"]?.stringValue == Harness.traceID && record["spanId"] == "")
        #expect(record["time"]?.stringValue == "\(Harness.time + 3)" && record["service"] == "shop" && record["scope"] == "test")
        #expect(record["attributes"] == [["key": "order", "value": ["stringValue": "o-7"]]])
        #expect(answer["resources"]?[0]?["service"] == "shop")
    }

    @Test func pagesFollowEachOtherWhileRecordsCome() async throws {
        let console = Harness()
        await console.sendLogs((1...10).map { Record(body: "r\($0)", time: 5) })
        let first = try await console.get("/data/logs?limit=4")
        await console.sendLogs([Record(body: "late", time: 6)])
        let next = try #require(first["next"]?.stringValue)
        let second = try await console.get("/data/logs?limit=20&before=\(next)")
        #expect(bodies(first) == ["r10", "r9", "r8", "r7"])
        #expect(bodies(second) == ["r6", "r5", "r4", "r3", "r2", "r1"])
        #expect(second["next"] == .null)
    }

    @Test func volumeCountsBySeverityInSteps() async throws {
        let console = await console()
        let (from, to) = (Harness.time + 1, Harness.time + 5)
        let volume = try await console.get("/data/logs/volume?from=\(from)&to=\(to)&steps=2")
        #expect(volume["start"]?.stringValue == "\(from)" && volume["step"] == "2")
        #expect(volume["counts"]?[0] == ["trace": 0, "debug": 0, "info": 1, "warn": 1, "error": 0, "fatal": 0])
        #expect(volume["counts"]?[1] == ["trace": 0, "debug": 1, "info": 0, "warn": 0, "error": 1, "fatal": 0])
    }

    @Test func facetsCountKeysAndValues() async throws {
        let console = await console()
        let keys = try await console.get("/data/facets?signal=logs")["values"]?.arrayValue?.compactMap { $0["value"]?.stringValue }
        #expect(Set(keys ?? []) == ["service.name", "host.name", "disk.used", "order"])
        let services = try await console.get("/data/facets?signal=logs&key=service")["values"]
        #expect(services == [["value": "shop", "count": 3], ["value": "auth", "count": 1]])
        let severities = try await console.get("/data/facets?signal=logs&key=severity")["values"]
        #expect(severities?.arrayValue?.count == 4)
        #expect(try await console.get("/data/facets?signal=logs&key=disk.used")["values"] == [["value": "97", "count": 1]])
    }

    @Test(
        "the steps of a volume cover its window, whatever its ends",
        arguments: [
            (0, UInt64.max), (1, .max - 1), (1, .max), (.max - 1, .max), (.max, .max), (.max, 0), (0, 1), (5, 5), (1, 60), (1, 61), (1, 62),
        ] as [(UInt64, UInt64)])
    func stepsCoverTheWindow(from: UInt64, to: UInt64) {
        for steps in [1, 60, 500] {
            let volume = LogSearch.Volume(TimeWindow(from: from, to: to), oldest: nil, now: 1_000, steps: steps)
            #expect(volume.step > 0 && volume.counts.count == steps && volume.end >= volume.start)
            let (covered, overflow) = volume.step.multipliedReportingOverflow(by: UInt64(steps))
            #expect(overflow || covered >= volume.end - volume.start)
            #expect((volume.step - 1) * UInt64(steps) < max(1, volume.end - volume.start))
        }
    }

    @Test("a time beyond those of signed numbers is refused, and the last of them is not") func hugeTimesHaveAnAnswer() async throws {
        for route in ["logs/volume", "logs", "traces"] {
            let refused = await console().send("GET", "/data/\(route)?from=1&to=18446744073709551614")
            #expect(refused.status == 400 && String(decoding: refused.body, as: UTF8.self).contains("to is"))
            #expect(await console().send("GET", "/data/\(route)?from=1&to=9223372036854775807").status == 200)
        }
        let volume = try await console().get("/data/logs/volume?from=1&to=9223372036854775807")
        #expect(volume["total"]?.stringValue == "4")
    }

    @Test func recordWithoutTimesHasThatOfItsArrival() async throws {
        let console = Harness()
        _ = await console.post("/v1/logs", json: #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"x"}}]}]}]}"#)
        #expect(bodies(try await console.get("/data/logs?from=-1m")) == ["x"])
    }
}
