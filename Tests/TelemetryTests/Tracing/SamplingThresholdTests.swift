// Thresholds against the specification's own table, and the texts that travel with a trace.

import Testing

@testable import Telemetry

struct SamplingThresholdTests {
    /// The specification's table of 1-in-N sampling, with 3, 4 and 5 digits of precision.
    @Test(arguments: [
        (1, "0 0 0"), (0.5, "8 8 8"), (0.3333333333333333, "aab aaab aaaab"), (0.25, "c c c"), (0.2, "ccd cccd ccccd"), (0.125, "e e e"),
        (0.1, "e66 e666 e6666"), (0.0625, "f f f"), (0.01, "fd71 fd70a fd70a4"), (0.001, "ffbe7 ffbe77 ffbe76d"),
        (0.0001, "fff972 fff9724 fff97247"), (0.00001, "ffff584 ffff583a ffff583a5"), (0.000001, "ffffef4 ffffef39 ffffef391"),
    ])
    func thresholdOfAProbabilityMatchesTheSpecificationsTable(probability: Double, expected: String) {
        let texts = [3, 4, 5].map { SamplingThreshold(probability: probability, precision: $0)?.text ?? "nil" }
        #expect(texts.joined(separator: " ") == expected)
        #expect(SamplingThreshold(probability: probability)?.text == texts[1], "Four digits are the default.")
    }

    /// The specification's table says what probability the rounded thresholds stand for.
    @Test(arguments: [
        (0.3333333333333333, 0.3333282470703125), (0.2, 0.1999969482421875), (0.1, 0.100006103515625), (0.01, 0.010000228881835938),
        (0.001, 0.0009999871253967285), (0.0001, 0.00010000169277191162), (0.000001, 1.00000761449337e-06),
    ])
    func thresholdReturnsItsProbability(probability: Double, actual: Double) throws {
        let rounded = try SamplingThreshold(probability: probability).unwrapped().probability
        #expect(abs(rounded - actual) <= actual * 1e-14)
    }

    @Test func probabilityBelowTwoToTheMinus56OrAboveOneIsNil() throws {
        for probability in [0, -0.0, -1, 0x1p-57, 1e-300, 1.0000000000000002, .infinity, .nan] {
            #expect(SamplingThreshold(probability: probability) == nil)
        }
        #expect(try SamplingThreshold(probability: 0x1p-56).unwrapped().text == "ffffffffffffff")
        #expect(try SamplingThreshold(probability: 0x1p-55).unwrapped().text == "fffffffffffffe")
        #expect(try SamplingThreshold(probability: 1.0.nextDown).unwrapped().text == "0")
        #expect(try SamplingThreshold(probability: 0.99999).unwrapped().text == "0001")
    }

    @Test(
        arguments: [
            "0": 0, "c": 0xc0_0000_0000_0000, "8": 0x80_0000_0000_0000, "fd70a4": 0xfd_70a4_0000_0000, "00000000000001": 1,
            "ffffffffffffff": 0xff_ffff_ffff_ffff, "10000000000000": 0x10_0000_0000_0000, "0001": 0x00_0100_0000_0000,
        ] as [String: UInt64])
    func thresholdTextIsPaddedWithTrailingZeros(text: String, value: UInt64) throws {
        let threshold = try SamplingThreshold(text: text[...]).unwrapped()
        #expect(threshold.value == value)
        let canonical = String(text.reversed().drop { $0 == "0" }.reversed())
        #expect(threshold.text == (canonical.isEmpty ? "0" : canonical))
    }

    @Test(arguments: ["", "x", "C", "fD", "123456789012345", "-1", "+1", " 1", "1 ", "0x1", "é", "１"])
    func invalidThresholdTextIsNil(text: String) {
        #expect(SamplingThreshold(text: text[...]) == nil)
    }

    @Test func thresholdOfAQuarterKeepsRandomnessFromThreeQuarters() throws {
        let threshold = try SamplingThreshold(text: "c").unwrapped()
        #expect(threshold.probability == 0.25)
        #expect(threshold.keeps(0xc0_0000_0000_0000) && threshold.keeps(0xff_ffff_ffff_ffff))
        #expect(!threshold.keeps(0xbf_ffff_ffff_ffff) && !threshold.keeps(0))
        #expect(SamplingThreshold.keepsAll.keeps(0) && SamplingThreshold.keepsAll.probability == 1)
        #expect(SamplingThreshold.keepsAll < threshold)
    }

    @Test func roundingErrorIsBelowOneDigitOfFour() throws {
        var random = SplitMix64(seed: 56)
        for _ in 0..<10_000 {
            let probability =
                Double.random(in: 0.5...1, using: &random)
                * Double(sign: .plus, exponent: -Int.random(in: 0...40, using: &random), significand: 1)
            let threshold = try SamplingThreshold(probability: probability).unwrapped()
            #expect(abs(threshold.probability - probability) <= max(probability * 0x1p-9, 0x1p-17))
            #expect(SamplingThreshold(text: threshold.text[...]) == threshold)
        }
    }
}
