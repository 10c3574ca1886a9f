// The table of OTLP's fields, compared with the .proto files.

import Testing

@testable import Telemetry

struct OTLPSchemaTests {
    /// Tags in hexadecimal digits and JSON names, as `protoc` gives them for opentelemetry-proto 1.11, without what only profiles use.
    private static let fields: [(message: OTLPMessage, fields: String)] = [
        (.anyValue, "0a stringValue, 10 boolValue, 18 intValue, 21 doubleValue, 2a arrayValue, 32 kvlistValue, 3a bytesValue"),
        (.arrayValue, "0a values"),
        (.keyValueList, "0a values"),
        (.keyValue, "0a key, 12 value"),
        (.scope, "0a name, 12 version, 1a attributes, 20 droppedAttributesCount"),
        (.entityReference, "0a schemaUrl, 12 type, 1a idKeys, 22 descriptionKeys"),
        (.resource, "0a attributes, 10 droppedAttributesCount, 1a entityRefs"),
        (.tracesData, "0a resourceSpans"),
        (.resourceSpans, "0a resource, 12 scopeSpans, 1a schemaUrl"),
        (.scopeSpans, "0a scope, 12 spans, 1a schemaUrl"),
        (
            .span,
            "0a traceId, 12 spanId, 1a traceState, 22 parentSpanId, 2a name, 30 kind, 39 startTimeUnixNano, "
                + "41 endTimeUnixNano, 4a attributes, 50 droppedAttributesCount, 5a events, 60 droppedEventsCount, "
                + "6a links, 70 droppedLinksCount, 7a status, 8501 flags"
        ),
        (.event, "09 timeUnixNano, 12 name, 1a attributes, 20 droppedAttributesCount"),
        (.link, "0a traceId, 12 spanId, 1a traceState, 22 attributes, 28 droppedAttributesCount, 35 flags"),
        (.status, "12 message, 18 code"),
        (.metricsData, "0a resourceMetrics"),
        (.resourceMetrics, "0a resource, 12 scopeMetrics, 1a schemaUrl"),
        (.scopeMetrics, "0a scope, 12 metrics, 1a schemaUrl"),
        (
            .metric,
            "0a name, 12 description, 1a unit, 2a gauge, 3a sum, 4a histogram, 52 exponentialHistogram, "
                + "5a summary, 62 metadata"
        ),
        (.gauge, "0a dataPoints"),
        (.sum, "0a dataPoints, 10 aggregationTemporality, 18 isMonotonic"),
        (.histogram, "0a dataPoints, 10 aggregationTemporality"),
        (.exponentialHistogram, "0a dataPoints, 10 aggregationTemporality"),
        (.summary, "0a dataPoints"),
        (.numberPoint, "11 startTimeUnixNano, 19 timeUnixNano, 21 asDouble, 2a exemplars, 31 asInt, 3a attributes, 40 flags"),
        (
            .histogramPoint,
            "11 startTimeUnixNano, 19 timeUnixNano, 21 count, 29 sum, 32 bucketCounts, 3a explicitBounds, "
                + "42 exemplars, 4a attributes, 50 flags, 59 min, 61 max"
        ),
        (
            .exponentialHistogramPoint,
            "0a attributes, 11 startTimeUnixNano, 19 timeUnixNano, 21 count, 29 sum, 30 scale, 39 zeroCount, "
                + "42 positive, 4a negative, 50 flags, 5a exemplars, 61 min, 69 max, 71 zeroThreshold"
        ),
        (.buckets, "08 offset, 12 bucketCounts"),
        (.summaryPoint, "11 startTimeUnixNano, 19 timeUnixNano, 21 count, 29 sum, 32 quantileValues, 3a attributes, 40 flags"),
        (.valueAtQuantile, "09 quantile, 11 value"),
        (.exemplar, "11 timeUnixNano, 19 asDouble, 22 spanId, 2a traceId, 31 asInt, 3a filteredAttributes"),
        (.logsData, "0a resourceLogs"),
        (.resourceLogs, "0a resource, 12 scopeLogs, 1a schemaUrl"),
        (.scopeLogs, "0a scope, 12 logRecords, 1a schemaUrl"),
        (
            .logRecord,
            "09 timeUnixNano, 10 severityNumber, 1a severityText, 2a body, 32 attributes, "
                + "38 droppedAttributesCount, 45 flags, 4a traceId, 52 spanId, 59 observedTimeUnixNano, 62 eventName"
        ),
        (.exportResponse, "0a partialSuccess"),
        (.partialSuccess, "08 rejectedSpans, 08 rejectedDataPoints, 08 rejectedLogRecords, 12 errorMessage"),
    ]

    /// The tag as a varint, in hexadecimal digits.
    private func tag(_ field: OTLPField) -> String {
        var writer = WireWriter()
        writer.tag(field.number, field.wireType)
        return writer.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    @Test func everyFieldHasTagAndJSONNameOfProtocol() {
        #expect(Set(Self.fields.map(\.message)) == Set(OTLPMessage.allCases))
        for (message, fields) in Self.fields {
            #expect(message.fields.map { "\(tag($0)) \($0.name)" }.joined(separator: ", ") == fields, "\(message)")
        }
    }

    @Test func tagByteIsLowestByteOfTag() {
        for field in OTLPMessage.allCases.flatMap(\.fields) where field.number < 16 {
            #expect(tag(field) == (field.tag < 16 ? "0" : "") + String(field.tag, radix: 16))
        }
    }

    @Test func cursorWritesTagsOfOneAndTwoBytes() {
        var bytes = [UInt8](repeating: 0, count: 3)
        bytes.withUnsafeMutableBytes { memory in
            guard let base = memory.baseAddress else { return }
            var cursor = WireCursor(base)
            cursor.tag(OTLPSchema.Span.status)
            cursor.tag(OTLPSchema.Span.flags)
            #expect(cursor.pointer == base + 3)
        }
        #expect(bytes == [0x7A, 0x85, 0x01])
    }

    @Test func requestsOfAllSignalsHaveSameOutline() {
        let outlines: [[OTLPMessage]] = [
            [.tracesData, .resourceSpans, .scopeSpans], [.metricsData, .resourceMetrics, .scopeMetrics],
            [.logsData, .resourceLogs, .scopeLogs],
        ]
        let tags = outlines.map { $0.map { $0.fields.map { tag($0) } } }
        #expect(tags[1] == tags[0] && tags[2] == tags[0])
    }

    @Test func fieldIsFoundByNumberAndNothingForUnknownNumber() {
        for message in OTLPMessage.allCases where message != .partialSuccess {
            for number in 0..<64 {
                #expect(message.field(number)?.name == message.fields.first { $0.number == number }?.name)
            }
        }
    }
}
