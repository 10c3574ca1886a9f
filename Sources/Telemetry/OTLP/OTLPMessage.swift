// The messages of OTLP as tables: what each field is called in JSON, and how its value is written there.

/// A message of OTLP, as far as OTLP/JSON has to know it. (opentelemetry-proto, and OTLP specification, "JSON Protobuf Encoding".)
enum OTLPMessage: Int, CaseIterable {
    case tracesData, resourceSpans, resource, entityReference, scopeSpans, scope, span, event, link, status
    case metricsData, resourceMetrics, scopeMetrics, metric, gauge, sum, histogram, exponentialHistogram, summary
    case numberPoint, histogramPoint, exponentialHistogramPoint, buckets, summaryPoint, valueAtQuantile, exemplar
    case logsData, resourceLogs, scopeLogs, logRecord
    case keyValue, anyValue, arrayValue, keyValueList

    /// How a field's value is written.
    enum Kind {
        case text
        /// An identifier of so many bytes, in hexadecimal digits: other than protobuf's own mapping has it.
        case identifier(size: Int)
        case base64
        case bool
        /// A whole number of 32 bits, or an enumeration, of which OTLP writes the number only.
        case number
        /// A whole number of 32 bits whose sign is its last bit.
        case zigzag
        case signed64
        case unsigned64
        case double
        case message(OTLPMessage)
    }

    struct Field {
        let key: StaticString
        let kind: Kind
        var isRepeated = false
        /// For repeated numbers: how each is laid out when they are packed into one field.
        var packed: WireType?

        static func packed(_ key: StaticString, _ kind: Kind, _ type: WireType) -> Field {
            Field(key: key, kind: kind, isRepeated: true, packed: type)
        }
    }

    /// The field of a number; nil for numbers that are not known, which are left out.
    func field(_ number: Int) -> Field? {
        let fields = Self.tables[rawValue]
        return number < fields.count ? fields[number] : nil
    }

    private static let tables: [[Field?]] = allCases.map { message in
        var fields: [Field?] = []
        for (number, field) in message.fields {
            while fields.count <= number { fields.append(nil) }
            fields[number] = field
        }
        return fields
    }

    static func attributes(_ key: StaticString = "attributes") -> Field {
        Field(key: key, kind: .message(.keyValue), isRepeated: true)
    }

    private static let droppedAttributesCount = Field(key: "droppedAttributesCount", kind: .number)
    static let schemaURL = Field(key: "schemaUrl", kind: .text)

    private var fields: KeyValuePairs<Int, Field> {
        switch self {
        case .tracesData: [1: Field(key: "resourceSpans", kind: .message(.resourceSpans), isRepeated: true)]
        case .resourceSpans:
            [
                1: Field(key: "resource", kind: .message(.resource)),
                2: Field(key: "scopeSpans", kind: .message(.scopeSpans), isRepeated: true), 3: Self.schemaURL,
            ]
        case .resource:
            [
                1: Self.attributes(), 2: Self.droppedAttributesCount,
                3: Field(key: "entityRefs", kind: .message(.entityReference), isRepeated: true),
            ]
        case .entityReference:
            [
                1: Self.schemaURL, 2: Field(key: "type", kind: .text), 3: Field(key: "idKeys", kind: .text, isRepeated: true),
                4: Field(key: "descriptionKeys", kind: .text, isRepeated: true),
            ]
        case .scopeSpans:
            [
                1: Field(key: "scope", kind: .message(.scope)), 2: Field(key: "spans", kind: .message(.span), isRepeated: true),
                3: Self.schemaURL,
            ]
        case .scope:
            [
                1: Field(key: "name", kind: .text), 2: Field(key: "version", kind: .text), 3: Self.attributes(),
                4: Self.droppedAttributesCount,
            ]
        case .span:
            [
                1: Field(key: "traceId", kind: .identifier(size: 16)), 2: Field(key: "spanId", kind: .identifier(size: 8)),
                3: Field(key: "traceState", kind: .text), 4: Field(key: "parentSpanId", kind: .identifier(size: 8)),
                5: Field(key: "name", kind: .text), 6: Field(key: "kind", kind: .number),
                7: Field(key: "startTimeUnixNano", kind: .unsigned64), 8: Field(key: "endTimeUnixNano", kind: .unsigned64),
                9: Self.attributes(), 10: Self.droppedAttributesCount,
                11: Field(key: "events", kind: .message(.event), isRepeated: true), 12: Field(key: "droppedEventsCount", kind: .number),
                13: Field(key: "links", kind: .message(.link), isRepeated: true), 14: Field(key: "droppedLinksCount", kind: .number),
                15: Field(key: "status", kind: .message(.status)), 16: Field(key: "flags", kind: .number),
            ]
        case .event:
            [
                1: Field(key: "timeUnixNano", kind: .unsigned64), 2: Field(key: "name", kind: .text), 3: Self.attributes(),
                4: Self.droppedAttributesCount,
            ]
        case .link:
            [
                1: Field(key: "traceId", kind: .identifier(size: 16)), 2: Field(key: "spanId", kind: .identifier(size: 8)),
                3: Field(key: "traceState", kind: .text), 4: Self.attributes(), 5: Self.droppedAttributesCount,
                6: Field(key: "flags", kind: .number),
            ]
        case .status: [2: Field(key: "message", kind: .text), 3: Field(key: "code", kind: .number)]
        case .metricsData, .resourceMetrics, .scopeMetrics, .metric, .gauge, .sum, .histogram, .exponentialHistogram, .summary,
            .numberPoint, .histogramPoint, .exponentialHistogramPoint, .buckets, .summaryPoint, .valueAtQuantile, .exemplar:
            metricFields
        case .logsData: [1: Field(key: "resourceLogs", kind: .message(.resourceLogs), isRepeated: true)]
        case .resourceLogs:
            [
                1: Field(key: "resource", kind: .message(.resource)),
                2: Field(key: "scopeLogs", kind: .message(.scopeLogs), isRepeated: true), 3: Self.schemaURL,
            ]
        case .scopeLogs:
            [
                1: Field(key: "scope", kind: .message(.scope)), 2: Field(key: "logRecords", kind: .message(.logRecord), isRepeated: true),
                3: Self.schemaURL,
            ]
        case .logRecord:
            [
                1: Field(key: "timeUnixNano", kind: .unsigned64), 2: Field(key: "severityNumber", kind: .number),
                3: Field(key: "severityText", kind: .text), 5: Field(key: "body", kind: .message(.anyValue)), 6: Self.attributes(),
                7: Self.droppedAttributesCount, 8: Field(key: "flags", kind: .number),
                9: Field(key: "traceId", kind: .identifier(size: 16)),
                10: Field(key: "spanId", kind: .identifier(size: 8)), 11: Field(key: "observedTimeUnixNano", kind: .unsigned64),
                12: Field(key: "eventName", kind: .text),
            ]
        case .keyValue: [1: Field(key: "key", kind: .text), 2: Field(key: "value", kind: .message(.anyValue))]
        case .anyValue:
            [
                1: Field(key: "stringValue", kind: .text), 2: Field(key: "boolValue", kind: .bool),
                3: Field(key: "intValue", kind: .signed64), 4: Field(key: "doubleValue", kind: .double),
                5: Field(key: "arrayValue", kind: .message(.arrayValue)), 6: Field(key: "kvlistValue", kind: .message(.keyValueList)),
                7: Field(key: "bytesValue", kind: .base64),
            ]
        case .arrayValue: [1: Field(key: "values", kind: .message(.anyValue), isRepeated: true)]
        case .keyValueList: [1: Self.attributes("values")]
        }
    }
}
