// The file of the console: what a run leaves to the next one.

import ExampleSupport
import Glibc
import Synchronization
import Telemetry
import Testing

@testable import TelemetryConsole

struct RunArchiveTests {
    private typealias Span = ConsoleHarness.Span

    /// A document that changes twice.
    private final class Versions: Sendable {
        private let waiting = Mutex(["two", "one"])

        var isAtEnd: Bool { waiting.withLock { $0.isEmpty } }

        func next() -> [UInt8]? { waiting.withLock { $0.popLast() }.map { Array($0.utf8) } }
    }

    /// Runs the closure with the path of a file that does not exist yet.
    private func withFile(_ body: (String) async throws -> Void) async throws {
        var template = Array("/tmp/console-XXXXXX\0".utf8CString)
        guard mkdtemp(&template) != nil else { return }
        let folder = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer {
            for suffix in ["", "-wal", "-shm"] { unlink("\(folder)/runs.db\(suffix)") }
            rmdir(folder)
        }
        try await body("\(folder)/runs.db")
    }

    private func open(_ path: String, _ limits: ConsoleLimits = ConsoleLimits()) throws -> (archive: RunArchive, stores: SignalStores) {
        let archive = try RunArchive(path: path, limits: limits)
        let stores = SignalStores(limits, run: archive.run)
        try archive.restore(to: stores)
        return (archive, stores)
    }

    private func get(_ console: Console, _ target: String) async throws -> JSONValue {
        try JSONValue(parsing: await console.respond(to: ServiceRequest(method: "GET", target: target)).body)
    }

    private func post(_ console: Console, _ path: String, _ json: String) async {
        _ = await console.respond(
            to: ServiceRequest(method: "POST", target: path, headers: ["Content-Type": "application/json"], body: Array(json.utf8)))
    }

