// Exactness of the bucket lookup of exponential histograms.

import Foundation
import Testing

@testable import Telemetry

struct ExponentialIndexTests {
    private let buckets = ExponentialIndex()

    /// A value with a wrong bucket at a scale.
    private struct Case {
        let value: Double
        let scale: Int

        init(_ value: Double, _ scale: Int) {
            self.value = value
            self.scale = scale
        }
    }

    /// Returns a finite value other than zero, of any magnitude and sign.
    private static func value(_ generator: inout SplitMix64) -> Double {
        while true {
            let value = Double(bitPattern: generator.next())
            if value.isFinite && value.magnitude >= .leastNormalMagnitude { return value }
        }
    }

    private static func power(_ exponent: Int) -> Double { Double(sign: .plus, exponent: exponent, significand: 1) }

    @Test func powersOfTwoAreInLowerBucketAtEveryScaleAndExponent() {
        var wrong: [Case] = []
        for scale in -10...20 {
            for exponent in -1022...1023 {
                let expected = scale > 0 ? (exponent << scale) - 1 : (exponent - 1) >> -scale
                for value in [Self.power(exponent), -Self.power(exponent)] where buckets.index(of: value, scale: scale) != expected {
                    wrong.append(Case(value, scale))
                }
            }
        }
        #expect(wrong.isEmpty)
    }

    @Test func neighboursOfPowersOfTwoAreOnBothSidesOfBoundary() {
        var wrong: [Case] = []
        for scale in 0...20 {
            for exponent in -1021...1023 {
                let (below, above) = (Self.power(exponent).nextDown, Self.power(exponent).nextUp)
                if buckets.index(of: below, scale: scale) != (exponent << scale) - 1 { wrong.append(Case(below, scale)) }
                if buckets.index(of: above, scale: scale) != exponent << scale { wrong.append(Case(above, scale)) }
            }
        }
        #expect(wrong.isEmpty)
    }

    @Test func nonPositiveScalesUseExponentBits() {
        #expect(buckets.index(of: 1.5, scale: 0) == 0)
        #expect(buckets.index(of: 2, scale: 0) == 0)
        #expect(buckets.index(of: 2.5, scale: 0) == 1)
        #expect(buckets.index(of: 0.75, scale: 0) == -1)
        #expect(buckets.index(of: 4, scale: -1) == 0)
        #expect(buckets.index(of: 4.1, scale: -1) == 1)
        #expect(buckets.index(of: 0.25, scale: -1) == -2)
        #expect(buckets.index(of: 0.26, scale: -1) == -1)
        #expect(buckets.index(of: .greatestFiniteMagnitude, scale: -10) == 0)
        #expect(buckets.index(of: 1, scale: -10) == -1)
        #expect(buckets.index(of: .leastNormalMagnitude, scale: -10) == -1)
    }

    @Test func subnormalValuesHaveIndexOfLeastNormalValue() {
        for scale in -10...20 {
            let expected = buckets.index(of: .leastNormalMagnitude, scale: scale)
            for value in [Double.leastNonzeroMagnitude, 0x1p-1030, Double.leastNormalMagnitude.nextDown] {
                #expect(buckets.index(of: value, scale: scale) == expected)
                #expect(buckets.index(of: -value, scale: scale) == expected)
            }
        }
    }

    @Test func extremeIndexesFitIntoThirtyTwoBitsAtEveryScale() {
        for scale in -10...20 {
            let highest = buckets.index(of: .greatestFiniteMagnitude, scale: scale)
            let lowest = buckets.index(of: .leastNormalMagnitude, scale: scale)
            #expect(Int32(exactly: highest) != nil)
            #expect(Int32(exactly: lowest) != nil)
            #expect(highest == (scale >= 0 ? (1024 << scale) - 1 : 1023 >> -scale))
            #expect(lowest == (scale >= 0 ? (-1022 << scale) - 1 : -1023 >> -scale))
        }
    }

