// Equality and hashing of attributes.

import Testing

@testable import Telemetry

struct SeriesHashTests {
    private let hash = SeriesHash.shared

    private func areSame(_ one: Attributes, _ other: Attributes) -> Bool {
        let same = one.canonical.withEntries { left in other.withEntries { SeriesEquality.areSame(left, $0) } }
        if same { #expect(hash.hash(of: one) == hash.hash(of: other)) }
        return same
    }

    /// The counts of the series that a counter makes of the attributes.
    private func series(_ sets: [Attributes]) throws -> [MetricNumber] {
        let rig = try MetricRig()
        let counter = rig.meter.counter("c")
        for set in sets { counter.add(1, set) }
        return try rig.collect()["c"]?.numbers.map(\.value) ?? []
    }

    @Test func attributeOrderDoesNotChangeSeries() throws {
        #expect(areSame(["a": 1, "b": "x", "c": true], ["c": true, "a": 1, "b": "x"]))
        #expect(try series([["a": 1, "b": 2], ["b": 2, "a": 1]]) == [2])
    }

    @Test func valuesOfDifferentTypesMakeDifferentSeries() throws {
        let values: [AttributeValue] = [1, 1.0, "1", true, false, "", .empty, .bytes([1]), .array([1]), .array([1.0]), .map(["1": 1])]
        #expect(try series(values.map { ["k": $0] }) == Array(repeating: 1, count: values.count))
        #expect(try series(values.map { ["k": $0] } + values.map { ["k": $0] }) == Array(repeating: 2, count: values.count))
    }

    @Test func seriesThatDifferInOneAttributeAreSeparate() throws {
        let sets: [Attributes] = [[:], ["a": 1], ["a": 2], ["b": 1], ["a": 1, "b": 1], ["a": 1, "b": 2], ["A": 1], ["a": 1, "c": 1]]
        #expect(try series(sets) == Array(repeating: 1, count: sets.count))
        #expect(!areSame(["a": 1, "b": 2], ["a": 2, "b": 1]))
    }

    @Test func lastValueOfDuplicateKeyCounts() throws {
        #expect(try series([["a": 1, "a": 2], ["a": 2], Attributes([(key: "a", value: 3), (key: "a", value: 2)])]) == [3])
        #expect(try series([["a": 1, "b": 1, "a": 1], ["b": 1, "a": 1]]) == [2])
        // Both have the same number of entries, though one has a duplicate key.
        #expect(try series([["a": 1, "b": 2], ["a": 1, "a": 1]]) == [1, 1])
    }

    @Test func attributesWithEmptyKeyAreDropped() throws {
        #expect(try series([["": 1, "a": 1], ["a": 1], ["a": 1, "": 2]]) == [3])
        #expect(try series([["": 1], [:]]) == [2])
    }

    @Test func boundAndUnboundMeasurementsShareSeriesInAnyAttributeOrder() throws {
        for views in [[], [MetricView(of: .all, attributeKeys: .except(["x"]))]] {
            let rig = try MetricRig(views: views)
            let counter = rig.meter.counter("c")
            counter.bind(["a": 1, "a": 2, "": 0]).add(1)
            counter.add(1, ["a": 2])
            counter.bind(["a": 2]).add(1)
            counter.add(1, ["a": 1, "": 0, "a": 2])
            rig.meter.observableCounter("o") {
                $0.observe(1, ["a": 1, "a": 2])
                $0.observe(2, ["a": 2, "": 0])
            }
            let points = try rig.collect()
            #expect(points["c"]?.numbers.map(\.value) == [4] && points["o"]?.numbers.map(\.value) == [2])
        }
    }

    @Test func moreThanSixteenAttributesAreCompared() throws {
        let many = (0..<40).map { (key: "key \($0)", value: AttributeValue($0)) }
        let other = many.dropLast() + [(key: "key 39", value: 40)]
        let notANumber = many + [(key: "n", value: .double(.nan))]
        #expect(try series([Attributes(many), Attributes(many.reversed()), Attributes(other), Attributes(many + many)]) == [3, 1])
        #expect(try series([Attributes(notANumber), Attributes(notANumber.reversed())]) == [2])
    }

    @Test func nanEqualsItselfAtAnyDepth() throws {
        let values: [AttributeValue] = [
            .double(.nan), .array([.double(.nan)]), .map(["k": .array([.double(.nan), "x"])]), .array([.array([]), .empty]),
        ]
        for value in values { #expect(try series([["k": value], ["k": value], ["a": 1, "k": value], ["k": value, "a": 1]]) == [2, 2]) }
    }

    @Test func stringsAreComparedByBytesAtAnyDepth() throws {
        let (one, two) = ("\u{e9}", "e\u{301}")
        #expect(try series([["k": .string(one)], ["k": .string(two)]]) == [1, 1])
        #expect(try series([[one: 1], [two: 1]]) == [1, 1])
        #expect(try series([["k": .array([.string(one)])], ["k": .array([.string(two)])]]) == [1, 1])
        #expect(try series([["k": .map([one: 1])], ["k": .map([two: 1])]]) == [1, 1])
    }

    @Test func equalStringsInDifferentStorageAreOneSeries() throws {
        for length in 0..<80 {
            let literal = String(repeating: "x", count: length)
            // The substring keeps the long buffer that it is cut from.
            var cut = String(repeating: "x", count: 100)
            cut.removeLast(100 - length)
            let slice = String(String(repeating: "x", count: 100).prefix(length))
            #expect(areSame(["k": .string(literal)], ["k": .string(cut)]) && areSame(["k": .string(literal)], ["k": .string(slice)]))
            if length > 0 { #expect(areSame([literal: 1], [cut: 1])) }
        }
    }

    @Test func stringsThatDifferInOneByteHashDifferently() {
        var hashes: Set<UInt64> = []
        var count = 0
        for length in 1..<70 {
            for place in 0..<length {
                var bytes = Array(repeating: UInt8(ascii: "a"), count: length)
                bytes[place] = UInt8(ascii: "b")
                hashes.insert(hash.hash(of: ["k": .string(String(decoding: bytes, as: UTF8.self))]))
                count += 1
            }
        }
        #expect(hashes.count == count)
    }

    @Test func consecutiveIntegersHashEvenly() {
        var places = Array(repeating: 0, count: 64)
        for number in 0..<6400 { places[Int(hash.hash(of: ["id": AttributeValue(number)]) & 63)] += 1 }
        // A hundred are expected each, with a standard deviation of ten.
        #expect(places.allSatisfy { (40...170).contains($0) })
    }

    @Test func randomAttributesAreSameSeriesExactlyIfEqual() {
        var generator = SplitMix64(seed: 42)
        func value(_ depth: Int) -> AttributeValue {
            switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &generator) {
            case 0: .int(Int64.random(in: 0...2, using: &generator))
            case 1: .double(Double(Int.random(in: 0...2, using: &generator)))
            case 2: .bool(Bool.random(using: &generator))
            case 3: .string(String(repeating: "ab", count: Int.random(in: 0...10, using: &generator)))
            case 4: .bytes([UInt8.random(in: 0...1, using: &generator)])
            case 5: .empty
            case 6: .array((0..<Int.random(in: 0...2, using: &generator)).map { _ in value(depth - 1) })
            default: .map(["x": value(depth - 1)])
            }
        }
        var equalCount = 0
        for _ in 0..<4000 {
            let one = Attributes((0..<Int.random(in: 0...2, using: &generator)).map { (key: "k\($0)", value: value(2)) })
            let two = Attributes((0..<Int.random(in: 0...2, using: &generator)).reversed().map { (key: "k\($0)", value: value(1)) })
            #expect(areSame(one, two) == (one == two), "\(one) and \(two)")
            #expect(areSame(one, Attributes(Array(one).reversed())))
            equalCount += one == two ? 1 : 0
        }
        #expect(equalCount > 100)
    }
}
