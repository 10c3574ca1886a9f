// Encoding of any record as valid JSON with the same content.

import Testing

@testable import Telemetry

struct JSONLineEncoderTests {
    private static let formats: [JSONLineFormat] = [.openTelemetry, .flat, .pythonLogging]

    private func value(_ line: ArraySlice<UInt8>) throws -> JSONValue { try JSONReader.value(of: Array(line), maximumDepth: 300) }

    @Test(
        arguments: [
            ("text", #""text""#), (true, "true"), (false, "false"), (.int(.max), "9223372036854775807"),
            (.int(.min), "-9223372036854775808"),
            (9_007_199_254_740_993, "9007199254740993"), (1.5, "1.5"), (-0.0, "-0.0"), (.double(.nan), #""NaN""#),
            (.double(.infinity), #""Infinity""#), (.double(-.infinity), #""-Infinity""#), (.bytes([0xFB, 0xFF]), #""+/8=""#),
            (.bytes([]), #""""#), (.empty, "null"), ("", #""""#), ([], "[]"), ([1, "a", [true], .empty], #"[1,"a",[true],null]"#),
            ([:], "{}"),
            (["b": 1, "a": ["": .empty]], #"{"a":{"":null},"b":1}"#),
            ("\u{0}\u{1F}\"\\\n\r\t\u{7F}", #""\u0000\u001f\"\\\n\r\t"# + "\u{7F}\""),
            ("a\u{2028}b\u{2029}c\u{85}d\u{2027}", #""a\u2028b\u2029c\u0085d"# + "\u{2027}\""), ("🎷é漢", "\"🎷é漢\""),
        ] as [(AttributeValue, String)])
    func valuesOfEveryTypeAreEncodedAsBodyAndAttribute(value: AttributeValue, text: String) {
        #expect(LogLines.line(LogLines.record(value), [.body("v")]) == "{\"v\":\(text)}")
        #expect(LogLines.line(LogLines.record(attributes: [("v", value)]), [.attributes]) == "{\"v\":\(text)}")
        #expect(LogLines.line(LogLines.record(attributes: [("v", value)]), [.attributes("a")]) == "{\"a\":{\"v\":\(text)}}")
        #expect(LogLines.line(LogLines.record(), [.constant("v", value)]) == "{\"v\":\(text)}")
    }

    @Test(
        arguments: [
            ([0xFF], "\u{FFFD}"), ([0x61, 0xED, 0xA0, 0x80, 0x62], "a\u{FFFD}\u{FFFD}\u{FFFD}b"), ([0xC0, 0x80], "\u{FFFD}\u{FFFD}"),
            ([0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x0A, 0xE2, 0x80], #"abcdefgh\n"# + "\u{FFFD}"),
        ] as [([UInt8], String)])
    func invalidUTF8BecomesReplacementCharacters(bytes: [UInt8], text: String) {
        var value = WireWriter()
        value.field(1, message: bytes)
        var message = WireWriter()
        message.field(3, message: bytes)
        message.field(5, message: value.bytes)
        message.field(6, message: LogLines.keyValue(bytes, 1))
        message.field(12, message: bytes)
        let line = LogLines.line(message.bytes, [.severityText("s"), .body("b"), .eventName("e"), .attributes])
        #expect(line == "{\"s\":\"\(text)\",\"b\":\"\(text)\",\"e\":\"\(text)\",\"\(text)\":1}")
    }

    @Test func keysThatAreEqualAfterRepairAreMerged() {
        var message = WireWriter()
        for (key, number) in [([0xFF], 1), ([0xFE], 2), (Array("\u{FFFD}".utf8), 3)] as [([UInt8], AttributeValue)] {
            message.field(6, message: LogLines.keyValue(key, number))
        }
        #expect(LogLines.line(message.bytes, [.attributes]) == "{\"\u{FFFD}\":3}")
    }

    @Test func nestingBeyondTheLimitIsOmitted() throws {
        func nested(_ depth: Int) -> [UInt8] {
            var message = LogLines.anyValue(1)
            for _ in 0..<depth {
                var list = WireWriter()
                list.field(1, message: message)
                var value = WireWriter()
                value.field(5, message: list.bytes)
                message = value.bytes
            }
            var record = WireWriter()
            record.field(5, message: message)
            return record.bytes
        }
        for (depth, isWhole) in [(128, true), (132, true), (133, false), (5_000, false)] {
            let line = LogLines.line(nested(depth), [.body("b")])
            #expect(line.contains("1") == isWhole && line.contains("null") == !isWhole)
            _ = try value(Array(line.utf8)[...])
        }
    }

    @Test func damagedRecordsAreEncodedAsLines() throws {
        var random = SplitMix64(seed: 71)
        for round in 0..<3_000 {
            let record = randomRecord(using: &random)
            let line = LogLines.bytes([record.message.damaged(using: &random)], Self.formats[round % 3]).dropLast()
            #expect(!line.contains(0x0A) && !JSONKeys(line).hasDuplicates)
            _ = try value(line)
        }
    }

    @Test func randomRecordsRoundTrip() throws {
        var random = SplitMix64(seed: 70)
        for (format, count) in zip(Self.formats, [1_700, 1_700, 1_600]) {
            let records = (0..<count).map { _ in randomRecord(using: &random) }
            let lines = LogLines.bytes(records.map(\.message), format).split(separator: 0x0A, omittingEmptySubsequences: false)
            #expect(lines.count == count + 1 && lines[count].isEmpty)
            for (record, line) in zip(records, lines) {
                let read = try value(line)
                if read != expected(record, format) || JSONKeys(line).hasDuplicates {
                    Issue.record("\(String(decoding: line, as: UTF8.self)) does not say what \(record) does.")
                }
            }
        }
    }

    // MARK: Records at random

    private struct Record {
        var body: AttributeValue?
        var severity: UInt8
        var text: String
        var eventName: String
        var attributes: [(String, AttributeValue)]
        var hasTrace: Bool
        var time: UInt64

        var message: [UInt8] {
            LogLines.record(
                body, severity: UInt64(severity), severityText: text, time: time, attributes: attributes, eventName: eventName,
                traceID: hasTrace ? LogLines.traceID : [], spanID: hasTrace ? LogLines.spanID : [], flags: 1)
        }
    }

    private func randomRecord(using random: inout SplitMix64) -> Record {
        let names = ["message", "time", "level", "service", "attributes.message", "", "a\"\n", "é", "\u{2028}", "otelTraceID", "trace_id"]
        let count = [0, 1, 5, 12, 40].randomElement(using: &random) ?? 0
        let attributes = (0..<count).map { _ -> (String, AttributeValue) in
            let key = Bool.random(using: &random) ? names.randomElement(using: &random) : nil
            return (key ?? "key \(Int.random(in: 0..<80, using: &random))", randomValue(depth: 3, using: &random))
        }
        return Record(
            body: Int.random(in: 0..<8, using: &random) == 0 ? nil : randomValue(depth: 5, using: &random),
            severity: UInt8.random(in: 0...24, using: &random), text: Bool.random(using: &random) ? "" : .random(using: &random),
            eventName: Bool.random(using: &random) ? "" : .random(using: &random), attributes: attributes,
            hasTrace: Bool.random(using: &random), time: LogLines.time)
    }

    private func randomValue(depth: Int, using random: inout SplitMix64) -> AttributeValue {
        switch Int.random(in: 0..<12, using: &random) {
        case 0:
            .double(
                [.nan, .infinity, -.infinity, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude].randomElement(using: &random) ?? 0)
        case 1: ["a\u{2028}b", "\u{85}", "\r\n", "\u{1}\"\\"]
        default: .random(depth: depth, using: &random)
        }
    }

    private func expected(_ record: Record, _ format: JSONLineFormat) -> JSONValue {
        let isPython = format == .pythonLogging
        var attributes: [String: JSONValue] = [:]
        let names = Set(format.names)
        for (key, value) in record.attributes {
            let name = format == .openTelemetry || !names.contains(key) ? key : "attributes." + key
            attributes[name] = JSONValue(value)
        }
        var members: [String: JSONValue] = format == .openTelemetry ? [:] : attributes
        if format == .openTelemetry, !attributes.isEmpty { members["attributes"] = .object(attributes) }
        if let body = record.body { members[format == .openTelemetry ? "body" : "message"] = JSONValue(body) }
        if record.hasTrace {
            members[isPython ? "otelTraceID" : "trace_id"] = .string("5b8efff798038103d269b633813fc60c")
            members[isPython ? "otelSpanID" : "span_id"] = .string("eee19b7ec3c1b174")
            if isPython { members["otelTraceSampled"] = .bool(true) }
            if format == .openTelemetry { members["trace_flags"] = .string("01") }
        }
        members[isPython ? "otelServiceName" : format == .flat ? "service" : "service.name"] = .string("albums")
        guard !isPython else { return .object(members) }
        let severity = LogSeverity(rawValue: record.severity) ?? .unspecified
        if !record.eventName.isEmpty { members[format == .flat ? "event" : "event_name"] = .string(record.eventName) }
        if format == .flat {
            members["time"] = .string("2026-11-21T04:06:00.012Z")
            let word = severity == .unspecified ? record.text : severity.shortName.filter(\.isLetter).lowercased()
            if !word.isEmpty { members["level"] = .string(word) }
        } else {
            members["timestamp"] = .string("2026-11-21T04:06:00.012345678Z")
            members["scope_name"] = .string("album-store")
            if severity != .unspecified { members["severity_number"] = .integer(Int64(record.severity)) }
            let text = record.text.isEmpty ? severity.shortName : record.text
            if !text.isEmpty { members["severity_text"] = .string(text) }
        }
        return .object(members)
    }
}
