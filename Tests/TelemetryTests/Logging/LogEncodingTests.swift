// A record is the OTLP message that it is sent as, within its limits.

import Testing

@testable import Telemetry

struct LogEncodingTests {
    @Test(arguments: LogPath.allCases)
    func recordIsEncodedAsTheOTLPMessage(path: LogPath) async throws {
        let recording = LogRecording(path, limits: LogRecordLimits(attributeCount: 1))
        recording.log.emit(
            LogRecord(
                "hi", severity: .info, severityText: "Info", timestamp: Timestamp(nanosecondsSinceEpoch: 0x0102_0304_0506_0708),
                observedTimestamp: Timestamp(nanosecondsSinceEpoch: 2), attributes: ["k": 1, "over": 2], eventName: "e", context: .madeUp())
        )
        let record = try await recording.record()
        let expected: [UInt8] =
            [0x09, 8, 7, 6, 5, 4, 3, 2, 1]  // time_unix_nano, fixed64
            + [0x10, 9]  // severity_number
            + [0x1A, 4, 0x49, 0x6E, 0x66, 0x6F]  // severity_text
            + [0x2A, 4, 0x0A, 2, 0x68, 0x69]  // body: AnyValue.string_value
            + [0x45, 1, 0, 0, 0]  // flags, fixed32
            + [0x4A, 16, 0, 0, 0, 0, 0, 0, 0, 0xA1, 0, 0, 0, 0, 0, 0, 0, 0xB2]  // trace_id
            + [0x52, 8, 0, 0, 0, 0, 0, 0, 0, 0xC3]  // span_id
            + [0x59, 2, 0, 0, 0, 0, 0, 0, 0]  // observed_time_unix_nano, fixed64
            + [0x62, 1, 0x65]  // event_name
            + [0x32, 7, 0x0A, 1, 0x6B, 0x12, 2, 0x18, 1]  // attributes
            + [0x38, 1]  // dropped_attributes_count, which is known after them
        record.withMessage { #expect(Array($0) == expected) }
    }

    @Test(arguments: LogPath.allCases)
    func severityTextOfOneByteIsEncoded(path: LogPath) async throws {
        let recording = LogRecording(path)
        recording.log.emit(LogRecord("hi", severity: .info, severityText: "I"))
        let record = try await recording.record()
        #expect(record.severityText == "I" && record.body == "hi")
    }

    @Test(arguments: LogPath.allCases)
    func bodyHoldsEveryKindOfValueRegardlessOfLimits(path: LogPath) async throws {
        let recording = LogRecording(path, limits: LogRecordLimits(attributeCount: 0, attributeValueLength: 1, attributeValueDepth: 1))
        let long = String(repeating: "é", count: 1000)
        let everything: AttributeValue = [
            "text": .string(long), "true": true, "false": false, "int": .int(.min), "double": -0.5,
            "bytes": .bytes(Array(repeating: 7, count: 300)),
            "empty": .empty, "no text": "", "": "empty key", "array": ["a", 1, [2.5, .empty, ["deep": [["deeper": .string(long)]]]]],
            "nothing": [], "no entries": .map([:]),
        ]
        let bodies: [AttributeValue] = [
            everything, .string(long), "", true, 42, .int(.max), 1.5, .double(.infinity), .bytes([0, 255]), .bytes([]), [], .map([:]),
            .empty,
        ]
        for body in bodies { recording.log.emit(LogRecord(body, severity: .info, attributes: ["a": 1])) }
        let records = await recording.records()
        #expect(records.map(\.body) == bodies)
        #expect(records.allSatisfy { $0.attributes.isEmpty && $0.droppedAttributeCount == 1 })
    }

    @Test(arguments: LogPath.allCases, [255, 256, 257, 100_000])
    func textOfAnyLengthIsTheBodyBesideTheOtherFields(path: LogPath, count: Int) async throws {
        let recording = LogRecording(path, limits: LogRecordLimits(attributeCount: 1))
        let text = String(repeating: "x", count: count)
        recording.log.emit(LogRecord(.string(text), severity: .info, severityText: "I", attributes: ["k": 1, "over": 2], eventName: "e"))
        let record = try await recording.record()
        #expect(record.body == .string(text) && record.severityText == "I" && record.eventName == "e")
        #expect(record.attributes == ["k": 1] && record.droppedAttributeCount == 1)
    }

    @Test func bodyThatIsNotANumberIsKept() async throws {
        let recording = LogRecording()
        recording.log.emit(LogRecord(.double(.nan)))
        #expect(try await recording.record().body?.doubleValue?.isNaN == true)
    }

    @Test func bodyIsKeptToADepthOf64() async throws {
        let recording = LogRecording(.queue)
        var body: AttributeValue = "core"
        for _ in 0..<1000 { body = [body] }
        recording.log.emit(LogRecord(body))
        var kept = try await recording.record().body.unwrapped()
        var depth = 0
        while case .array(let values) = kept, let first = values.first { (kept, depth) = (first, depth + 1) }
        #expect(depth == 64 && kept == .empty)
    }

    @Test(arguments: LogPath.allCases)
    func attributesBeyondTheLimitAreDroppedAndCounted(path: LogPath) async throws {
        let recording = LogRecording(path, limits: LogRecordLimits(attributeCount: 3))
        let many = Attributes((0..<10).map { ("key \($0)", AttributeValue($0)) })
        recording.log.info("x", many)
        recording.log.info("x", ["a": 1, "b": 2, "a": 3, "c": 4, "b": 5])
        let records = await recording.records()
        #expect(records[0].attributes == ["key 0": 0, "key 1": 1, "key 2": 2] && records[0].droppedAttributeCount == 7)
        #expect(records[1].attributes == ["a": 3, "b": 5, "c": 4] && records[1].droppedAttributeCount == 0, "A key counts once.")
    }

    @Test(arguments: LogPath.allCases)
    func defaultLimitsAre128AttributesOfAnyLength(path: LogPath) async throws {
        let recording = LogRecording(path)
        let long = String(repeating: "x", count: 100_000)
        recording.log.info("x", Attributes((0..<200).map { ("key \($0)", .string(long)) }))
        let record = try await recording.record()
        #expect(record.attributes.count == 128 && record.droppedAttributeCount == 72)
        #expect(record.attributes.allSatisfy { $0.value == .string(long) })
    }

    @Test(arguments: LogPath.allCases)
    func longValuesAreTruncatedAtUnicodeScalarsAlsoInArraysAndMaps(path: LogPath) async throws {
        let recording = LogRecording(path, limits: LogRecordLimits(attributeValueLength: 3, attributeValueDepth: 1))
        recording.log.info(
            "a message is not cut",
            [
                "text": "éééé", "list": ["abcd", ["too deep"]], "map": ["key is whole": "abcd"], "bytes": .bytes([1, 2, 3, 4]),
                "n": 123_456,
            ],
            eventName: "nor.is.a.name")
        let record = try await recording.record()
        #expect(
            record.attributes == [
                "text": "ééé", "list": .array(["abc", .empty]), "map": ["key is whole": "abc"], "bytes": .bytes([1, 2, 3]), "n": 123_456,
            ])
        #expect(record.body == "a message is not cut" && record.eventName == "nor.is.a.name" && record.droppedAttributeCount == 0)
    }

