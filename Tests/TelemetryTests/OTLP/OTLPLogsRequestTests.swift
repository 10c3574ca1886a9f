// Log records as OTLP messages: known bytes, JSON, decoding, and random damage.

import ExampleSupport
import Testing

@testable import Telemetry

struct OTLPLogsRequestTests {
    /// The JSON that the implementation of ``LogDelivering/foreignRequest`` writes, with identifiers in hexadecimal.
    private static let foreignJSON = #"""
        {"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeLogs":[
        {"scope":{"name":"my.library","version":"1.0.0","attributes":[{"key":"my.scope.attribute","value":{"stringValue":"some"}}]},
        "logRecords":[{"timeUnixNano":"1544712660300000000","severityNumber":9,"severityText":"Information",
        "body":{"stringValue":"Example \"log\"\n\u0001é"},"attributes":[{"key":"string","value":{"stringValue":"some"}},
        {"key":"boolean","value":{"boolValue":false}},{"key":"least","value":{"intValue":"-9223372036854775808"}},
        {"key":"double","value":{"doubleValue":637.704}},{"key":"bytes","value":{"bytesValue":"+/8A"}},{"key":"nothing","value":{}},
        {"key":"list","value":{"arrayValue":{"values":[{"stringValue":"many"},{}]}}},
        {"key":"map","value":{"kvlistValue":{"values":[{"key":"some.key","value":{"boolValue":true}}]}}}],"droppedAttributesCount":2,
        "flags":1,"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174",
        "observedTimeUnixNano":"1544712660300000001","eventName":"order.placed"},
        {"body":{"kvlistValue":{"values":[{"key":"a","value":{"arrayValue":{"values":[{"intValue":"1"},
        {"kvlistValue":{"values":[{"key":"b","value":{"doubleValue":"Infinity"}}]}}]}}},{"key":"empty","value":{"kvlistValue":{}}}]}},
        "observedTimeUnixNano":"1"},{"severityNumber":24,"traceId":"5b8efff798038103d269b633813fc60c","observedTimeUnixNano":"2"}],
        "schemaUrl":"s"}],"schemaUrl":"r"}]}
        """#.split(separator: "\n").joined()

    private static let traceID = TraceID(hexadecimal: "5b8efff798038103d269b633813fc60c") ?? .invalid
    private static let spanID = SpanID(hexadecimal: "eee19b7ec3c1b174") ?? .invalid

    private static func json(_ message: OTLPMessage, _ bytes: [UInt8]) throws(OTLPJSON.Failure) -> String {
        var json = OTLPJSON()
        try json.write(message, bytes)
        return String(decoding: json.text, as: UTF8.self)
    }

    @Test func requestOfAnotherImplementationIsDecoded() throws {
        let records = try OTLPLogsRequest.decode(LogDelivering.foreignRequest)
        #expect(records.count == 3)
        let first = records[0]
        #expect(first.timestamp == Timestamp(nanosecondsSinceEpoch: 1_544_712_660_300_000_000))
        #expect(first.observedTimestamp == Timestamp(nanosecondsSinceEpoch: 1_544_712_660_300_000_001))
        #expect(first.severity == .info && first.severityText == "Information" && first.eventName == "order.placed")
        #expect(first.body == "Example \"log\"\n\u{1}é" && first.droppedAttributeCount == 2)
        #expect(first.traceID == Self.traceID && first.spanID == Self.spanID && first.traceFlags == .sampled)
        #expect(
            first.attributes == [
                "string": "some", "boolean": false, "least": .int(.min), "double": 637.704, "bytes": .bytes([0xFB, 0xFF, 0]),
                "nothing": .empty, "list": .array(["many", .empty]), "map": ["some.key": true],
            ])
        #expect(records[1].body == ["a": [1, ["b": .double(.infinity)]], "empty": .map([:])])
        #expect(records[1].timestamp == nil && records[1].severity == .unspecified && !records[1].traceID.isValid)
        #expect(records[2].body == nil && records[2].severity == .fatal4 && records[2].traceID == Self.traceID)
        let scope = InstrumentationScope(name: "my.library", version: "1.0.0", schemaURL: "s", attributes: ["my.scope.attribute": "some"])
        #expect(records.allSatisfy { $0.instrumentationScope == scope && $0.resource.attributes == ["service.name": "shop"] })
        #expect(records.allSatisfy { $0.resource.schemaURL == "r" })
    }

    @Test func jsonWritesHexadecimalIdentifiersNumericEnumerationsAndQuoted64BitNumbers() throws {
        #expect(try Self.json(.logsData, LogDelivering.foreignRequest) == Self.foreignJSON)
    }

    /// An emitted record has the same fields and values as that of another implementation, and the same JSON byte for byte.
    @Test func everyFieldOfRecordMatchesProtocolBytes() async throws {
        let receiver = try ScriptedReceiver()
        let limits = LogRecordLimits(attributeCount: 8)
        let exporter = OTLPLogExporter(endpoint: receiver.url)
        try exporter.configure(EnvironmentReader([:]))
        let processor = OneLaneLogProcessor(exporter, options: BatchOptions(scheduleDelay: .seconds(3600)), clock: .system)
        let provider = LoggerProvider(
            resource: Resource(attributes: ["service.name": "shop"], schemaURL: "r"), limits: limits,
            processors: [processor])
        let log = provider.logger(
            InstrumentationScope(name: "my.library", version: "1.0.0", schemaURL: "s", attributes: ["my.scope.attribute": "some"]))
        func context(_ spanID: SpanID, _ flags: TraceFlags) -> Context {
            Context.root.with(spanContext: SpanContext(traceID: Self.traceID, spanID: spanID, flags: flags))
        }
        log.emit(
            LogRecord(
                "Example \"log\"\n\u{1}é", severity: .info, severityText: "Information",
                timestamp: Timestamp(nanosecondsSinceEpoch: 1_544_712_660_300_000_000),
                observedTimestamp: Timestamp(nanosecondsSinceEpoch: 1_544_712_660_300_000_001),
                attributes: [
                    "string": "some", "boolean": false, "least": .int(.min), "double": 637.704, "bytes": .bytes([0xFB, 0xFF, 0]),
                    "nothing": .empty, "list": .array(["many", .empty]), "map": ["some.key": true], "too": 1, "many": 2,
                ], eventName: "order.placed", context: context(Self.spanID, .sampled)))
        log.emit(
            LogRecord(
                ["a": [1, ["b": .double(.infinity)]], "empty": .map([:])], observedTimestamp: Timestamp(nanosecondsSinceEpoch: 1),
                context: .root))
        log.emit(
            LogRecord(severity: .fatal4, observedTimestamp: Timestamp(nanosecondsSinceEpoch: 2), context: context(.invalid, [])))
        #expect(await provider.shutdown(deadline: .after(.seconds(60))) == .completed)
        let body = try #require(receiver.requests.first?.body)
        #expect(try Self.json(.logsData, body) == Self.foreignJSON)
        #expect(body.count == LogDelivering.foreignRequest.count, "Only the order of the fields differs.")
        await receiver.stop()
    }

    @Test func randomRecordsRoundTrip() throws {
        var random = SplitMix64(seed: 81)
        for record in LogRecord.random(300, using: &random) {
            let read = ReadableLogRecord(EncodedItem(bytes: record.encoded, received: Self.scope))
            #expect(read.body == record.body && read.severity == record.severity)
            #expect(read.severityText ?? "" == record.severityText ?? "" && read.eventName ?? "" == record.eventName ?? "")
            #expect(read.timestamp == record.timestamp && read.observedTimestamp == record.observedTimestamp)
            #expect(read.attributes == record.attributes && read.eventName != "" && read.severityText != "")
            let span = record.context?.spanContext ?? .invalid
            #expect(read.traceID == span.traceID && read.spanID == span.spanID && read.traceFlags == span.flags)
            let json = try JSONReader.value(of: Array(try Self.json(.logRecord, record.encoded).utf8), maximumDepth: 500)
            #expect(json["attributes"]?.elements?.count ?? 0 == record.attributes.count && (json["body"] == nil) == (record.body == nil))
        }
    }

    @Test func deepestBodyIsDecodedAndWrittenAsJSON() async throws {
        var value: AttributeValue = 1
        for index in 0..<64 { value = index % 2 == 0 ? .array([value]) : .map(["k": value]) }
        let message = LogRecord(value, observedTimestamp: Timestamp(nanosecondsSinceEpoch: 1)).encoded
        var request: [UInt8] = message
        for field in [2, 2, 1] {
            var writer = WireWriter()
            writer.field(field, message: request)
            request = writer.bytes
        }
        let whole = request
        // The thread has the stack size of an export worker.
        let outcome = await onOwnThread { () -> (body: AttributeValue?, json: String?) in
            ((try? OTLPLogsRequest.decode(whole))?.first?.body, try? Self.json(.logsData, whole))
        }
        #expect(outcome.body == value)
        #expect(outcome.json?.contains(#"{"intValue":"1"}"#) == true)
    }

    private static let scope = RecordedScope(InstrumentationScope(name: "tests"), resource: RecordedResource(.empty))

    @Test func splitResourceAndScopeAreMerged() throws {
        // Field 1 of ResourceLogs twice, with an attribute each; so is field 1 of ScopeLogs, once with the name, once with the version.
        let resource: [UInt8] = [0x0A, 5, 0x0A, 3, 0x0A, 1, 0x61, 0x0A, 5, 0x0A, 3, 0x0A, 1, 0x62]
        let scope: [UInt8] = [0x12, 12, 0x0A, 3, 0x0A, 1, 0x6E, 0x12, 0, 0x0A, 3, 0x12, 1, 0x76]
        let bytes = [0x0A, UInt8(resource.count + scope.count)] + resource + scope
        let record = try #require(try OTLPLogsRequest.decode(bytes).first)
        #expect(record.resource.attributes == ["a": .empty, "b": .empty])
        #expect(record.instrumentationScope.name == "n" && record.instrumentationScope.version == "v")
        let span = try #require(try OTLPTraceRequest.decode(bytes).first)
        #expect(span.resource.attributes == record.resource.attributes && span.instrumentationScope == record.instrumentationScope)
    }

    private static func readEverything(of record: ReadableLogRecord) -> Int {
        var sum = record.body.hashValue ^ record.attributes.count &+ record.droppedAttributeCount
        sum = sum &+ record.timestamp.hashValue &+ record.observedTimestamp.hashValue &+ record.time.hashValue
        sum = sum &+ record.severity.hashValue &+ record.severityText.hashValue &+ record.eventName.hashValue
        return sum &+ record.traceID.hashValue &+ record.spanID.hashValue &+ record.instrumentationScope.hashValue
            &+ record.resource.hashValue
    }

    @Test func damagedRequestGivesReadableRecordsOrError() {
        var random = SplitMix64(seed: 82)
        var readable = 0
        for _ in 0..<5_000 {
            guard let records = try? OTLPLogsRequest.decode(LogDelivering.foreignRequest.damaged(using: &random)) else { continue }
            for record in records { readable = readable &+ (Self.readEverything(of: record) == 0 ? 0 : 1) }
        }
        #expect(readable > 200, "Much damage still leaves a readable request.")
    }

    @Test func damagedBytesGiveValidJSONOrAnError() {
        var random = SplitMix64(seed: 83)
        var json = OTLPJSON()
        var written = 0
        for _ in 0..<5_000 {
            do throws(OTLPJSON.Failure) { try json.write(.logsData, LogDelivering.foreignRequest.damaged(using: &random)) } catch {
                continue
            }
            written += 1
            #expect(throws: Never.self) { try JSONReader.value(of: json.text) }
        }
        #expect(written > 200, "Much damage still leaves a message.")
    }

    @Test func truncatedRequestIsRefused() {
        let whole = LogDelivering.foreignRequest
        for count in whole.indices.dropFirst() {
            #expect(throws: WireError.truncated, "Cut after \(count) of \(whole.count) bytes.") {
                try OTLPLogsRequest.decode(Array(whole.prefix(count)))
            }
        }
    }

    @Test func hostileNestingIsRefused() async {
        var bytes: [UInt8] = []
        for _ in 0..<2_000 {
            var array = WireWriter()
            array.field(1, message: bytes)
            var value = WireWriter()
            value.field(5, message: array.bytes)
            bytes = value.bytes
        }
        for field in [5, 2, 2, 1] {
            var writer = WireWriter()
            writer.field(field, message: bytes)
            bytes = writer.bytes
        }
        let whole = bytes
        #expect(throws: WireError.nestedTooDeep) { try OTLPLogsRequest.decode(whole) }
    }
}
