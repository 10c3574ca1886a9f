// The comparison of a metric in OTLP/JSON with the one that was written.

import Testing

@testable import Telemetry

/// A `Metric` of OTLP/JSON.
struct MetricReading {
    private let json: JSONValue

    init(_ json: JSONValue) {
        self.json = json
    }

    /// Fails the test unless the JSON equals the metric.
    func expect(_ metric: MetricData) {
        #expect((json["name"]?.text ?? "") == metric.name && (json["unit"]?.text ?? "") == metric.unit)
        #expect((json["description"]?.text ?? "") == metric.description)
        #expect((json["metadata"]?.elements ?? []).count == metric.metadata.count)
        switch metric.points {
        case .gauge(let points): expect(points, "gauge", nil) { expect($0, $1) }
        case .sum(let points, let temporality, let isMonotonic):
            expect(points, "sum", temporality) { expect($0, $1) }
            #expect(json["sum"]?["isMonotonic"] == (isMonotonic ? .bool(true) : nil))
        case .histogram(let points, let temporality): expect(points, "histogram", temporality) { expect($0, $1) }
        case .exponentialHistogram(let points, let temporality):
            expect(points, "exponentialHistogram", temporality) { expect($0, $1) }
        case .summary(let points): expect(points, "summary", nil) { expect($0, $1) }
        }
    }

    private func expect<Point>(_ points: [Point], _ key: String, _ temporality: Temporality?, _ compare: (Point, JSONValue) -> Void) {
        let read = json[key]?["dataPoints"]?.elements ?? []
        #expect(read.count == points.count)
        #expect(json[key]?["aggregationTemporality"] == temporality.map { .integer(Int64($0.rawValue)) })
        for (point, json) in zip(points, read) { compare(point, json) }
    }

    private func expect(_ point: NumberPoint, _ json: JSONValue) {
        expect(point.startTime, point.time, point.attributes, point.exemplars, json)
        #expect(isEqual(point.value, json))
    }

    private func expect(_ point: HistogramPoint, _ json: JSONValue) {
        expect(point.startTime, point.time, point.attributes, point.exemplars, json)
        #expect(number(json["count"]) == point.count && (json["bucketCounts"]?.elements ?? []).map { number($0) } == point.bucketCounts)
        let boundaries = json["explicitBounds"]?.elements ?? []
        #expect(boundaries.count == point.boundaries.count && zip(point.boundaries, boundaries).allSatisfy { isEqual($0, $1) })
        #expect(isEqual(point.sum, json["sum"]) && isEqual(point.min, json["min"]) && isEqual(point.max, json["max"]))
    }

    private func expect(_ point: ExponentialHistogramPoint, _ json: JSONValue) {
        expect(point.startTime, point.time, point.attributes, point.exemplars, json)
        let expected = point.distribution
        #expect(number(json["count"]) == expected.count && number(json["zeroCount"]) == expected.zeroCount)
        #expect(integer(json["scale"]) == expected.scale)
        #expect(isEqual(expected.sum, json["sum"]) && isEqual(expected.min, json["min"]) && isEqual(expected.max, json["max"]))
        #expect(isEqual(expected.zeroThreshold, json["zeroThreshold"] ?? .integer(0)))
        for (buckets, read) in [(expected.positive, json["positive"]), (expected.negative, json["negative"])] {
            #expect(integer(read?["offset"]) == buckets.offset)
            #expect((read?["bucketCounts"]?.elements ?? []).map { number($0) } == buckets.counts)
        }
    }

    private func expect(_ point: SummaryPoint, _ json: JSONValue) {
        expect(point.startTime, point.time, point.attributes, [], json)
        #expect(number(json["count"]) == point.count && isEqual(point.sum, json["sum"] ?? .integer(0)))
        let quantiles = json["quantileValues"]?.elements ?? []
        #expect(quantiles.count == point.quantiles.count)
        for (quantile, read) in zip(point.quantiles, quantiles) {
            #expect(isEqual(quantile.share, read["quantile"] ?? .integer(0)) && isEqual(quantile.value, read["value"] ?? .integer(0)))
        }
    }

    private func expect(
        _ startTime: Timestamp, _ time: Timestamp, _ attributes: Attributes, _ exemplars: [Exemplar], _ json: JSONValue
    ) {
        #expect(number(json["startTimeUnixNano"]) == startTime.nanosecondsSinceEpoch)
        #expect(number(json["timeUnixNano"]) == time.nanosecondsSinceEpoch)
        expect(attributes, json["attributes"])
        let read = json["exemplars"]?.elements ?? []
        #expect(read.count == exemplars.count)
        for (exemplar, json) in zip(exemplars, read) {
            #expect(number(json["timeUnixNano"]) == exemplar.time.nanosecondsSinceEpoch && isEqual(exemplar.value, json))
            #expect(json["traceId"]?.text == exemplar.traceID?.description && json["spanId"]?.text == exemplar.spanID?.description)
            expect(exemplar.filteredAttributes, json["filteredAttributes"])
        }
    }

    private func expect(_ attributes: Attributes, _ json: JSONValue?) {
        let read = json?.elements ?? []
        #expect(read.map { $0["key"]?.text } == attributes.map(\.key))
        for (attribute, json) in zip(attributes, read) {
            if let text = attribute.value.stringValue { #expect(json["value"]?["stringValue"]?.text == text) }
            if let number = attribute.value.intValue { #expect(json["value"]?["intValue"]?.text == "\(number)") }
        }
    }

    private func isEqual(_ value: MetricNumber, _ json: JSONValue) -> Bool {
        switch value {
        case .int(let number): json["asInt"]?.text == "\(number)" && json["asDouble"] == nil
        case .double(let number): isEqual(number, json["asDouble"]) && json["asInt"] == nil
        }
    }

    private func isEqual(_ number: Double?, _ json: JSONValue?) -> Bool {
        guard let number, let json else { return number == nil && json == nil }
        if number.isNaN { return json == .string("NaN") }
        if number.isInfinite { return json == .string(number < 0 ? "-Infinity" : "Infinity") }
        switch json {
        case .integer(let read): return Double(read) == number
        case .number(let read): return read == number
        default: return false
        }
    }

    /// Reads a quoted 64-bit number; a missing one is zero.
    private func number(_ json: JSONValue?) -> UInt64? { json == nil ? 0 : json?.text.flatMap { UInt64($0) } }

    private func integer(_ json: JSONValue?) -> Int? { json == nil ? 0 : json?.integer.map { Int($0) } }
}
