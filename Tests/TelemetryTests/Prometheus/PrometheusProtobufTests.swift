// Pages as protobuf, and native histograms.

import Testing

@testable import Telemetry

struct PrometheusProtobufTests {
    private typealias Samples = PrometheusSamples

    private func bytes(_ metrics: [MetricData], _ change: (inout PrometheusOptions) -> Void = { _ in }) -> [UInt8] {
        var options = PrometheusOptions()
        change(&options)
        return PrometheusRenderer(options: options).page(of: Samples.batch(metrics), format: .protobuf, isCompressed: false).bytes
    }

    @Test func familyIsLengthPrefixedMessage() {
        let counter = Samples.counter("c", unit: "s", description: "d", [Samples.point(3, ["k": "v"])])
        var family: [UInt8] = []
        family += [0x0A, 15] + "c_seconds_total".utf8
        family += [0x12, 1, UInt8(ascii: "d"), 0x18, 0]
        family += [0x2A, 7] + "seconds".utf8
        // One metric: the label, and a counter with its value (3.0) and no time.
        family += [0x22, 19, 0x0A, 6, 0x0A, 1, UInt8(ascii: "k"), 0x12, 1, UInt8(ascii: "v")]
        family += [0x1A, 9, 0x09, 0, 0, 0, 0, 0, 0, 8, 0x40]
        #expect(bytes([counter]) { $0.includesStartTimes = false } == [UInt8(family.count)] + family)
    }

    @Test func startTimesAreTimestamps() {
        let counter = Samples.counter("c")
        var time = WireWriter()
        time.field(1, varint: 1_700_000_000)
        time.field(2, varint: 123_000_000)
        let page = bytes([counter])
        #expect(page.count == bytes([counter]) { $0.includesStartTimes = false }.count + 2 + time.bytes.count)
        #expect(page.suffix(time.bytes.count).elementsEqual(time.bytes))
    }

    /// Returns a page of one family with one metric, whose value the closure writes. (io.prometheus.client.)
    private func page(_ name: String, type: UInt64, field: Int, _ write: (inout WireWriter) -> Void) -> [UInt8] {
        var message = WireWriter()
        write(&message)
        var metric = WireWriter()
        metric.field(field, message: message.bytes)
        var family = WireWriter()
        family.field(1, message: Array(name.utf8))
        // Zero is written, since proto2 distinguishes it from a missing field.
        family.tag(3, .varint)
        family.varint(type)
        family.field(4, message: metric.bytes)
        var page = WireWriter()
        page.varint(UInt64(family.bytes.count))
        return page.bytes + family.bytes
    }

    private func message(_ write: (inout WireWriter) -> Void) -> [UInt8] {
        var writer = WireWriter()
        write(&writer)
        return writer.bytes
    }

    @Test func histogramBucketsAreCumulativeAndEndAtInfinity() {
        let expected = page("h", type: 4, field: 7) { histogram in
            histogram.field(1, varint: 7)
            histogram.field(2, double: 7)
            for (count, bound) in [(2, 1), (3, 5), (7, .infinity)] as [(UInt64, Double)] {
                histogram.field(
                    3,
                    message: message {
                        $0.field(1, varint: count)
                        $0.field(2, double: bound)
                    })
            }
        }
        #expect(bytes([Samples.histogram("h")]) { $0.includesStartTimes = false } == expected)
    }

    @Test func summariesHaveTheirQuantilesInOrder() {
        let expected = page("s", type: 2, field: 4) { summary in
            summary.field(1, varint: 3)
            summary.field(2, double: 1.5)
            for (share, value) in [(0.5, 1), (0.99, 2)] as [(Double, Double)] {
                summary.field(
                    3,
                    message: message {
                        $0.field(1, double: share)
                        $0.field(2, double: value)
                    })
            }
        }
        let summary = Samples.summary("s", [.init(0.99, value: 2), .init(0.5, value: 1)])
        #expect(bytes([summary]) { $0.includesStartTimes = false } == expected)
    }

    @Test func nativeHistogramsAreSpansAndDeltas() {
        var distribution = ExponentialHistogramPoint.Distribution()
        distribution.sum = 5
        distribution.scale = 3
        distribution.positive = .init(offset: 3, counts: [10, 0, 0, 20, 5, 2])
        distribution.zeroCount = 2
        let expected = page("e", type: 4, field: 7) { histogram in
            histogram.field(1, varint: 39)
            histogram.field(2, double: 5)
            histogram.field(5, varint: 6)
            histogram.field(6, double: 1e-128)
            histogram.field(7, varint: 2)
            for (offset, length) in [(8, 1), (4, 3)] as [(UInt64, UInt64)] {
                histogram.field(
                    12,
                    message: message {
                        $0.field(1, varint: offset)
                        $0.field(2, varint: length)
                    })
            }
            for delta in [20, 20, 29, 5] as [UInt64] { histogram.field(13, varint: delta) }
        }
        #expect(bytes([Samples.exponential("e", distribution)]) { $0.includesStartTimes = false } == expected)
    }

