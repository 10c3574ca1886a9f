// Series that are found by the words of their attributes.

import Testing

@testable import Telemetry

struct RecentSeriesTests {
    /// Cells that are told apart by their addresses.
    private final class Series {
        let record: UnsafeMutablePointer<SeriesRecord>
        let cell = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64)
        let attributes: Attributes

        init(_ attributes: Attributes) {
            self.attributes = attributes
            record = SeriesRecord.make(
                hash: SeriesHash.shared.hash(of: attributes), number: 1, attributes: attributes, startNanoseconds: 0, reservoir: nil)
        }

        deinit {
            SeriesRecord.free(record)
            cell.deallocate()
        }

        func isFound(in recent: RecentSeries, as given: Attributes? = nil) -> Bool {
            (given ?? attributes).withEntries { recent.find(RecentSeries.key(of: $0), $0) } == cell
        }

        func insert(into recent: inout RecentSeries, as given: Attributes? = nil) {
            (given ?? attributes).withEntries {
                recent.insert(RecentSeries.key(of: $0), $0, record, cell: cell, seriesCapacity: 16)
            }
        }
    }

    @Test func wordsOfAttributesAreWhereTheyAreLookedFor() {
        #expect(RecentSeries.areWordsKnown)
        #expect(ConvertibleAttributes.isLayoutKnown)
    }

    @Test func seriesIsFoundByEqualWordsOnly() {
        let (one, other) = (Series(["route": "/a", "status": 200]), Series(["route": "/a", "status": 404]))
        var recent = RecentSeries()
        defer { recent.deallocate() }
        #expect(!one.isFound(in: recent))
        one.insert(into: &recent)
        #expect(one.isFound(in: recent))
        for unequal in [
            ["route": "/a", "status": 200.0], ["route": "/a"], ["route": "/a", "code": 200], [:], ["status": 200, "route": "/a"],
            ["route": "/a", "status": 200, "more": 1],
        ] as [Attributes] {
            unequal.withEntries { #expect(recent.find(RecentSeries.key(of: $0), $0) == nil) }
        }
        #expect(!other.isFound(in: recent))
        other.insert(into: &recent)
        #expect(one.isFound(in: recent) && other.isFound(in: recent))
    }

    @Test func attributesThatNeedNoWordsAreFound() {
        let none = Series([:])
        var recent = RecentSeries()
        defer { recent.deallocate() }
        none.insert(into: &recent)
        #expect(none.isFound(in: recent))
    }

    @Test func longTextIsKeptAsLongAsItsAddressIsKnown() {
        var recent = RecentSeries()
        defer { recent.deallocate() }
        let series = Series(["path": .string("/a/path/that/is/too/long/for/two/words/1")])
        // Each text has an address of its own, which is used anew once the text is gone.
        for number in 0..<200 {
            let given: Attributes = ["path": .string("/a/path/that/is/too/long/for/two/words/\(number)")]
            if number == 1 { series.insert(into: &recent, as: given) }
            #expect(!series.isFound(in: recent, as: given) || number == 1)
        }
    }

    @Test func copiesOfEverNewTextsAreBounded() {
        var recent = RecentSeries()
        defer { recent.deallocate() }
        let series = Series(["path": .string("/a/path/that/is/too/long/for/two/words")])
        func found(_ count: Int) -> Int {
            (0..<count).count { _ in
                let given: Attributes = ["path": .string("/a/path/that/is/too/long/for" + "/two/words".lowercased())]
                series.insert(into: &recent, as: given)
                return series.isFound(in: recent, as: given)
            }
        }
        let first = found(2_000)
        #expect((1...64).contains(first))
        #expect(found(100) == 0)
        recent.allowCopies()
        #expect(found(2_000) > 0)
    }

    @Test func twoSeriesOfAPairBothStay() {
        var recent = RecentSeries()
        defer { recent.deallocate() }
        let all = (0..<10).map { Series(["album.id": AttributeValue($0), "genre": "jazz"]) }
        for series in all { series.insert(into: &recent) }
        for series in all { #expect(series.isFound(in: recent), "\(series.attributes)") }
    }

    @Test func ofThreeSeriesThatTakeTurnsInAPairSomeStay() {
        var recent = RecentSeries()
        defer { recent.deallocate() }
        let all = (0..<64).map { Series(["album": AttributeValue($0)]) }
        var found = 0
        for _ in 0..<100 {
            for series in all {
                if series.isFound(in: recent) { found += 1 } else { series.insert(into: &recent) }
            }
        }
        #expect(found > 64 * 100 / 2)
    }

    @Test func forgottenSeriesAreNotFound() {
        var recent = RecentSeries()
        let series = Series(["a": 1])
        series.insert(into: &recent)
        recent.deallocate()
        #expect(!series.isFound(in: recent))
    }
}