    @Test func nextRunHasTheTelemetryOfTheLastOneApartFromItsOwn() async throws {
        try await withFile { path in
            let first = try open(path)
            let console = Console(first.stores, archive: first.archive, queryTime: .patience)
            await post(console, "/v1/traces", ConsoleHarness.request([Span(id: 1, name: "before")]))
            await post(
                console, "/v1/logs",
                #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"5","body":{"stringValue":"old"}}]}]}]}"#)
            await console.finish(until: .after(ServiceHarness.patience))
            #expect(first.archive.counts == RunArchive.Counts(stored: 2))

            let second = try open(path)
            let next = Console(second.stores, archive: second.archive, queryTime: .patience)
            await post(next, "/v1/traces", ConsoleHarness.request([Span(trace: ConsoleHarness.trace(2), id: 2, name: "after")]))
            let summary = try await get(next, "/data/summary")
            #expect(summary["runs"]?.arrayValue?.count == 2)
            #expect(summary["runs"]?[0]?["end"] != .null && summary["runs"]?[1]?["end"] == .null)
            #expect(summary["signals"]?["traces"]?["received"] == "1" && summary["signals"]?["traces"]?["kept"] == "2")
            let id = try #require(summary["runs"]?[0]?["id"]?.stringValue)
            let old = try await get(next, "/data/traces?q=run%3D\(id)")["traces"]
            #expect(old?.arrayValue?.count == 1 && old?[0]?["name"] == "before" && old?[0]?["run"]?.stringValue == id)
            #expect(try await get(next, "/data/logs")["matched"] == "1")
            await next.finish(until: .after(ServiceHarness.patience))
        }
    }

    @Test func scrapedMetricsOfTheLastRunAreThereAndEndAsTheyDid() async throws {
        try await withFile { path in
            let first = try open(path)
            let now = Timestamp.now.nanosecondsSinceEpoch / 1_000_000
            let labels = [LabelSet.Label("job", "shop"), LabelSet.Label("instance", "one:9464")]
            let type = "text/plain; version=0.0.4"
            for (age, page) in [
                (30_000, "# TYPE orders counter\norders{kind=\"\\\"a\\\"\"} 4\nleft 1\n"), (15_000, "orders{kind=\"\\\"a\\\"\"} 7\n"),
            ] {
                first.archive.store(
                    ScrapeRecord(
                        labels: labels, time: Int64(now) - Int64(age), duration: .milliseconds(250), type: type, page: Array(page.utf8)))
            }
            first.archive.store(ScrapeRecord(labels: labels, time: Int64(now) - 1_000, duration: .seconds(1), type: nil, page: []))
            await first.archive.stop(until: .after(ServiceHarness.patience))
            #expect(first.archive.counts == RunArchive.Counts(stored: 3))

            let second = try open(path)
            let next = Console(second.stores, archive: second.archive, queryTime: .patience)
            func value(_ query: String, _ age: Int) async throws -> String? {
                let time = Double(Int64(now) - Int64(age)) / 1_000
                let answer = try await get(next, "/api/v1/query?query=\(query)&time=\(time)")
                return answer["data"]?["result"]?[0]?["value"]?[1]?.stringValue
            }
            #expect(try await value("orders", 20_000) == "4")
            #expect(try await value("orders", 10_000) == "7")
            #expect(try await value("left", 20_000) == "1")
            #expect(try await value("left", 10_000) == nil, "The second page did not have it any more.")
            #expect(try await value("up", 10_000) == "1")
            #expect(try await value("up", 500) == "0")
            #expect(try await value("scrape_duration_seconds", 10_000) == "0.25")
            await next.finish(until: .after(ServiceHarness.patience))
        }
    }

    @Test("POC-33: a document of the last run is there in the next one") func documentsOutliveTheProcess() async throws {
        try await withFile { path in
            let first = try open(path)
            #expect(first.archive.document("alerts") == nil)
            let versions = Versions()
            first.archive.store(document: "alerts", every: .milliseconds(1)) { versions.next() }
            first.archive.store(document: "other", every: .seconds(600)) { [] }
            #expect(await eventually { versions.isAtEnd })
            #expect(first.archive.document("other") == nil, "It is not due before the end.")
            await first.archive.stop(until: .after(ServiceHarness.patience))
            let second = try open(path)
            #expect(second.archive.document("alerts") == Array("two".utf8) && second.archive.document("other") == [])
            second.archive.store(document: "alerts", every: .seconds(600)) { [UInt8](repeating: 0, count: 9 << 20) }
            await second.archive.stop(until: .after(ServiceHarness.patience))
            #expect(second.archive.counts.dropped == 1)
        }
    }

    @Test func runThatWasKilledEndedWithItsLastRequest() async throws {
        try await withFile { path in
            let first = try open(path)
            first.archive.store(try ConsoleHarness.protobuf([Span(id: 1)]), .traces)
            #expect(await eventually { first.archive.counts.stored == 1 })
            // The first archive is not stopped: for the second one its process has died.
            let second = try open(path)
            let run = try #require(second.stores.runs.first)
            #expect(run.id == first.archive.run.id && run.end != nil)
            #expect(second.stores.spans.statistics.kept == 1)
            await first.archive.stop(until: .after(ServiceHarness.patience))
            await second.archive.stop(until: .after(ServiceHarness.patience))
        }
    }

    @Test func fileIsBoundedOldestFirst() async throws {
        try await withFile { path in
            var limits = ConsoleLimits()
            limits.traceBytes = 1 << 20
            let first = try open(path, limits)
            for number in 1...40 {
                let long = ConsoleHarness.attribute("a", String(repeating: "x", count: 100_000))
                first.archive.store(try ConsoleHarness.protobuf([Span(id: number, attributes: long)]), .traces)
            }
            await first.archive.stop(until: .after(ServiceHarness.patience))
            limits.traceBytes = 64 << 20
            let second = try open(path, limits)
            let kept = second.stores.spans.statistics.kept
            #expect(kept >= 5 && kept <= 10)
            #expect(second.stores.spans.blocks.last?.spanID.last == 40)
            await second.archive.stop(until: .after(ServiceHarness.patience))
        }
    }

    @Test func fileThatIsNoDatabaseIsRefusedByName() async throws {
        try await withFile { path in
            let descriptor = Glibc.open(path, O_WRONLY | O_CREAT, 0o600)
            _ = write(descriptor, String(repeating: "no database ", count: 100), 1_200)
            close(descriptor)
            let error = #expect(throws: StartFailure.self) { try RunArchive(path: path, limits: ConsoleLimits()) }
            #expect(error?.description.contains("STORE") == true)
        }
        #expect(throws: StartFailure.self) { try RunArchive(path: "/nowhere/at/all.db", limits: ConsoleLimits()) }
    }
}