    /// The last significand below the lower bound of bucket k at a scale, from integer roots of 200 bits.
    private static let lastBelow: [(scale: Int, bucket: Int, fraction: UInt64)] = [
        (1, 1, 0x6a09e667f3bcc),
        (2, 1, 0x306fe0a31b715),
        (2, 3, 0xae89f995ad3ad),
        (3, 1, 0x172b83c7d517a),
        (3, 5, 0x8ace5422aa0db),
        (3, 7, 0xd5818dcfba487),
        (4, 3, 0x2387a6e756238),
        (5, 17, 0x71f75e8ec5f73),
        (7, 100, 0xb7f76f2fb5e46),
        (8, 1, 0x00b1afa5abcbe),
        (8, 255, 0xfe9d96b2a23d9),
        (10, 511, 0x69cb2f4a86cca),
        (12, 4095, 0xffe9d237fe371),
        (15, 12345, 0x4c6436aa32ac5),
        (17, 99999, 0xb26a5f47d585e),
        (19, 1, 0x0000162e43f4f),
        (20, 1, 0x00000b1721bcf),
        (20, 2, 0x0000162e43f4f),
        (20, 308076, 0x39d283c3ba2a6),
        (20, 524287, 0x6a09d6b8d0ea0),
        (20, 777777, 0xac153036c060b),
        (20, 1048575, 0xffffe9d1bd7c0),
    ]

    @Test func valuesNextToBoundaryAreExact() {
        for (scale, bucket, fraction) in Self.lastBelow {
            for exponent in [-1022, -1, 0, 1, 1023] {
                let below = Double(sign: .plus, exponentBitPattern: UInt(exponent + 1023), significandBitPattern: fraction)
                #expect(buckets.index(of: below, scale: scale) == (exponent << scale) + bucket - 1)
                #expect(buckets.index(of: below.nextUp, scale: scale) == (exponent << scale) + bucket)
            }
        }
    }

    @Test func polynomialAgreesWithExactLogarithmAtEveryScale() {
        var wrong: [Case] = []
        var generator = SplitMix64(seed: 1)
        for _ in 0..<1_000 {
            let fraction = generator.next() >> 12 | 1
            let value = Double(sign: .plus, exponentBitPattern: 1023, significandBitPattern: fraction)
            for scale in 1...20 {
                let exact = Int(ExponentialIndex.logarithm(of: fraction, bits: scale))
                if buckets.index(of: value, scale: scale) != exact { wrong.append(Case(value, scale)) }
            }
        }
        #expect(wrong.isEmpty)
    }

    @Test func polynomialErrorIsBelowHalfOfUncertainty() {
        // The error of a cubic is largest between its four points and at its ends: 64 places find it in every piece.
        var largest: UInt64 = 0
        for place in 0..<UInt64(64 * 64) {
            for fraction in [place << 40, place << 40 | (1 << 40 - 1)] {
                let exact = ExponentialIndex.logarithm(of: fraction, bits: 64)
                let approximate = buckets.approximateLogarithm(of: fraction)
                // Around zero the difference wraps.
                largest = max(largest, min(exact &- approximate, approximate &- exact))
            }
        }
        #expect(largest < ExponentialIndex.uncertainty / 2)
        #expect(largest > 1 << 28, "The test detects the error that a cubic must have.")
    }

    @Test func lowerScaleMergesWholeBuckets() {
        var wrong: [Case] = []
        var generator = SplitMix64(seed: 2)
        for _ in 0..<5_000 {
            let value = Self.value(&generator)
            let finest = buckets.index(of: value, scale: 20)
            for scale in -10...20 where buckets.index(of: value, scale: scale) != finest >> (20 - scale) {
                wrong.append(Case(value, scale))
            }
        }
        #expect(wrong.isEmpty)
    }

    @Test func valuesAreWithinBoundsOfTheirBuckets() {
        var wrong: [Case] = []
        var generator = SplitMix64(seed: 3)
        for _ in 0..<5_000 {
            let value = Self.value(&generator)
            for scale in 1...20 {
                let index = buckets.index(of: value, scale: scale)
                // Bounds within the octave, since those of large indexes are not computed exactly.
                let place = index - Int(value.exponent) << scale
                let significand = value.magnitude.significand
                if significand == 1 { continue }
                let step = Double(sign: .plus, exponent: -scale, significand: 1)
                let (lower, upper) = (pow(2, Double(place) * step), pow(2, Double(place + 1) * step))
                if lower.nextDown >= significand || significand > upper.nextUp { wrong.append(Case(value, scale)) }
            }
        }
        #expect(wrong.isEmpty)
    }

    @Test func indexesIncreaseWithValues() {
        var generator = SplitMix64(seed: 4)
        let values = (0..<2_000).map { _ in Self.value(&generator).magnitude }.sorted()
        for scale in -10...20 {
            let indexes = values.map { buckets.index(of: $0, scale: scale) }
            #expect(zip(indexes, indexes.dropFirst()).allSatisfy { $0 <= $1 })
        }
    }
}
