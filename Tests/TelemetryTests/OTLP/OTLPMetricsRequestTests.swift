// Metrics as OTLP messages: known bytes, JSON, and random damage.

import ExampleSupport
import Testing

@testable import Telemetry

struct OTLPMetricsRequestTests {
    /// The bytes of ``MetricSamples/everything``, written by Google's protobuf library for Python with opentelemetry-proto 1.45.
    private static let everything = bytes(
        "0acd050a1a0a180a0c736572766963652e6e616d6512080a06616c62756d7312ab050a0a0a0573636f706512013112b7010a04736f6c6412"
            + "0b416c62756d7320736f6c641a077b616c62756d7d3a98010a7e11004859e3faeb6f15190012f41efbeb6f152a3a11070000000000000022"
            + "0800010203040506072a10000102030405060708090a0b0c0d0e0f312c010000000000003a0a0a04757365721202182a2a09190000000000"
            + "00e03f31fdffffffffffffff3a0f0a0567656e726512060a046a617a7a3a090a036e6577120210010a121902000000000000003100000000"
            + "000000001001180112310a056c6576656c2a280a1219030000000000000021000000000000f0ff0a12190400000000000000210000000000"
            + "00000012aa010a086475726174696f6e1a01734a9a010a800111010000000000000019050000000000000021060000000000000029000000"
            + "000000000032180100000000000000020000000000000003000000000000003a100000000000000000000000000000044042121108000000"
            + "0000000019000000000000f83f4a080a016b12030a01765900000000000000006100000000008022400a1319050000000000000032080000"
            + "000000000000100212a1010a0466696e655298010a86010a080a016b12030a017611010000000000000019060000000000000021ee030000"
            + "0000000029000000000000f8bf3005390200000000000000421408dfc508120e0100ac02808080808080808080014a06080a1202bf055a12"
            + "1109000000000000001900000000000000406100000000000020c069000000000000104071fca9f1d24d62503f0a0b190600000000000000"
            + "30281001125c0a097175616e74696c65735a4f0a4d110100000000000000190700000000000000210a000000000000002900000000000029"
            + "40320911000000000000f03f321209ae47e17a14aeef3f1100000000000002403a080a016b12030a01761a01731a0172")

    private static func bytes(_ digits: String) -> [UInt8] {
        let values = digits.utf8.map { Hexadecimal.value(of: $0) ?? 0 }
        return stride(from: 0, to: values.count, by: 2).map { values[$0] << 4 | values[$0 + 1] }
    }

    private func bytes(_ batch: MetricBatch) -> [UInt8] {
        let body = OTLPRequestBody(OTLPMetricsRequest.items(batch), of: .metrics)
        let bytes = body.withPieces { $0.flatMap { Array($0) } }
        #expect(bytes.count == body.byteCount)
        return bytes
    }

    private func json(_ message: OTLPMessage, _ bytes: [UInt8]) throws(OTLPJSON.Failure) -> String {
        var json = OTLPJSON()
        try json.write(message, bytes)
        return String(decoding: json.text, as: UTF8.self)
    }

    @Test func everyFieldOfEveryPointMatchesProtocolBytes() {
        #expect(bytes(MetricSamples.everything) == Self.everything)
        // The second time uses what was encoded the first time.
        #expect(bytes(MetricSamples.everything) == Self.everything)
    }

    @Test func itemCountIsNumberOfDataPoints() {
        let items = OTLPMetricsRequest.items(MetricSamples.everything)
        #expect(items.itemCount == 9 && MetricSamples.everything.pointCount == 9)
        #expect(OTLPRequestBody(items, of: .metrics).itemCount == 9)
    }

