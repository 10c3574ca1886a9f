// The messages of OTLP metrics as tables.

extension OTLPMessage {
    private static let startTime = Field(key: "startTimeUnixNano", kind: .unsigned64)
    private static let time = Field(key: "timeUnixNano", kind: .unsigned64)
    private static let pointCount = Field(key: "count", kind: .unsigned64)
    private static let total = Field(key: "sum", kind: .double)
    private static let least = Field(key: "min", kind: .double)
    private static let greatest = Field(key: "max", kind: .double)
    private static let flags = Field(key: "flags", kind: .number)
    private static let exemplars = Field(key: "exemplars", kind: .message(.exemplar), isRepeated: true)
    private static let temporality = Field(key: "aggregationTemporality", kind: .number)

    private static func points(_ message: OTLPMessage) -> Field { Field(key: "dataPoints", kind: .message(message), isRepeated: true) }

    /// The fields of messages that only metrics have; none for others.
    var metricFields: KeyValuePairs<Int, Field> {
        switch self {
        case .metricsData: [1: Field(key: "resourceMetrics", kind: .message(.resourceMetrics), isRepeated: true)]
        case .resourceMetrics:
            [
                1: Field(key: "resource", kind: .message(.resource)),
                2: Field(key: "scopeMetrics", kind: .message(.scopeMetrics), isRepeated: true), 3: Self.schemaURL,
            ]
        case .scopeMetrics:
            [
                1: Field(key: "scope", kind: .message(.scope)), 2: Field(key: "metrics", kind: .message(.metric), isRepeated: true),
                3: Self.schemaURL,
            ]
        case .metric:
            [
                1: Field(key: "name", kind: .text), 2: Field(key: "description", kind: .text), 3: Field(key: "unit", kind: .text),
                5: Field(key: "gauge", kind: .message(.gauge)), 7: Field(key: "sum", kind: .message(.sum)),
                9: Field(key: "histogram", kind: .message(.histogram)),
                10: Field(key: "exponentialHistogram", kind: .message(.exponentialHistogram)),
                11: Field(key: "summary", kind: .message(.summary)), 12: Self.attributes("metadata"),
            ]
        case .gauge: [1: Self.points(.numberPoint)]
        case .sum: [1: Self.points(.numberPoint), 2: Self.temporality, 3: Field(key: "isMonotonic", kind: .bool)]
        case .histogram: [1: Self.points(.histogramPoint), 2: Self.temporality]
        case .exponentialHistogram: [1: Self.points(.exponentialHistogramPoint), 2: Self.temporality]
        case .summary: [1: Self.points(.summaryPoint)]
        case .numberPoint:
            [
                2: Self.startTime, 3: Self.time, 4: Field(key: "asDouble", kind: .double), 5: Self.exemplars,
                6: Field(key: "asInt", kind: .signed64), 7: Self.attributes(), 8: Self.flags,
            ]
        case .histogramPoint:
            [
                2: Self.startTime, 3: Self.time, 4: Self.pointCount, 5: Self.total, 6: .packed("bucketCounts", .unsigned64, .fixed64),
                7: .packed("explicitBounds", .double, .fixed64), 8: Self.exemplars, 9: Self.attributes(), 10: Self.flags, 11: Self.least,
                12: Self.greatest,
            ]
        case .exponentialHistogramPoint:
            [
                1: Self.attributes(), 2: Self.startTime, 3: Self.time, 4: Self.pointCount, 5: Self.total,
                6: Field(key: "scale", kind: .zigzag),
                7: Field(key: "zeroCount", kind: .unsigned64), 8: Field(key: "positive", kind: .message(.buckets)),
                9: Field(key: "negative", kind: .message(.buckets)), 10: Self.flags, 11: Self.exemplars, 12: Self.least, 13: Self.greatest,
                14: Field(key: "zeroThreshold", kind: .double),
            ]
        case .buckets: [1: Field(key: "offset", kind: .zigzag), 2: .packed("bucketCounts", .unsigned64, .varint)]
        case .summaryPoint:
            [
                2: Self.startTime, 3: Self.time, 4: Self.pointCount, 5: Self.total,
                6: Field(key: "quantileValues", kind: .message(.valueAtQuantile), isRepeated: true), 7: Self.attributes(), 8: Self.flags,
            ]
        case .valueAtQuantile: [1: Field(key: "quantile", kind: .double), 2: Field(key: "value", kind: .double)]
        case .exemplar:
            [
                2: Self.time, 3: Field(key: "asDouble", kind: .double), 4: Field(key: "spanId", kind: .identifier(size: 8)),
                5: Field(key: "traceId", kind: .identifier(size: 16)), 6: Field(key: "asInt", kind: .signed64),
                7: Self.attributes("filteredAttributes"),
            ]
        default: [:]
        }
    }
}