    @Test(arguments: [1, 17, 100, 4_000, 70_000, 2_000_000])
    func recordsOfEverySizeAreExportedWhole(size: Int) async throws {
        let recording = LogRecording(.queue)
        let text = String(repeating: "z", count: size)
        for _ in 0..<3 { recording.log.emit(LogRecord(.string(text), attributes: ["text": .string(text)])) }
        let records = await recording.records()
        #expect(records.count == 3 && records.allSatisfy { $0.body == .string(text) && $0.attributes == ["text": .string(text)] })
    }

    @Test func randomBytesDecodeAsARecordWithoutATrap() throws {
        let recording = LogRecording()
        recording.log.emit(
            LogRecord(
                ["a": [1, nil]], severity: .error, severityText: "E", timestamp: .now, attributes: ["k": ["x": 1]], eventName: "e",
                context: .madeUp()))
        let whole = try recording.memory.finishedRecords.first.unwrapped().withMessage { Array($0) }
        let scope = RecordedScope(InstrumentationScope(name: "received"), resource: RecordedResource(LogRecording.resource))
        var random = SplitMix64(seed: 5)
        for round in 0..<3000 {
            var bytes = round.isMultiple(of: 3) ? (0..<40).map { _ in UInt8.random(in: 0...255, using: &random) } : whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            bytes.removeLast(round.isMultiple(of: 5) ? Int.random(in: 0..<bytes.count, using: &random) : 0)
            let record = ReadableLogRecord(EncodedItem(bytes: bytes, received: scope))
            _ = (record.time, record.severity, record.severityText, record.body, record.attributes, record.droppedAttributeCount)
            _ = (record.traceID, record.spanID, record.traceFlags, record.eventName)
            #expect(LogLine.text(for: record).hasSuffix("\n"))
        }
    }
}
