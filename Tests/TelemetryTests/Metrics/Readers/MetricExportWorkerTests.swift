// The schedule of collections.

import Testing

@testable import Telemetry

struct CollectionScheduleTests {
    private static let second: UInt64 = 1_000_000_000

    @Test func firstCollectionIsDueAfterOneInterval() {
        let schedule = CollectionSchedule(every: .seconds(10), from: 3 * Self.second)
        #expect(!schedule.isDue(at: 13 * Self.second - 1))
        #expect(schedule.isDue(at: 13 * Self.second))
    }

    @Test func collectionsStayOneIntervalApartWhenLate() {
        var schedule = CollectionSchedule(every: .seconds(10), from: 0)
        var due: [UInt64] = []
        for delay in [0, 1, 9, 3, 0] as [UInt64] {
            due.append(schedule.due)
            #expect(schedule.advance(at: schedule.due + delay * Self.second) == 0)
        }
        #expect(due == [10, 20, 30, 40, 50].map { $0 * Self.second })
    }

    @Test func missedCollectionsAreSkippedAndCounted() {
        var schedule = CollectionSchedule(every: .seconds(10), from: 0)
        #expect(schedule.advance(at: 35 * Self.second) == 2)
        #expect(schedule.due == 40 * Self.second)
        #expect(schedule.advance(at: 50 * Self.second) == 1)
        #expect(schedule.due == 60 * Self.second)
    }

    @Test func scheduleDoesNotAdvanceBeforeDue() {
        var schedule = CollectionSchedule(every: .seconds(10), from: 0)
        #expect(schedule.advance(at: 9 * Self.second) == 0)
        #expect(schedule.due == 10 * Self.second)
    }

    @Test func intervalThatOverflowsIsNeverDue() {
        var schedule = CollectionSchedule(every: .seconds(Int64.max), from: .max - 5)
        #expect(schedule.due == .max)
        #expect(schedule.advance(at: .max) == 0)
        #expect(schedule.due == .max)
    }

    @Test(arguments: [Duration.zero, .seconds(-1), .nanoseconds(1)])
    func leastIntervalIsOneMillisecond(interval: Duration) {
        #expect(CollectionSchedule(every: interval, from: 0).due == 1_000_000)
    }
}
