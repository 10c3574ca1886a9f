// OTLP/JSON of recorded bytes: mapping, limits, and random damage.

import Testing

@testable import Telemetry

struct OTLPJSONTests {
    private func json(_ message: OTLPMessage, _ bytes: [UInt8]) throws(OTLPJSON.Failure) -> String {
        var json = OTLPJSON()
        try json.write(message, bytes)
        return String(decoding: json.text, as: UTF8.self)
    }

    /// The bytes of a span, written by Google's protobuf library for Python, with opentelemetry-proto 1.45.
    private static let traces = bytes(
        "0a80030a1e0a1c0a0c736572766963652e6e616d65120c0a0a6d792e7365727669636512da020a130a0a6d792e6c6962726172791205312e"
            + "302e3012bf020a105b8efff798038103d269b633813fc60c1208eee19b7ec3c1b1741a03613d312208eee19b7ec3c1b1732a1149276d2061"
            + "20736572766572207370616e300239004859e3faeb6f15410012f41efbeb6f154a130a0474657874120b0a096122625c630a01c3a94a080a"
            + "026e6f120210004a140a056c65617374120b18808080808080808080014a110a0468616c66120921000000000000e03f4a0e0a0562797465"
            + "7312053a03fbff004a0b0a076e6f7468696e6712004a150a046c697374120d2a0b0a0218010a050a0374776f4a140a036d6170120d320b0a"
            + "090a036b6579120210014a100a036e616e120921000000000000f87f50035a1009010000000000000012056576656e746a210a1000010203"
            + "0405060708090a0b0c0d0e0f1208000102030405060735000100007a0a120662726f6b656e18028501010300001a01731a0172")

    private static func bytes(_ digits: String) -> [UInt8] {
        let values = digits.utf8.map { Hexadecimal.value(of: $0) ?? 0 }
        return stride(from: 0, to: values.count, by: 2).map { values[$0] << 4 | values[$0 + 1] }
    }