    @Test func jsonWritesHexadecimalIdentifiersNumericEnumerationsAndQuoted64BitNumbers() throws {
        // The expected text is protobuf's JSON mapping in Python, with identifiers in hexadecimal.
        let expected = #"""
            {"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"albums"}}]},
            "scopeMetrics":[{"scope":{"name":"scope","version":"1"},"metrics":[{"name":"sold","description":"Albums sold",
            "unit":"{album}","sum":{"dataPoints":[{"startTimeUnixNano":"1544712660000000000","timeUnixNano":"1544712661000000000",
            "exemplars":[{"timeUnixNano":"7","spanId":"0001020304050607","traceId":"000102030405060708090a0b0c0d0e0f",
            "asInt":"300","filteredAttributes":[{"key":"user","value":{"intValue":"42"}}]},{"asDouble":0.5}],"asInt":"-3",
            "attributes":[{"key":"genre","value":{"stringValue":"jazz"}},{"key":"new","value":{"boolValue":true}}]},
            {"timeUnixNano":"2","asInt":"0"}],"aggregationTemporality":1,"isMonotonic":true}},{"name":"level",
            "gauge":{"dataPoints":[{"timeUnixNano":"3","asDouble":"-Infinity"},{"timeUnixNano":"4","asDouble":0.0}]}},
            {"name":"duration","unit":"s","histogram":{"dataPoints":[{"startTimeUnixNano":"1","timeUnixNano":"5","count":"6",
            "sum":0.0,"bucketCounts":["1","2","3"],"explicitBounds":[0.0,2.5],"exemplars":[{"timeUnixNano":"8","asDouble":1.5}],
            "attributes":[{"key":"k","value":{"stringValue":"v"}}],"min":0.0,"max":9.25},{"timeUnixNano":"5",
            "bucketCounts":["0"]}],"aggregationTemporality":2}},{"name":"fine",
            "exponentialHistogram":{"dataPoints":[{"attributes":[{"key":"k","value":{"stringValue":"v"}}],"startTimeUnixNano":"1",
            "timeUnixNano":"6","count":"1006","sum":-1.5,"scale":-3,"zeroCount":"2","positive":{"offset":-70000,
            "bucketCounts":["1","0","300","9223372036854775808"]},"negative":{"offset":5,"bucketCounts":["703"]},
            "exemplars":[{"timeUnixNano":"9","asDouble":2.0}],"min":-8.0,"max":4.0,"zeroThreshold":0.001},{"timeUnixNano":"6",
            "scale":20}],"aggregationTemporality":1}},{"name":"quantiles","summary":{"dataPoints":[{"startTimeUnixNano":"1",
            "timeUnixNano":"7","count":"10","sum":12.5,"quantileValues":[{"value":1.0},{"quantile":0.99,"value":2.25}],
            "attributes":[{"key":"k","value":{"stringValue":"v"}}]}]}}],"schemaUrl":"s"}],"schemaUrl":"r"}]}
            """#
        #expect(try json(.metricsData, Self.everything) == expected.split(separator: "\n").joined())
    }

    @Test func packedAndUnpackedNumbersGiveSameJSON() throws {
        // bucket_counts 1 and 2, explicit_bounds 0.5: packed, one by one, and half of each.
        let one: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 0]
        let two: [UInt8] = [2, 0, 0, 0, 0, 0, 0, 0]
        let half: [UInt8] = [0, 0, 0, 0, 0, 0, 0xE0, 0x3F]
        let expected = #"{"bucketCounts":["1","2"],"explicitBounds":[0.5]}"#
        #expect(try json(.histogramPoint, [0x32, 16] + one + two + [0x3A, 8] + half) == expected)
        #expect(try json(.histogramPoint, [0x31] + one + [0x39] + half + [0x31] + two) == expected)
        #expect(try json(.histogramPoint, [0x31] + one + [0x32, 8] + two + [0x39] + half) == expected)
        #expect(try json(.buckets, [0x08, 3, 0x12, 3, 1, 0xAC, 2]) == #"{"offset":-2,"bucketCounts":["1","300"]}"#)
        #expect(try json(.buckets, [0x10, 1, 0x10, 0xAC, 2]) == #"{"bucketCounts":["1","300"]}"#)
    }

    @Test func receivedExemplarWithWrongIdentifierLengthIsRefused() throws {
        func read(_ field: String, _ identifier: String) throws(OTLPRequestError) -> String {
            let text =
                #"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"a","gauge":{"dataPoints":[{"exemplars":[{"\#(field)":"\#(identifier)"}]}]}}]}]}]}"#
            var metrics: [ReceivedMetric] = []
            try OTLPReceivedRequest(Array(text.utf8), .metrics, .json, maximumBytes: 1000).forEachMetric { metrics.append($0) }
            return String(decoding: ReceivedMetric.json(metrics), as: UTF8.self)
        }
        for (field, size) in [("spanId", 8), ("traceId", 16)] {
            let identifier = String(repeating: "a1", count: size)
            #expect(try read(field, identifier).contains(#""\#(field)":"\#(identifier)""#))
            for wrong in [size - 1, size + 1] {
                #expect(throws: OTLPRequestError.invalidIdentifier(name: field, byteCount: wrong, expectedByteCount: size)) {
                    try read(field, String(repeating: "a1", count: wrong))
                }
            }
        }
    }

    @Test func flagsOfEveryPointAreReadFromTheirField() throws {
        for (message, tag) in [
            (.numberPoint, 0x40), (.histogramPoint, 0x50), (.exponentialHistogramPoint, 0x50), (.summaryPoint, 0x40),
        ] as [(OTLPMessage, UInt8)] {
            #expect(try json(message, [tag, 1]) == #"{"flags":1}"#)
        }
    }

    @Test func truncatedPackedNumbersAreRefused() {
        #expect(throws: OTLPJSON.Failure.unreadable(.truncated)) { try json(.histogramPoint, [0x32, 7, 1, 2, 3, 4, 5, 6, 7]) }
        #expect(throws: OTLPJSON.Failure.unreadable(.truncated)) { try json(.buckets, [0x12, 1, 0x80]) }
    }

    @Test func metricsWithoutPointsAndScopesWithoutMetricsAreOmitted() {
        let scope = InstrumentationScope(name: "s")
        let empty = MetricData(name: "empty", points: .gauge([]))
        let batch = MetricBatch(
            resource: Resource(attributes: ["a": "b"]),
            scopes: [ScopeMetrics(instrumentationScope: scope, metrics: []), ScopeMetrics(instrumentationScope: scope, metrics: [empty])])
        #expect(OTLPMetricsRequest.items(batch).itemCount == 0)
        #expect(bytes(batch).isEmpty)
        let full = MetricData(
            name: "full", points: .gauge([NumberPoint(startTime: Timestamp(nanosecondsSinceEpoch: 0), time: .now, value: 1)]))
        let one = MetricBatch(resource: .empty, scopes: [ScopeMetrics(instrumentationScope: scope, metrics: [full])])
        let both = MetricBatch(
            resource: .empty,
            scopes: [
                ScopeMetrics(instrumentationScope: scope, metrics: [empty, full]),
                ScopeMetrics(instrumentationScope: scope, metrics: [empty]),
            ])
        #expect(bytes(both) == bytes(one))
    }

    @Test func metricsOfOneScopeAreMergedAcrossProducers() throws {
        let resource = RecordedResource(Resource(attributes: ["a": "b"]))
        let scope = InstrumentationScope(name: "s", attributes: ["x": 1])
        let own = RecordedScope(scope, resource: resource)
        let foreign = ScopeMetrics(instrumentationScope: scope, metrics: MetricBatch.madeUp("foreign", pointCount: 1).metrics)
        let other = ScopeMetrics(
            instrumentationScope: InstrumentationScope(name: "s"), metrics: MetricBatch.madeUp("other", pointCount: 2).metrics)
        let batch = MetricBatch(
            recordedResource: resource,
            scopes: [foreign, other, ScopeMetrics(recordedScope: own, metrics: MetricBatch.madeUp("own", pointCount: 3).metrics), other])
        let read = try JSONReader.value(of: Array(json(.metricsData, bytes(batch)).utf8))
        let scopes = (read["resourceMetrics"]?.elements ?? []).flatMap { $0["scopeMetrics"]?.elements ?? [] }
        #expect(read["resourceMetrics"]?.elements?.count == 1)
        #expect(scopes.map { ($0["metrics"]?.elements ?? []).map { $0["name"]?.text } } == [["foreign", "own"], ["other", "other"]])
        #expect(OTLPMetricsRequest.items(batch).itemCount == 8)
    }

    @Test func scopeOfAnotherResourceIsSentUnderBatchResource() throws {
        let elsewhere = RecordedScope(InstrumentationScope(name: "s"), resource: RecordedResource(Resource(attributes: ["wrong": 1])))
        let batch = MetricBatch(
            resource: Resource(attributes: ["right": 1]),
            scopes: [ScopeMetrics(recordedScope: elsewhere, metrics: MetricBatch.madeUp("m", pointCount: 1).metrics)])
        let text = try json(.metricsData, bytes(batch))
        #expect(text.contains("right") && !text.contains("wrong"))
    }

    @Test func metricMetadataIsWritten() throws {
        let metric = MetricData(
            name: "m", metadata: ["prometheus.type": "counter"], points: MetricBatch.madeUp("", pointCount: 1).metrics[0].points)
        let batch = MetricBatch(
            resource: .empty, scopes: [ScopeMetrics(instrumentationScope: InstrumentationScope(name: "s"), metrics: [metric])])
        let text = try json(.metricsData, bytes(batch))
        #expect(text.contains(#""metadata":[{"key":"prometheus.type","value":{"stringValue":"counter"}}]"#))
    }

    @Test func numbersBeyondFieldRangeAreClamped() throws {
        var distribution = ExponentialHistogramPoint.Distribution()
        distribution.scale = .min
        distribution.positive = .init(offset: .max, counts: [1])
        let time = Timestamp(nanosecondsSinceEpoch: 0)
        let points = [ExponentialHistogramPoint(startTime: time, time: time, distribution: distribution)]
        let batch = MetricBatch(
            resource: .empty,
            scopes: [
                ScopeMetrics(
                    instrumentationScope: InstrumentationScope(name: "s"),
                    metrics: [MetricData(name: "m", points: .exponentialHistogram(points, temporality: .delta))])
            ])
        let text = try json(.metricsData, bytes(batch))
        #expect(text.contains(#""scale":-2147483648"#) && text.contains(#""offset":2147483647"#))
    }

    @Test func randomMetricsRoundTripThroughJSON() throws {
        var random = SplitMix64(seed: 71)
        for _ in 0..<300 {
            let batch = MetricBatch.random(using: &random)
            let read = try JSONReader.value(of: Array(json(.metricsData, bytes(batch)).utf8), maximumDepth: 200)
            let scopes = (read["resourceMetrics"]?.elements ?? []).flatMap { $0["scopeMetrics"]?.elements ?? [] }
            let metrics = scopes.flatMap { $0["metrics"]?.elements ?? [] }
            try #require(scopes.count == batch.scopes.count && metrics.count == batch.metrics.count)
            for (metric, read) in zip(batch.metrics, metrics) { MetricReading(read).expect(metric) }
        }
    }

    @Test func damagedBytesGiveValidJSONOrAnError() {
        var random = SplitMix64(seed: 72)
        var json = OTLPJSON()
        var written = 0
        for _ in 0..<5_000 {
            do throws(OTLPJSON.Failure) { try json.write(.metricsData, Self.everything.damaged(using: &random)) } catch { continue }
            written += 1
            #expect(throws: Never.self) { try JSONReader.value(of: json.text) }
        }
        #expect(written > 300, "Much damage still leaves a message.")
    }
}
