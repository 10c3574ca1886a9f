// Log files that are followed.

import ExampleSupport
import Glibc
import Telemetry
import Testing

@testable import TelemetryConsole

struct LogTailTests {
    /// A log file that ends with the test.
    private final class File {
        let folder: String
        var path: String { folder + "/shop.log" }

        init() {
            var template = Array("/tmp/console-XXXXXX\0".utf8CString)
            _ = mkdtemp(&template)
            folder = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }

        deinit {
            for name in ["shop.log", "shop.log.1"] { unlink("\(folder)/\(name)") }
            rmdir(folder)
        }

        func append(_ text: String) {
            let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
            _ = write(descriptor, text, text.utf8.count)
            close(descriptor)
        }
    }

    private func bodies(_ request: [UInt8]?) throws -> [String] {
        guard let request else { return [] }
        return try OTLPLogsRequest.decode(request).map { $0.body?.description ?? "" }
    }

    @Test func jsonLineBecomesARecord() throws {
        let file = File()
        let tail = LogTail(file.path)
        file.append(
            #"{"level":"warn","time":"2023-11-14T22:13:20.125Z","message":"late","service":"shop","trace_id":"\#(ConsoleHarness.traceID)","#
                + #""span_id":"00f067aa0ba902b7","status":400,"latency":0.5,"tags":["a",{"b":true}]}"# + "\n")
        let request = try #require(tail.poll(now: 9))
        let record = try #require(try OTLPLogsRequest.decode(request).first)
        #expect(record.time.nanosecondsSinceEpoch == 1_700_000_000_125_000_000 && record.severity == .warn && record.severityText == "warn")
        #expect(record.body == .string("late") && "\(record.traceID)" == ConsoleHarness.traceID && "\(record.spanID)" == "00f067aa0ba902b7")
        #expect(record.attributes["status"] == .int(400) && record.attributes["latency"] == .double(0.5))
        #expect(record.attributes["tags"] == .array([.string("a"), .map(["b": .bool(true)])]))
        #expect(record.resource.attributes["service.name"] == .string("shop"))
    }

    @Test func lineThatIsNoJSONIsTheBodyAndTheFileNamesTheService() throws {
        let file = File()
        file.append("plain text\n[1]\n{\"broken\n")
        let records = try OTLPLogsRequest.decode(try #require(LogTail(file.path).poll(now: 9)))
        #expect(records.map { $0.body?.description } == ["plain text", "[1]", "{\"broken"])
        #expect(records.allSatisfy { $0.resource.attributes["service.name"] == .string("shop") })
    }

    @Test func partOfALineWaitsForItsEnd() throws {
        let file = File()
        let tail = LogTail(file.path)
        file.append("one\ntw")
        #expect(try bodies(tail.poll(now: 1)) == ["one"])
        #expect(tail.poll(now: 2) == nil)
        file.append("o\nthree\n")
        #expect(try bodies(tail.poll(now: 3)) == ["two", "three"])
    }

    @Test func rotatedAndCutFilesAreFollowed() throws {
        let file = File()
        let tail = LogTail(file.path)
        #expect(tail.poll(now: 1) == nil, "There is no file yet.")
        file.append("a\n")
        #expect(try bodies(tail.poll(now: 1)) == ["a"])
        file.append("b\n")
        rename(file.path, file.path + ".1")
        file.append("c\n")
        #expect(try bodies(tail.poll(now: 2)) == ["b", "c"])
        truncate(file.path, 0)
        #expect(tail.poll(now: 3) == nil)
        file.append("d\n")
        #expect(try bodies(tail.poll(now: 4)) == ["d"])
    }

    @Test func lineThatIsTooLongIsSkippedAndCounted() throws {
        let file = File()
        let tail = LogTail(file.path)
        file.append(String(repeating: "x", count: 300_000) + "\nshort\n")
        #expect(try bodies(tail.poll(now: 1)) == ["short"])
        #expect(tail.skippedLines == 1)
    }

    @Test(
        arguments: [
            (#""2023-11-14T22:13:20Z""#, 1_700_000_000_000_000_000), (#""2023-11-14T23:13:20.5+01:00""#, 1_700_000_000_500_000_000),
            (#""2024-02-29 00:00:00""#, 1_709_164_800_000_000_000), ("1700000000", 1_700_000_000_000_000_000),
            ("1700000000123", 1_700_000_000_123_000_000), ("1700000000123456", 1_700_000_000_123_456_000),
            ("1700000000123456789", 1_700_000_000_123_456_789), ("1700000000.25", 1_700_000_000_250_000_000),
        ] as [(String, UInt64)])
    func timesOfLoggersAreRead(json: String, nanoseconds: UInt64) throws {
        #expect(LogTime.nanoseconds(try JSONValue(parsing: Array(json.utf8))) == nanoseconds)
    }

    @Test(arguments: [
        #""yesterday""#, #""2023-13-01T00:00:00Z""#, #""2023-11-14T22:13:20Q""#, "-5", "true", "null", #""2023-11-14T22:13""#,
    ])
    func otherValuesAreNoTimes(json: String) throws {
        #expect(LogTime.nanoseconds(try JSONValue(parsing: Array(json.utf8))) == nil)
    }
}
