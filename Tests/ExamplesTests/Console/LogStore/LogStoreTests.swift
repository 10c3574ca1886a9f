// The file of log records: what it finds, keeps, removes and refuses.

import ExampleSupport
import Glibc
import Telemetry
import Testing

@testable import TelemetryConsole

struct LogStoreTests {
    private typealias Harness = ConsoleHarness
    private typealias Record = ConsoleHarness.Record

    private let directory: TemporaryDirectory
    private var path: String { "\(directory.path)/logs.db" }

    init() throws { directory = try TemporaryDirectory() }

    /// Runs the closure with a console whose log records are in the file, and ends it.
    private func withConsole<Result>(
        _ limits: LogStoreLimits = LogStoreLimits(), _ body: (Harness, LogStore) async throws -> Result
    ) async throws -> Result {
        let store = try LogStore(path: path, limits: limits)
        let harness = Harness(logStore: store)
        let result: Result
        do { result = try await body(harness, store) } catch {
            await harness.console.finish(until: .after(ServiceHarness.patience))
            throw error
        }
        await harness.console.finish(until: .after(ServiceHarness.patience))
        return result
    }

    private func bodies(_ answer: JSONValue) -> [String] {
        (answer["logs"]?.arrayValue ?? []).compactMap { $0["body"]?["stringValue"]?.stringValue }
    }

    private func percent(_ text: String) -> String {
        text.utf8.map {
            $0 < 128 && ($0 >= 0x30 && $0 <= 0x39 || $0 >= 0x41 && $0 <= 0x5A || $0 >= 0x61 && $0 <= 0x7A)
                ? String(UnicodeScalar($0)) : "%" + (($0 < 16 ? "0" : "") + String($0, radix: 16))
        }
        .joined()
    }

    /// A record of now: those of the past would be too old for the file.
    private func sendNow(_ console: Harness, _ records: [Record], service: String = "shop", age: UInt64 = 60_000_000_000) async {
        let start = Timestamp.now.nanosecondsSinceEpoch - age - Harness.time
        let moved = records.map { record in
            var record = record
            record.time += start
            return record
        }
        await console.sendLogs(moved, service: service)
    }

