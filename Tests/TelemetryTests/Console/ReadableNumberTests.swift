// Rounding of displayed numbers.

import Testing

@testable import Telemetry

struct ReadableNumberTests {
    @Test(
        arguments: [
            (0, "0"), (-0.0, "0"), (1, "1"), (-2.5, "-2.5"), (0.1 + 0.2, "0.3"), (12.503_21, "12.503"), (1_234.567_8, "1234.6"),
            (123_456.7, "123457"), (99_999.96, "100000"), (1e14, "100000000000000"), (1e15, "1e+15"), (3.214_159e20, "3.2142e+20"),
            (0.000_123_456, "0.00012346"), (0.000_012_5, "1.25e-5"), (-4e-300, "-4e-300"), (1.797_693_134_862_315_7e308, "1.7977e+308"),
            (.infinity, "∞"), (-.infinity, "-∞"), (.nan, "NaN"), (1000, "1000"), (0.001, "0.001"),
        ] as [(Double, String)])
    func numbersAreRoundedToFewDigits(number: Double, expected: String) {
        #expect(ReadableNumber.text(number) == expected)
    }

    @Test func wholeNumbersKeepAllTheirDigits() {
        #expect(ReadableNumber.text(.int(.max)) == "9223372036854775807")
        #expect(ReadableNumber.text(.double(7)) == "7")
    }

    @Test func randomNumbersRoundTripApproximately() throws {
        var random = SplitMix64(seed: 81)
        for _ in 0..<5_000 {
            let number = Double(bitPattern: random.next())
            guard number.isFinite, number.magnitude > .leastNormalMagnitude else { continue }
            let read = try #require(Double(ReadableNumber.text(number)))
            #expect((read - number).magnitude <= number.magnitude * 1e-4, "\(number) \(read)")
        }
        #expect(ReadableNumber.text(.leastNonzeroMagnitude).contains("e-324"))
    }
}
