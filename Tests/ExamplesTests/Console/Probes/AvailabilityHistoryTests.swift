// Availability over windows, and what is left of the budget of errors.

import ExampleSupport
import Telemetry
import Testing

@testable import TelemetryConsole

struct AvailabilityHistoryTests {
    private typealias Window = AvailabilityHistory.Window
    private static let minute: Int64 = 60_000
    private static let hour: Int64 = 3_600_000
    /// The beginning of an hour: 2023-11-14T22:00:00Z.
    private static let start: Int64 = 1_699_999_200_000

    @Test("POC-45: availability is that of each window") func availabilityIsThatOfEachWindow() {
        var history = AvailabilityHistory()
        // Four probes a minute for 30 days, of which those of one hour of the 29th day and of the last minute fail.
        let last = Self.start + 720 * Self.hour - Self.minute
        for minute in 0..<43_200 {
            let time = Self.start + Int64(minute) * Self.minute
            let isDown = (28 * 1_440..<28 * 1_440 + 60).contains(minute) || minute == 43_199
            for probe in 0..<4 { history.record(!isDown, at: time + Int64(probe) * 15_000) }
        }
        #expect(history.count(.fiveMinutes, at: last) == (16, 20))
        #expect(history.availability(.hour, at: last) == 59.0 / 60)
        #expect(history.availability(.day, at: last) == 1_439.0 / 1_440)
        #expect(history.count(.threeDays, at: last) == (4 * (4_320 - 61), 4 * 4_320))
        #expect(history.availability(.month, at: last) == Double(43_200 - 61) / 43_200)
        #expect(history.lastDay(at: last) == [Double](repeating: 1, count: 23) + [59.0 / 60])
        // An hour later nothing is in the short windows, and one hour has left the long ones.
        #expect(history.availability(.hour, at: last + Self.hour) == nil)
        #expect(history.count(.month, at: last + Self.hour) == (4 * (43_200 - 61 - 60), 4 * (43_200 - 60)))
        #expect(history.availability(.month, at: last + 721 * Self.hour) == nil)
    }

    @Test func clockThatIsSetBackHarmsNothing() {
        var history = AvailabilityHistory()
        history.record(true, at: Self.start)
        history.record(false, at: Self.start - 360 * Self.minute)
        history.record(false, at: -1)
        #expect(history.count(.hour, at: Self.start) == (1, 1))
        #expect(history.count(.day, at: Self.start) == (1, 2))
        #expect(history.count(.month, at: -5) == (0, 0))
    }

    @Test("POC-45: a history lasts, and hostile numbers do no harm") func historyIsRestored() {
        var history = AvailabilityHistory()
        for probe in 0..<500 { history.record(probe % 7 != 0, at: Self.start + Int64(probe) * 30_000) }
        let numbers = history.numbers
        #expect(AvailabilityHistory(minutes: numbers.minutes, hours: numbers.hours) == history)
        let hostile: [Int64] = [-1, 0, 0, .max, 1, 1, 5, 2, 1, 5, .min, 7, 6, 1, 1, 9]
        let restored = AvailabilityHistory(minutes: hostile, hours: hostile)
        #expect(restored.numbers.minutes == [6, 1, 1] && restored.numbers.hours == [6, 1, 1])
    }

    @Test("POC-45: the error budget is what the objective leaves, and burns by windows") func budgetBurns() throws {
        var history = AvailabilityHistory()
        // 99.9 % of 30 days allow 43.2 minutes. One minute of an hour without an answer burns it 16.7 times too fast.
        for minute in 0..<60 { history.record(minute != 59, at: Self.start + Int64(minute) * Self.minute) }
        let budget = ErrorBudget(objective: 0.999, history: history)
        let now = Self.start + 59 * Self.minute
        #expect(try abs(#require(budget.burnRate(.hour, at: now)) - 1_000.0 / 60) < 1e-9)
        #expect(try abs(#require(budget.burnRate(.fiveMinutes, at: now)) - 200) < 1e-9)
        #expect(try abs(#require(budget.remaining(at: now)) - (1 - 1_000.0 / 60)) < 1e-9)
        #expect(budget.burnRate(.hour, at: now + 2 * Self.hour) == nil)
        var page = ProbePage()
        page.add(history, objective: 0.999, at: now)
        #expect(page.samples[.availability]?.map { $0.labels[0].value } == ["1h", "24h", "30d"])
        #expect(page.samples[.burnRate]?.map { $0.labels[0].value } == ["5m", "30m", "1h", "2h", "6h", "24h", "3d"])
        #expect(page.value(.objective) == 0.999 && page.samples[.budget]?.count == 1)
        var bare = ProbePage()
        bare.add(history, objective: nil, at: now)
        #expect(Set(bare.samples.keys) == [.availability])
    }
}