    @Test func identifiersAreHexadecimalEnumerationsNumericAnd64BitNumbersQuoted() throws {
        let expected = #"""
            {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"my.service"}}]},"scopeSpans":[
            {"scope":{"name":"my.library","version":"1.0.0"},"spans":[{"traceId":"5b8efff798038103d269b633813fc60c",
            "spanId":"eee19b7ec3c1b174","traceState":"a=1","parentSpanId":"eee19b7ec3c1b173","name":"I'm a server span","kind":2,
            "startTimeUnixNano":"1544712660000000000","endTimeUnixNano":"1544712661000000000","attributes":[
            {"key":"text","value":{"stringValue":"a\"b\\c\n\u0001é"}},{"key":"no","value":{"boolValue":false}},
            {"key":"least","value":{"intValue":"-9223372036854775808"}},{"key":"half","value":{"doubleValue":0.5}},
            {"key":"bytes","value":{"bytesValue":"+/8A"}},{"key":"nothing","value":{}},
            {"key":"list","value":{"arrayValue":{"values":[{"intValue":"1"},{"stringValue":"two"}]}}},
            {"key":"map","value":{"kvlistValue":{"values":[{"key":"key","value":{"boolValue":true}}]}}},
            {"key":"nan","value":{"doubleValue":"NaN"}}],"droppedAttributesCount":3,
            "events":[{"timeUnixNano":"1","name":"event"}],
            "links":[{"traceId":"000102030405060708090a0b0c0d0e0f","spanId":"0001020304050607","flags":256}],
            "status":{"message":"broken","code":2},"flags":769}],"schemaUrl":"s"}],"schemaUrl":"r"}]}
            """#
        #expect(try json(.tracesData, Self.traces) == expected.split(separator: "\n").joined())
    }

    @Test func interleavedRepeatedFieldsBecomeOneArrayEach() throws {
        // Two attributes with an event between them, since recording writes fields in the order of calls.
        let bytes: [UInt8] = [0x4A, 3, 0x0A, 1, 0x61, 0x5A, 3, 0x12, 1, 0x65, 0x4A, 3, 0x0A, 1, 0x62]
        #expect(try json(.span, bytes) == #"{"attributes":[{"key":"a"},{"key":"b"}],"events":[{"name":"e"}]}"#)
    }

    @Test func unknownFieldsAreOmitted() throws {
        // Field 100 as a varint and field 9 of AnyValue as bytes.
        #expect(try json(.status, [0xA0, 0x06, 1, 0x18, 2]) == #"{"code":2}"#)
        #expect(try json(.anyValue, [0x4A, 1, 7]) == "{}")
    }

    @Test func recordedSpansRoundTripThroughJSON() throws {
        var random = SplitMix64(seed: 61)
        let recording = Recording()
        for index in 0..<100 {
            let span = recording.tracer.startSpan(.random(using: &random), kind: .server, parent: .root)
            span["index"] = AttributeValue(index)
            span["value"] = .random(depth: 4, using: &random)
            span.addEvent("event", ["value": .random(depth: 2, using: &random)])
            span.end()
        }
        var transcoder = OTLPJSON()
        for span in recording.spans {
            try transcoder.write(.span, span.withMessage { Array($0) })
            let read = try JSONReader.value(of: transcoder.text, maximumDepth: 200)
            #expect(read["traceId"]?.text == "\(span.traceID)" && read["spanId"]?.text == "\(span.spanID)")
            #expect(read["name"]?.text == span.name && read["kind"] == .integer(2))
            #expect(read["startTimeUnixNano"]?.text == "\(span.startTime.nanosecondsSinceEpoch)")
            let attributes = read["attributes"]?.elements ?? []
            #expect(attributes.count == 2 && attributes.first?["value"]?["intValue"]?.text == span.attributes["index"]?.description)
            #expect(read["events"]?.elements?.first?["name"]?.text == "event")
        }
    }

    /// Returns the failure of writing, on a thread with the stack size of an export worker.
    private func failure(_ message: OTLPMessage, _ bytes: [UInt8]) async -> OTLPJSON.Failure? {
        await onOwnThread {
            var json = OTLPJSON()
            do throws(OTLPJSON.Failure) { try json.write(message, bytes) } catch { return error }
            return nil
        }
    }

    @Test func deepestRecordedValueIsWritten() async throws {
        var value: AttributeValue = 1
        for index in 0..<200 { value = index % 2 == 0 ? .array([value]) : .map(["k": value]) }
        var resource = WireWriter()
        resource.field(1, attributes: ["deep": value])
        #expect(await failure(.resource, resource.bytes) == nil)
        #expect(try json(.resource, resource.bytes).contains("kvlistValue"))
    }

    @Test func hostileNestingIsRefused() async {
        var bytes: [UInt8] = []
        for _ in 0..<2_000 {
            var writer = WireWriter()
            writer.field(1, message: bytes)
            var outer = WireWriter()
            outer.field(5, message: writer.bytes)
            bytes = outer.bytes
        }
        #expect(await failure(.anyValue, bytes) == .unreadable(.nestedTooDeep))
    }

    @Test func textAboveLimitFailsSoon() {
        var json = OTLPJSON()
        #expect(throws: OTLPJSON.Failure.tooLarge) { try json.write(.tracesData, Self.traces, maximumBytes: 100) }
        #expect(json.text.count < Self.traces.count)
    }

    @Test func damagedBytesGiveValidJSONOrAnError() {
        var random = SplitMix64(seed: 62)
        var json = OTLPJSON()
        var written = 0
        for _ in 0..<20_000 {
            do throws(OTLPJSON.Failure) { try json.write(.tracesData, Self.traces.damaged(using: &random)) } catch { continue }
            written += 1
            #expect(throws: Never.self) { try JSONReader.value(of: json.text) }
        }
        #expect(written > 1_000, "Much damage still leaves a message.")
    }
}
