// Compares histograms with vectors from the OpenTelemetry SDK for Python.

import Foundation
import Testing

@testable import Telemetry

/// `Vectors/make-histogram-vectors.py` makes the vectors, and documents what it leaves out.
struct HistogramVectorTests {
    private static let vectors: JSONValue = {
        let url = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Vectors/histograms.json")
        guard let data = try? Data(contentsOf: url) else { return .null }
        return (try? JSONReader.value(of: Array(data), maximumSize: 1 << 20)) ?? .null
    }()

    private static let sequences: [String: [Double]] = {
        var found: [String: [Double]] = [:]
        for entry in vectors["sequences"]?.elements ?? [] {
            if let name = entry["name"]?.text, let values = entry["values"]?.text { found[name] = doubles(values) }
        }
        return found
    }()

    /// Decodes numbers from their bits in hexadecimal digits.
    private static func doubles(_ text: String) -> [Double] {
        text.split(separator: " ").compactMap { UInt64($0, radix: 16) }.map { Double(bitPattern: $0) }
    }

    private static func number(_ value: JSONValue?) throws -> Double {
        try #require(value?.text.flatMap { doubles($0).first })
    }

    private static func values(_ entry: JSONValue, _ key: String) throws -> [Double] {
        try #require(entry[key]?.text.flatMap { sequences[$0] })
    }

    private static func entries(_ section: String) throws -> [JSONValue] {
        let entries = try #require(vectors[section]?.elements)
        try #require(entries.count > 20)
        return entries
    }

    private static func expect(_ found: ExponentialHistogramPoint.Distribution, _ entry: JSONValue, _ name: Comment) throws {
        #expect(found.count == entry["count"]?.integer.map { UInt64($0) }, name)
        #expect(found.zeroCount == entry["zeroCount"]?.integer.map { UInt64($0) }, name)
        #expect(found.min == (try number(entry["min"])), name)
        #expect(found.max == (try number(entry["max"])), name)
        try expectSum(#require(found.sum), entry, name)
        if let scale = entry["scale"] { #expect(found.scale == scale.integer.map { Int($0) }, name) }
        for (buckets, key) in [(found.positive, "positive"), (found.negative, "negative")] {
            let counts = try #require(entry[key]?["counts"]?.elements).compactMap { $0.integer.map { UInt64($0) } }
            #expect(buckets.counts == counts, name)
            if !counts.isEmpty { #expect(buckets.offset == entry[key]?["offset"]?.integer.map { Int($0) }, name) }
        }
    }

    private static func expectSum(_ sum: Double, _ entry: JSONValue, _ name: Comment) throws {
        let expected = try number(entry["sum"])
        #expect(sum == expected || (sum - expected).magnitude <= 4 * expected.ulp, name)
    }

    @Test func exponentialHistogramsEqualThoseOfThePythonSDK() throws {
        for entry in try Self.entries("exponential") {
            let size = try #require(entry["maxSize"]?.integer.map { Int($0) })
            let scale = try #require(entry["maxScale"]?.integer.map { Int($0) })
            var histogram = ExponentialHistogram(maxSize: size, maxScale: scale)
            for value in try Self.values(entry, "sequence") { histogram.record(value) }
            let name: Comment = "\(entry["sequence"]?.text ?? ""), \(size) buckets, scale \(scale)"
            try Self.expect(histogram.distribution(recordsSum: true, recordsMinMax: true), entry, name)
        }
    }

    @Test func mergedExponentialHistogramsEqualThoseOfThePythonSDK() throws {
        for entry in try Self.entries("merged") {
            let size = try #require(entry["maxSize"]?.integer.map { Int($0) })
            var histogram = ExponentialHistogram(maxSize: size, maxScale: 20)
            var other = ExponentialHistogram(maxSize: size, maxScale: 20)
            for value in try Self.values(entry, "first") { histogram.record(value) }
            for value in try Self.values(entry, "second") { other.record(value) }
            histogram.merge(other)
            let name: Comment = "\(entry["first"]?.text ?? ""), then \(entry["second"]?.text ?? ""), \(size) buckets"
            try Self.expect(histogram.distribution(recordsSum: true, recordsMinMax: true), entry, name)
        }
    }

    @Test func explicitHistogramsEqualThoseOfThePythonSDK() throws {
        for entry in try Self.entries("explicit") {
            let boundaries = entry["boundaries"]?.text.map { Self.doubles($0) } ?? Aggregation.defaultBoundaries
            let buckets = ExplicitBuckets(boundaries: boundaries)
            defer { buckets.deallocate() }
            var counts = [UInt64](repeating: 0, count: boundaries.count + 1)
            for value in try Self.values(entry, "sequence") { counts[buckets.index(of: value)] += 1 }
            let expected = try #require(entry["counts"]?.elements).compactMap { $0.integer.map { UInt64($0) } }
            #expect(counts == expected, "\(entry["sequence"]?.text ?? ""), \(boundaries.count) boundaries")
        }
    }
}