    private func fill(_ console: Harness, _ store: LogStore) async throws {
        await sendNow(
            console,
            [
                Record(body: "server started on port 80", severity: 9, time: 1_000_000),
                Record(body: "Disk nearly FULL", severity: 13, time: 2_000_000, attributes: Harness.attribute("disk.used", 97)),
                Record(
                    body: "payment failed: connection refused", severity: 17, time: 3_000_000, trace: Harness.traceID,
                    attributes: Harness.attribute("order.id", "o-7") + "," + Harness.attribute("peer", "10.0.0.7")),
            ])
        await sendNow(
            console, [Record(body: "hello", severity: 5, time: 4_000_000, more: #","eventName":"user.login""#)], service: "auth")
        #expect(await eventually { store.counts.stored == 4 })
    }

    /// Searches, and the first words of the records that they find.
    private static let searches: [(query: String, expected: String)] = [
        ("", "hello,payment,Disk,server"), ("full", "Disk"), ("FULL nearly", "Disk"), ("\"disk nearly\"", "Disk"),
        ("\"nearly disk\"", ""),
        ("ful", ""), ("ful*", "Disk"), ("pay* refused", "payment"), ("service:auth", "hello"), ("service!=auth", "payment,Disk,server"),
        ("severity>=warn", "payment,Disk"), ("severity=info", "server"), ("severity<9", "hello"), ("error", "payment"),
        ("trace=\(ConsoleHarness.traceID)", "payment"), (ConsoleHarness.traceID, "payment"),
        ("-trace=\(ConsoleHarness.traceID)", "hello,Disk,server"),
        ("order.id=o-7", "payment"), ("order.id=o-8", ""), ("order.id!=o-8", "payment"), ("disk.used=97", "Disk"),
        ("disk.used=97.0", "Disk"), ("disk.used>90", "Disk"), ("disk.used>98", ""), ("-disk.used>90", "hello,payment,server"),
        ("peer~0.0", "payment"), ("o-7", "payment"), ("host.name=h1", "hello,payment,Disk,server"),
        ("host.name=h2", ""), ("event=user.login", "hello"), ("scope=test", "hello,payment,Disk,server"),
        ("full OR hello", "hello,Disk"), ("full OR service:auth", "hello,Disk"), ("-full", "hello,payment,server"),
        ("-full -hello", "payment,server"), ("NOT (full OR hello) severity>=info", "payment,server"),
        ("(full OR refused) -payment", "Disk"), ("full OR disk.used>90 OR severity=debug", "hello,Disk"),
        ("shop", "payment,Disk,server"),
        ("shop OR hello", "hello,payment,Disk,server"), ("10.0.0.7", "payment"), ("\"port 80\"", "server"), ("port-80", "server"),
        ("severity>=warn OR service:auth", "hello,payment,Disk"), ("nothing", ""),
    ]

    @Test("POC-41: words, phrases, beginnings, fields, alternatives and negation") func termsSelectRecords() async throws {
        try await withConsole { console, store in
            try await fill(console, store)
            for (query, expected) in Self.searches {
                let answer = try await console.get("/data/logs?q=\(percent(query))")
                #expect(bodies(answer).map { $0.split(separator: " ")[0] }.joined(separator: ",") == expected, "\(query)")
                let volume = try await console.get("/data/logs/volume?q=\(percent(query))")
                #expect(volume["total"]?.stringValue == "\(expected.split(separator: ",").count)", "\(query)")
            }
        }
    }

    @Test func recordHasAllThatItCameWith() async throws {
        try await withConsole { console, store in
            try await fill(console, store)
            let answer = try await console.get("/data/logs?q=payment")
            let record = try #require(answer["logs"]?[0])
            #expect(record["severity"] == 17 && record["traceId"]?.stringValue == Harness.traceID && record["service"] == "shop")
            #expect(record["scope"] == "test" && record["attributes"]?[0] == ["key": "order.id", "value": ["stringValue": "o-7"]])
            #expect(answer["resources"]?[0]?["attributes"]?.arrayValue?.count == 2)
            let csv = await console.send("GET", "/data/logs?q=payment&format=csv")
            #expect(csv.text.contains("payment failed: connection refused"))
        }
    }

    @Test(
        "POC-41: a bad search is refused with its place",
        arguments: [("full !!", 6), ("run=5", 1), ("a OR run=5", 6), ("(full", 1), ("severity>=bad", 11), ("t*", 1), ("\"-\"", 2)])
    func badSearchIsRefusedWithItsPlace(query: String, column: Int) async throws {
        try await withConsole { console, _ in
            for route in ["/data/logs", "/data/logs/volume"] {
                let response = await console.send("GET", "\(route)?q=\(percent(query))")
                let error = try JSONValue(parsing: response.body)["error"]
                #expect(response.status == 400 && error?["at"]?.integerValue == column, "\(error?.description ?? "")")
            }
        }
    }

    @Test("POC-41: any search has an answer or a reason") func anyTextHasAnAnswer() async throws {
        try await withConsole { console, store in
            try await fill(console, store)
            var random = SplitMix64(seed: 41)
            let parts = [
                "\"", "(", ")", "-", "NOT", "OR", "AND", "NEAR", "*", "a*b", "full", "body:", ":", "^", "{", "}", "+", "'", "\\", "ü",
                "\u{0}", "=", "x=", "service:", "severity>=", "🙂", "null", "--", "%", "payment*",
            ]
            for _ in 0..<1_500 {
                let text = (0..<Int(random.next() % 7)).map { _ in
                    parts[Int(random.next() % UInt64(parts.count))] + (random.next() % 2 == 0 ? " " : "")
                }
                let response = await console.send("GET", "/data/logs?q=\(percent(text.joined()))")
                #expect(response.status == 200 || response.status == 400, "\(text.joined()): \(response.text)")
            }
        }
    }

    @Test("POC-41: what was committed is there after the end, and after a start without one") func recordsOutliveTheProcess() async throws {
        try await withConsole { console, store in
            try await fill(console, store)
            // The first store is not stopped: for the second one its process has died.
            let second = try LogStore(path: path)
            let next = Harness(logStore: second)
            #expect(bodies(try await next.get("/data/logs?q=full")) == ["Disk nearly FULL"])
            await sendNow(next, [Record(body: "again full", time: 9_000_000)])
            #expect(await eventually { second.counts.stored == 1 })
            #expect(bodies(try await next.get("/data/logs?q=full")) == ["again full", "Disk nearly FULL"])
            let summary = try await next.get("/data/summary")["logStore"]
            #expect(summary?["kept"] == "5" && summary?["stored"] == "1" && summary?["dropped"] == "0" && summary?["lastFailure"] == .null)
            await next.console.finish(until: .after(ServiceHarness.patience))
        }
        let mode = try directory.permissions(of: "logs.db")
        #expect(mode == 0o600, "Telemetry may hold secrets.")
    }

    @Test("POC-41: the file is bounded by bytes, the oldest records first") func fileIsBoundedByBytes() async throws {
        var limits = LogStoreLimits()
        limits.bytes = 1 << 20
        try await withConsole(limits) { console, store in
            var sent = 0
            for part in 0..<60 {
                await sendNow(
                    console,
                    (0..<100).map {
                        Record(
                            body: "line \(part * 100 + $0) \(String(repeating: "word\($0) ", count: 20))",
                            time: UInt64(part * 100 + $0) * 1_000_000)
                    })
                sent += 100
                #expect(await eventually { store.counts.stored == sent })
            }
            #expect(await eventually { store.contents.bytes < limits.bytes + (1 << 19) && store.contents.count < 5_000 })
            #expect(store.contents.sealed.count > 2 && store.contents.count > 500)
            let answer = try await console.get("/data/logs?q=line&limit=1000")
            #expect(bodies(answer).first?.hasPrefix("line 5999 ") == true)
            #expect(try await console.get("/data/logs/volume?q=line")["total"]?.stringValue == "\(store.contents.count)")
            #expect(bodies(try await console.get("/data/logs?q=%22line+0%22")) == [])
        }
    }

    @Test("POC-41: the file is bounded by days") func fileIsBoundedByDays() async throws {
        var limits = LogStoreLimits()
        limits.age = 3_600_000_000_000
        try await withConsole(limits) { console, store in
            await sendNow(console, [Record(body: "old")], age: 2 * 3_600_000_000_000)
            await sendNow(console, [Record(body: "new")])
            #expect(await eventually { store.counts.stored == 2 })
            let found = bodies(try await console.get("/data/logs"))
            #expect(found == ["new"], "What is too old is not found, though it is in the file.")
        }
        limits.age = 32
        try await withConsole(limits) { _, store in
            let isEmpty = await eventually { store.contents.count == 0 }
            #expect(isEmpty)
        }
        let reopened = try LogStore(path: path)
        #expect(reopened.contents.count == 0)
        await reopened.stop(until: .after(ServiceHarness.patience))
    }

    @Test func whatComesFasterThanTheFileIsDroppedAndCounted() async throws {
        var limits = LogStoreLimits()
        limits.waitingBytes = 100
        try await withConsole(limits) { console, store in
            await sendNow(console, (0..<10).map { Record(body: "line \($0)") })
            #expect(store.counts.dropped == 10 && store.counts.stored == 0)
        }
    }

    @Test("a file without columns of attributes is taken over, and its records are looked at") func fileOfTheFirstVersionIsTakenOver()
        async throws
    {
        var limits = LogStoreLimits()
        limits.maximumShardBytes = 100
        try await withConsole(limits) { console, store in
            try await fill(console, store)
            #expect(store.contents.sealed.count > 0)
        }
        do {
            let file = try SQLiteFile(path)
            #expect(try LogStoreSchema.number("SELECT count(*) FROM attribute_columns", file) > 0)
            try file.run("DROP TABLE attribute_columns")
            try file.run("PRAGMA user_version = 1")
        }
        try await withConsole { console, _ in
            for (query, expected) in [("order.id=o-7", "payment"), ("-disk.used>90", "hello,payment,server")] {
                let answer = try await console.get("/data/logs?q=\(percent(query))")
                #expect(bodies(answer).map { $0.split(separator: " ")[0] }.joined(separator: ",") == expected)
                #expect(
                    try await console.get("/data/logs/volume?q=\(percent(query))")["total"]?.stringValue
                        == "\(expected.split(separator: ",").count)")
            }
            let messages = try await console.get("/data/logs/breakdown?by=message&steps=1")
            #expect(messages["values"] == 4)
        }
        let file = try SQLiteFile(path)
        #expect(try LogStoreSchema.number("PRAGMA user_version", file) == LogStoreSchema.version)
    }

    @Test("columns that cannot be read are no answer: the records are looked at") func damagedColumnsAreNotBelieved() async throws {
        var limits = LogStoreLimits()
        limits.maximumShardBytes = 1
        try await withConsole(limits) { console, store in try await fill(console, store) }
        do {
            let file = try SQLiteFile(path)
            #expect(try LogStoreSchema.number("SELECT count(*) FROM attribute_columns WHERE kind = 0", file) > 0)
            try file.run("UPDATE attribute_columns SET codes = x'07' WHERE kind < 2")
        }
        try await withConsole { console, _ in
            let volume = try await console.get("/data/logs/volume?q=\(percent("order.id=o-7"))")
            #expect(volume["total"]?.stringValue == "1")
            #expect(try await console.get("/data/logs/breakdown?by=disk.used&steps=1")["series"]?[0]?["value"] == "97")
            #expect(try await console.get("/data/logs/breakdown?by=message&steps=1")["values"] == 4)
        }
    }

    @Test func fileOfAnotherKindIsRefusedByName() throws {
        func refusal() throws -> String {
            let error = #expect(throws: StartFailure.self) { try LogStore(path: path) }
            return error?.description ?? ""
        }
        try directory.write(Array(String(repeating: "no database ", count: 100).utf8), to: "logs.db")
        let first = try refusal()
        #expect(first.contains("LOG_STORE") && first.contains("not a database"))
        unlink(path)
        do {
            let file = try SQLiteFile(path)
            try file.run("CREATE TABLE mine (a)")
        }
        #expect(try refusal().contains("another database"))
        unlink(path)
        do {
            let file = try SQLiteFile(path)
            try LogStoreSchema.prepare(file)
            try file.run("PRAGMA user_version = 7")
        }
        #expect(try refusal().contains("schema 7"))
        let missing = #expect(throws: StartFailure.self) { try LogStore(path: "/nowhere/at/all.db") }
        #expect(missing?.description.contains("/nowhere/at/all.db") == true)
    }

    @Test func limitsAreRead() throws {
        let limits = try LogStoreLimits(ServiceEnvironment(["LOG_STORE_BYTES": "33554432", "LOG_STORE_DAYS": "2"]))
        #expect(limits.bytes == 32 << 20 && limits.age == 2 * 86_400_000_000_000)
        let error = #expect(throws: StartFailure.self) { _ = try LogStoreLimits(ServiceEnvironment(["LOG_STORE_BYTES": "1"])) }
        #expect(error?.description.contains("LOG_STORE_BYTES") == true)
        let none = try LogStore.start(ServiceEnvironment([:]))
        #expect(none == nil)
    }

    @Test("a shard that is removed during a search is left out of it") func removedShardIsLeftOut() throws {
        let contents = LogStoreContents()
        let gone = SQLiteFile.Failure(description: "no such table")
        let summary = LogShard.Summary(number: 3, began: 1, count: 1, bytes: 1, oldest: 1, newest: 1)
        contents.commit(sealed: [summary], open: LogShard(number: 4, began: 2))
        func search(_ number: Int) throws(SQLiteFile.Failure) -> Int? {
            try contents.unlessRemoved(number) { () throws(SQLiteFile.Failure) -> Int? in throw gone }
        }
        for kept in [3, 4] { #expect(throws: SQLiteFile.Failure.self) { try search(kept) } }
        contents.remove(3)
        #expect(try search(3) == nil)
        #expect(try contents.unlessRemoved(3) { () throws(SQLiteFile.Failure) -> Int? in 7 } == 7)
    }

    @Test("a search that columns answer with nothing ends with the time that it has, and says so") func searchesEndInTime() async throws {
        var limits = LogStoreLimits()
        limits.maximumShardBytes = 1_000
        try await withConsole(limits) { console, store in
            for number in 0..<20 {
                let attributes = [Harness.attribute("text", String(repeating: "a", count: 200)), Harness.attribute("n", number)]
                await sendNow(console, [Record(body: "one", attributes: attributes.joined(separator: ","))])
                #expect(await eventually { store.counts.stored == number + 1 })
            }
            #expect(store.contents.sealed.count > 1)
            let request = LogBreakdown.Request(field: .service, measure: nil, steps: 1)
            for query in ["absent=1", "n=100", "n=1 OR (n=2 n=3)"] {
                let term = try SearchParser.parse(query, .logs)
                for (time, isPartial) in [(Duration.zero, true), (.seconds(60), false)] {
                    #expect(try store.newest(term, TimeWindow(), 10, before: nil, within: time).result.isPartial == isPartial, "\(query)")
                    #expect(try store.volume(term, TimeWindow(), steps: 1, within: time).isPartial == isPartial, "\(query)")
                    #expect(try store.breakdown(term, TimeWindow(), request, within: time).isPartial == isPartial, "\(query)")
                }
            }
        }
    }

    @Test("columns are read once for all terms of a search, and not once its time is over") func columnsAreReadOnce() throws {
        let (shard, term) = (LogShard(number: 1, began: 1), try SearchParser.parse("a=1 OR a=2 OR (a=3 -b=4)", .logs))
        for (time, expected) in [(Duration.seconds(60), ["a", "b"]), (.zero, [])] {
            var read: [String] = []
            var verdicts = LogVerdicts(shard: shard, deadline: QueryDeadline(time)) { key in
                read.append(key)
                return .absent
            }
            #expect(try (verdicts.verdicts(term) == nil) == expected.isEmpty)
            #expect(read == expected)
        }
    }

    @Test func columnsAreReadAsTheyWereWritten() {
        var columns = LogColumns()
        for number in 0..<100 { columns.append(time: UInt64(number) << 50, severity: UInt8(number % 25), origin: UInt16(number * 600)) }
        #expect(LogColumns(columns.bytes) == columns && LogColumns([]) == LogColumns())
        #expect(LogColumns(Array(columns.bytes.dropLast())) == nil)
    }
}
