// Bucket lookup among explicit boundaries.

import Testing

@testable import Telemetry

struct ExplicitBucketsTests {
    private static func withBuckets(_ boundaries: [Double], _ body: (ExplicitBuckets) -> Void) {
        let buckets = ExplicitBuckets(boundaries: boundaries)
        defer { buckets.deallocate() }
        #expect(buckets.boundaryCount == boundaries.count)
        #expect(buckets.boundaries == boundaries)
        body(buckets)
    }

    @Test func defaultBoundariesMakeSixteenUpperInclusiveBuckets() {
        #expect(Aggregation.defaultBoundaries == [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000])
        Self.withBuckets(Aggregation.defaultBoundaries) { buckets in
            for (place, boundary) in Aggregation.defaultBoundaries.enumerated() {
                #expect(buckets.index(of: boundary) == place)
                #expect(buckets.index(of: boundary.nextUp) == place + 1)
                #expect(buckets.index(of: boundary.nextDown) == place)
            }
            #expect(buckets.index(of: 1e300) == 15)
            #expect(buckets.index(of: -1e300) == 0)
        }
    }

    @Test func noBoundariesMakeOneBucket() {
        Self.withBuckets([]) { buckets in
            for value in [0, -1, 1, Double.greatestFiniteMagnitude, -Double.greatestFiniteMagnitude] {
                #expect(buckets.index(of: value) == 0)
            }
        }
    }

    @Test func zerosShareBucketAndSubnormalValuesDoNot() {
        Self.withBuckets([-1, 0, 1]) { buckets in
            #expect(buckets.index(of: 0) == 1)
            #expect(buckets.index(of: -0.0) == 1)
            #expect(buckets.index(of: .leastNonzeroMagnitude) == 2)
            #expect(buckets.index(of: -.leastNonzeroMagnitude) == 1)
            #expect(buckets.index(of: -1) == 0)
        }
        Self.withBuckets([-0.0]) { #expect($0.index(of: 0) == 0) }
        Self.withBuckets([.leastNonzeroMagnitude, .leastNormalMagnitude]) { buckets in
            #expect(buckets.index(of: .leastNonzeroMagnitude) == 0)
            #expect(buckets.index(of: .leastNonzeroMagnitude.nextUp) == 1)
            #expect(buckets.index(of: .leastNormalMagnitude.nextUp) == 2)
        }
    }

    @Test func greatestFiniteMagnitudesMayBeBoundaries() {
        Self.withBuckets([-.greatestFiniteMagnitude, .greatestFiniteMagnitude]) { buckets in
            #expect(buckets.index(of: -.greatestFiniteMagnitude) == 0)
            #expect(buckets.index(of: 0) == 1)
            #expect(buckets.index(of: .greatestFiniteMagnitude) == 1)
        }
    }

    @Test func nonFiniteValuesHaveValidBucketIndex() {
        for count in [0, 1, 8, 16, 17, 100] {
            Self.withBuckets((0..<count).map { Double($0) }) { buckets in
                for value in [Double.nan, .infinity, -.infinity] { #expect((0...count).contains(buckets.index(of: value))) }
            }
        }
    }

    @Test func bucketIsFoundForEveryNumberOfBoundaries() {
        var generator = SplitMix64(seed: 11)
        for count in Array(0...70) + [127, 128, 129, 1000, 5000] {
            var boundaries: Set<Double> = []
            while boundaries.count < count { boundaries.insert(Double.random(in: -1000...1000, using: &generator)) }
            let sorted = boundaries.sorted()
            Self.withBuckets(sorted) { buckets in
                let near = sorted.prefix(200).flatMap { [$0.nextDown, $0, $0.nextUp] }
                for value in near + (0..<50).map({ _ in Double.random(in: -1100...1100, using: &generator) }) {
                    #expect(buckets.index(of: value) == sorted.count { $0 < value })
                }
            }
        }
    }

    /// Boundaries chosen by hand and geometric ones are found by sections, and every value where the search finds it.
    @Test func boundariesApartFromEachOtherAreFoundBySections() {
        let powers = (0..<200).map { (number: Int) -> Double in
            let (octave, quarter) = (Double(1 << (number / 4)), Double(number % 4))
            return octave * (4 + quarter) * 1e-9
        }
        var geometric = [0.001]
        while geometric.count < 60 { geometric.append(geometric[geometric.count - 1] * 1.5) }
        let chosen: [[Double]] = [
            Aggregation.defaultBoundaries, [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
            [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000], powers, geometric, [-1, 1], [0, 1], [-0.0, 2], [1], [0.25, 1e30],
        ]
        var generator = SplitMix64(seed: 5)
        for boundaries in chosen {
            Self.withBuckets(boundaries) { buckets in
                #expect(buckets.hasSections)
                let edges: [Double] = [
                    0, -0.0, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude, .infinity,
                    -.infinity, -.greatestFiniteMagnitude,
                ]
                let near: [Double] = boundaries.flatMap { [$0.nextDown, $0, $0.nextUp, -$0] }
                let greatest = boundaries.last ?? 1
                let random: [Double] = (0..<2_000).map { _ in Double.random(in: -0.1...1.1, using: &generator) * greatest }
                for value in edges + near + random { #expect(buckets.index(of: value) == boundaries.count { $0 < value }) }
            }
        }
    }

    @Test func boundariesTooCloseToEachOtherAreSearchedFor() {
        let close: [[Double]] = [
            [1, 1.0000001], [-2, -1, 1], [.leastNonzeroMagnitude, 1], [0, .leastNonzeroMagnitude], [1e-300, 1e300], [],
        ]
        for boundaries in close {
            Self.withBuckets(boundaries) { buckets in
                #expect(!buckets.hasSections)
                let near: [Double] = boundaries.flatMap { [$0.nextDown, $0, $0.nextUp] }
                for value in near + [0, -0.0, 5] {
                    #expect(buckets.index(of: value) == boundaries.count { $0 < value })
                }
            }
        }
    }
}