    @Test func negativeCountersAreDroppedAndNegativeGaugesKept() {
        for value in [0, 0.5] {
            let counter = page("c_total", type: 0, field: 3) { $0.field(1, double: value) }
            #expect(bytes([Samples.counter("c", [Samples.point(.double(value))])]) { $0.includesStartTimes = false } == counter)
        }
        let empty: [UInt8] = [11, 0x0A, 7] + "c_total".utf8 + [0x18, 0]
        #expect(bytes([Samples.counter("c", [Samples.point(.double(-1))])]) { $0.includesStartTimes = false } == empty)
        let gauge = page("g", type: 1, field: 2) { $0.field(1, double: -1) }
        #expect(bytes([Samples.gauge("g", [Samples.point(.double(-1))])]) { $0.includesStartTimes = false } == gauge)
    }

    /// The example of the specification.
    @Test func nativeHistogramIndicesAreUpperBounds() throws {
        var distribution = ExponentialHistogramPoint.Distribution()
        distribution.sum = 5
        distribution.scale = 3
        distribution.positive = .init(offset: 3, counts: [10, 0, 0, 20, 5, 2])
        distribution.zeroCount = 2
        let native = try #require(NativeHistogram(distribution))
        #expect(native.schema == 3 && native.count == 39 && native.sum == 5)
        #expect(native.positive.spans == [.init(offset: 4, length: 1), .init(offset: 2, length: 3)])
        #expect(native.positive.deltas == [10, 10, -15, -3])
        #expect(native.negative == NativeHistogram.Buckets())
        #expect(native.zeroThreshold == 1e-128, "An unset threshold has the default.")
        distribution.zeroThreshold = 0.5
        #expect(NativeHistogram(distribution)?.zeroThreshold == 0.5)
    }

    @Test func unsupportedScalesAreReducedOrDropped() throws {
        var distribution = ExponentialHistogramPoint.Distribution()
        distribution.sum = 5
        distribution.scale = 10
        distribution.positive = .init(offset: -5, counts: [1, 2, 3, 4, 5, 6])
        let native = try #require(NativeHistogram(distribution))
        // Four neighbours become one: indices -5 … 0 are -2, -1 and 0, and one more each by their upper bounds.
        #expect(native.schema == 8)
        #expect(native.positive.spans == [.init(offset: -1, length: 3)])
        #expect(native.positive.deltas == [1, 13, -8])
        distribution.scale = -4
        #expect(NativeHistogram(distribution)?.schema == -4)
        distribution.scale = -5
        #expect(NativeHistogram(distribution) == nil)
    }

    @Test func nativeHistogramWithoutSumIsDropped() {
        var distribution = ExponentialHistogramPoint.Distribution()
        distribution.positive = .init(offset: 0, counts: [1])
        #expect(NativeHistogram(distribution) == nil)
        let page = bytes([Samples.exponential("e", distribution)])
        #expect(page == [6, 0x0A, 1, UInt8(ascii: "e"), 0x18, 4].dropLast(0).map { $0 }.withLength())
    }

    @Test func signedNumbersAreZigzag() {
        #expect([0, -1, 1, -2, 2].map { NativeHistogram.zigzag($0) } == [0, 1, 2, 3, 4])
        #expect(NativeHistogram.zigzag(.min) == .max)
    }

    @Test func randomPagesAreWellFormedProtobuf() throws {
        let renderer = PrometheusRenderer(options: PrometheusOptions())
        for escaping in PrometheusEscaping.allCases {
            let page = renderer.page(of: Samples.hostile, format: PrometheusFormat(.protobuf, escaping: escaping), isCompressed: false)
                .bytes
            var names: Set<String> = []
            try page.withUnsafeBytes { page in
                // As fields of a message each of which has the tag of a length-delimited field 1.
                var rest = page[...]
                while !rest.isEmpty {
                    let tagged: [UInt8] = [0x0A] + rest
                    try tagged.withUnsafeBytes { tagged in
                        var reader = WireReader(tagged)
                        let family = try #require(try reader.next())
                        var fields = WireReader(family.bytes)
                        while let field = try fields.next() {
                            if field.number == 1 { #expect(names.insert(field.text).inserted, "Each family stands in one place.") }
                        }
                        rest = rest.dropFirst(family.range.upperBound - 1)
                    }
                }
            }
            #expect(names.count > 20)
        }
    }
}

extension [UInt8] {
    /// A message after its length, both short.
    fileprivate func withLength() -> [UInt8] { [UInt8(dropFirst().count)] + dropFirst() }
}
