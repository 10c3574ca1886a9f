// The log store answers as the memory does, over random records and searches.

import ExampleSupport
import Telemetry
import Testing

@testable import TelemetryConsole

struct LogStoreComparisonTests {
    private static let words = ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel"]

    private struct Source {
        var random: SplitMix64

        mutating func number(_ limit: Int) -> Int { Int(random.next() % UInt64(limit)) }

        mutating func pick(_ words: [String]) -> String { words[number(words.count)] }

        mutating func term(_ depth: Int) -> String {
            switch number(depth > 2 ? 9 : 12) {
            case 0, 1: pick(LogStoreComparisonTests.words)
            case 2: "\"\(pick(LogStoreComparisonTests.words)) \(pick(LogStoreComparisonTests.words))\""
            case 3: "service:s\(number(4))"
            case 4: "severity\(pick([">=", "<", "=", "!="]))\(pick(["warn", "info", "17", "error"]))"
            case 5: "key\(number(3))\(pick(["=", "!="]))\(pick(["v0", "v1", "3"]))"
            case 6: "num>\(number(9))"
            case 7: "\(pick(LogStoreComparisonTests.words).prefix(3))*"
            case 8: pick(["long~abc", "long=short", "-long=short", "host.name=h1", "absent=1", "absent!=1", "key0>2", "key1~v"])
            case 9: "-\(term(depth + 1))"
            case 10: "(\(term(depth + 1)) OR \(term(depth + 1)))"
            default: "(\(term(depth + 1)) \(term(depth + 1)))"
            }
        }
    }

    @Test("POC-41: the store finds what the memory finds, in the same order, over several shards")
    func storeFindsWhatTheMemoryFinds() async throws {
        let directory = try TemporaryDirectory()
        var limits = LogStoreLimits()
        limits.maximumShardBytes = 6_000
        let store = try LogStore(path: "\(directory.path)/logs.db", limits: limits)
        let (stored, memory) = (ConsoleHarness(logStore: store), ConsoleHarness())
        var source = Source(random: SplitMix64(seed: 4_141))
        let start = Timestamp.now.nanosecondsSinceEpoch - 3_600_000_000_000 - ConsoleHarness.time
        var sent = 0
        for _ in 0..<40 {
            var records: [ConsoleHarness.Record] = []
            for _ in 0..<15 {
                let body = (0..<1 + source.number(4)).map { _ in source.pick(Self.words) }.joined(separator: " ")
                var attributes = [ConsoleHarness.attribute("num", source.number(10))]
                if source.number(2) == 0 {
                    attributes.append(ConsoleHarness.attribute("key\(source.number(3))", source.pick(["v0", "v1", "3"])))
                }
                // Values that no column has.
                if source.number(4) == 0 {
                    attributes.append(
                        ConsoleHarness.attribute(
                            "long", source.pick(["short", String(repeating: "abc", count: 100) + "\(source.number(3))"])))
                }
                // A record may have an attribute twice.
                if source.number(12) == 0 { attributes.append(ConsoleHarness.attribute("key0", source.pick(["v0", "v1"]))) }
                // Senders are late by different times, so that the order of times is not that of arrival.
                let time = start + UInt64(sent + source.number(200)) * 1_000_000
                records.append(.init(body: body, severity: source.number(25), time: time, attributes: attributes.joined(separator: ",")))
                sent += 1
            }
            let service = "s\(source.number(4))"
            // Resources have what some of the records have themselves.
            let resource = [ConsoleHarness.attribute("weight", source.number(5)), ConsoleHarness.attribute("key1", 70 + source.number(2))]
            for console in [stored, memory] {
                await console.sendLogs(records, service: service, resource: resource.joined(separator: ","))
            }
            if source.number(3) == 0 { #expect(await eventually { store.counts.stored == sent }) }
        }
        #expect(await eventually { store.counts.stored == sent })
        #expect(store.contents.sealed.count > 3, "Records are in several shards.")
        for _ in 0..<80 {
            let query = (0..<1 + source.number(3)).map { _ in source.term(0) }.joined(separator: " ")
            let by = source.pick(["key0", "long", "num", "service", "message", "severity", "host.name", "key1"])
            let measure = source.pick(["num", "weight", "key0", "key1", "long"])
            let q = query.flatMap {
                $0 == " " ? "+" : $0.isLetter || $0.isNumber ? String($0) : "%" + String($0.asciiValue ?? 0, radix: 16)
            }
            let from = source.number(3) == 0 ? "&from=\(start + ConsoleHarness.time + 350_000_000)" : ""
            let target = "?q=\(String(q))\(from)"
            let expected = try await memory.get("/data/logs\(target)&limit=400")
            var (found, next): ([JSONValue], String?) = ([], nil)
            repeat {
                let page = try await stored.get("/data/logs\(target)&limit=133\(next.map { "&before=\($0)" } ?? "")")
                found += page["logs"]?.arrayValue ?? []
                next = page["next"]?.stringValue
            } while next != nil && found.count < 400
            #expect(times(found.prefix(400)) == times(expected["logs"]?.arrayValue ?? []), "\(query)")
            let (a, b) = (
                try await stored.get("/data/logs/volume\(target)"), try await memory.get("/data/logs/volume\(target)")
            )
            let range = "&from=\(start + ConsoleHarness.time)&to=\(start + ConsoleHarness.time + 700_000_000)"
            let breakdown = "/data/logs/breakdown?q=\(String(q))\(range)&by=\(by)&of=\(measure)&steps=7"
            #expect(try await stored.get(breakdown) == memory.get(breakdown), "\(query) by \(by) of \(measure)")
            #expect(a["total"]?.stringValue == expected["matched"]?.stringValue && a["services"] == b["services"], "\(query)")
        }
        await stored.console.finish(until: .after(ServiceHarness.patience))
    }

    private func times(_ logs: some Sequence<JSONValue>) -> [String] {
        logs.map { "\($0["time"]?.stringValue ?? "") \($0["service"]?.stringValue ?? "") \($0["body"]?.description ?? "")" }
    }
}
