// Lists as CSV, with values that want to be more than text.

import ExampleSupport
import Telemetry
import Testing

@testable import TelemetryConsole

struct ListCSVTests {
    private typealias Harness = ConsoleHarness
    private typealias Record = ConsoleHarness.Record
    private typealias Span = ConsoleHarness.Span

    private static let logColumns = "time,severity,service,body,trace_id,span_id,attributes\r\n"
    private static let traceColumns = "start,duration_ms,service,name,spans,errors,trace_id\r\n"

    @Test func hostileLogRecordsStayFieldsOfTheirRows() async {
        let console = Harness()
        let more = #","spanId":"00f067aa0ba902b7""#
        await console.sendLogs(
            [
                Record(
                    body: #"=HYPERLINK(\"http://x\")"#, time: 2, trace: Harness.traceID, attributes: Harness.attribute("a", "b,c"),
                    more: more),
                Record(body: #"one,\r\ntwo\u0000"#, severity: 0, time: 1, more: #","severityText":"@notice""#),
            ], service: "+shop")
        let response = await console.send("GET", "/data/logs?format=csv")
        #expect(
            response.text == Self.logColumns
                + #"2023-11-14T22:13:20.000000002Z,INFO,'+shop,"'=HYPERLINK(""http://x"")","#
                + #"\#(Harness.traceID),00f067aa0ba902b7,"[{""key"":""a"",""value"":{""stringValue"":""b,c""}}]""# + "\r\n"
                + "2023-11-14T22:13:20.000000001Z,'@notice,'+shop,\"one,\r\ntwo\u{FFFD}\",,,[]\r\n")
    }

    @Test(arguments: [
        (#"{"intValue":"-5"}"#, "'-5"), (#"{"boolValue":true}"#, "true"), (#"{"doubleValue":0.5}"#, "0.5"), ("{}", ""),
        (#"{"arrayValue":{"values":[{"intValue":"1"}]}}"#, #""{""arrayValue"":{""values"":[{""intValue"":""1""}]}}""#),
    ])
    func bodyThatIsNoTextIsWritten(body: String, expected: String) async {
        let console = Harness()
        let record = #"{"timeUnixNano":"1","body":\#(body)}"#
        _ = await console.post("/v1/logs", json: #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[\#(record)]}]}]}"#)
        let response = await console.send("GET", "/data/logs?format=csv")
        #expect(response.text.hasPrefix(Self.logColumns + "1970-01-01T00:00:00.000000001Z,,"))
        #expect(response.text.hasSuffix(",\(expected),,,[]\r\n"))
    }

    @Test func hostileTracesStayFieldsOfTheirRows() async {
        let console = Harness()
        await console.sendSpans(
            [
                Span(id: 1, name: #"=HYPERLINK(\"http://x\")"#, start: 5, duration: 12_000_034),
                Span(id: 2, parent: 1, start: 6, duration: 1, isError: true),
                Span(trace: Harness.trace(7), id: 3, name: #"-a,\nb"#, duration: 1_500_000_000),
            ], service: #"a \"b\""#)
        let response = await console.send("GET", "/data/traces?format=csv")
        #expect(
            response.text == Self.traceColumns
                + #"2023-11-14T22:13:20.000000005Z,12.000034,"a ""b""","'=HYPERLINK(""http://x"")",2,1,\#(Harness.traceID)"# + "\r\n"
                + "2023-11-14T22:13:20.000000000Z,1500.000000,\"a \"\"b\"\"\",\"'-a,\nb\",1,0,\(Harness.trace(7))\r\n")
    }

    @Test(arguments: ["logs", "traces"])
    func answerIsAFileToDownload(list: String) async {
        let response = await Harness().send("GET", "/data/\(list)?format=csv")
        #expect(response.status == 200)
        #expect(response.headers["Content-Type"] == "text/csv; charset=utf-8; header=present")
        #expect(response.headers["Content-Disposition"] == "attachment; filename=\"\(list).csv\"")
        #expect(response.headers["X-Content-Type-Options"] == "nosniff")
        #expect(response.headers["X-Next"] == nil && response.headers["X-Partial"] == nil)
        #expect(response.text == (list == "logs" ? Self.logColumns : Self.traceColumns))
    }

    @Test(arguments: ["logs", "traces"])
    func searchAndPagesAreThoseOfTheJSON(list: String) async throws {
        let console = Harness()
        await console.sendLogs((1...9).map { Record(body: "r\($0)", time: UInt64($0)) })
        await console.sendSpans((1...9).map { Span(trace: Harness.trace($0), id: $0, name: "r\($0)", start: UInt64($0)) })
        await console.sendLogs([Record(time: 20)], service: "other")
        await console.sendSpans([Span(trace: Harness.trace(20), id: 20, start: 20)], service: "other")
        var target = "/data/\(list)?q=service:shop&to=\(Harness.time + 9)&limit=3"
        let first = await console.send("GET", target + "&format=csv")
        let next = try #require(first.headers["X-Next"])
        #expect(try await console.get(target + "&format=json")["next"]?.stringValue == next)
        target += "&before=\(next)&format=csv"
        let second = await console.send("GET", target)
        #expect(names(first) == ["r8", "r7", "r6"] && names(second) == ["r5", "r4", "r3"])
    }

    private func names(_ response: ServiceResponse) -> [String] {
        response.text.split(separator: "\r\n").dropFirst().map { String($0.split(separator: ",", omittingEmptySubsequences: false)[3]) }
    }

    @Test func logsEndWhereTheAnswerIsFullAndGoOnThere() async throws {
        let console = Harness()
        await console.sendLogs((1...40).map { Record(body: "r\($0) \(String(repeating: "x", count: 1_000))", time: UInt64($0)) })
        let search = LogSearch(
            blocks: console.stores.logs.blocks, term: try SearchParser.parse("", .logs), window: TimeWindow(), runs: console.stores.runNames
        )
        let result = search.newest(100, before: nil, within: .seconds(600))
        let first = ListCSV.logs(result, search.blocks, maximumBytes: 10_000)
        let second = await console.send("GET", "/data/logs?format=csv&before=\(try #require(first.headers["X-Next"]))")
        #expect(first.body.count >= 10_000 && first.body.count < 11_200 && names(first).count == 10)
        #expect((names(first) + names(second)).map { $0.prefix { $0 != " " } } == (1...40).reversed().map { "r\($0)" })
        #expect(second.headers["X-Next"] == nil)
    }

    @Test(arguments: ["logs", "traces"])
    func unknownFormatIsRefused(list: String) async throws {
        let response = await Harness().send("GET", "/data/\(list)?format=xml")
        #expect(response.status == 400)
        let error = try JSONValue(parsing: response.body)["error"]
        #expect(error?["message"] == "format is \"xml\"; it must be json or csv.")
    }
}
