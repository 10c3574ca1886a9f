// Capacity of the earlier values.

import Testing

@testable import Telemetry

struct EarlierValuesTests {
    private func key(_ number: Int64) -> SeriesKey { SeriesKey(["k": .int(number)]) }

    /// Returns whether each value is kept; values are given as series, value and round.
    private func keep(_ observations: [(series: Int64, value: Int64, round: Int)], in values: inout EarlierValues) -> [Bool] {
        observations.map { values.keep(.int($0.value), of: key($0.series), round: $0.round) }
    }

    @Test func longestAbsentSeriesIsDroppedFirst() {
        var values = EarlierValues(capacity: 2)
        let kept = keep([(1, 1, 1), (2, 2, 2), (3, 3, 3)], in: &values)
        #expect(kept == [true, true, true])
        #expect(values.number(of: key(1)) == nil && values.number(of: key(2)) == 2 && values.number(of: key(3)) == 3)
    }

    @Test func seriesOfCurrentRoundIsNotDropped() {
        var values = EarlierValues(capacity: 2)
        let kept = keep([(1, 1, 1), (2, 2, 1), (3, 3, 1), (1, 5, 1)], in: &values)
        #expect(kept == [true, true, false, true])
        #expect(values.number(of: key(1)) == 5, "A known series is updated in place.")
        let later = keep([(3, 3, 2)], in: &values)
        #expect(later == [true])
    }

    @Test func fullRoundRefusesEveryFurtherSeries() {
        var values = EarlierValues(capacity: 2)
        let kept = keep([(1, 1, 1), (2, 2, 1), (3, 3, 1), (4, 4, 1)], in: &values)
        #expect(kept == [true, true, false, false])
        #expect(values.number(of: key(4)) == nil)
    }
}
