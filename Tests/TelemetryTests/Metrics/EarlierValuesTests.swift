// What was observed before is kept up to a bound.

import Testing

@testable import Telemetry

@Suite struct EarlierValuesTests {
    private func key(_ number: Int64) -> SeriesKey { SeriesKey(["k": .int(number)]) }

    @Test func seriesThatWereAbsentForTheLongestTimeAreForgottenFirst() {
        var values = EarlierValues(capacity: 2)
        #expect(values.keep(1, of: key(1), round: 1) && values.keep(2, of: key(2), round: 2))
        #expect(values.keep(3, of: key(3), round: 3))
        #expect(values.number(of: key(1)) == nil && values.number(of: key(2)) == 2 && values.number(of: key(3)) == 3)
    }

    @Test func whatWasObservedInTheSameRoundIsNotForgotten() {
        var values = EarlierValues(capacity: 2)
        #expect(values.keep(1, of: key(1), round: 1) && values.keep(2, of: key(2), round: 1))
        #expect(!values.keep(3, of: key(3), round: 1))
        #expect(values.keep(5, of: key(1), round: 1) && values.number(of: key(1)) == 5, "A known series has its place.")
        #expect(values.keep(3, of: key(3), round: 2))
    }
}
