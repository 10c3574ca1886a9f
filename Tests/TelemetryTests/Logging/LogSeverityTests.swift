// Severities: their numbers, names and order.

import Testing

@testable import Telemetry

struct LogSeverityTests {
    @Test func severitiesHaveSixRangesOfFourAfterUnspecified() {
        #expect(LogSeverity.allCases.map(\.rawValue) == Array(0...24))
        let first: [LogSeverity] = [.trace, .debug, .info, .warn, .error, .fatal]
        #expect(first.map(\.rawValue) == [1, 5, 9, 13, 17, 21])
        #expect(LogSeverity.fatal4.rawValue == 24 && LogSeverity.unspecified.rawValue == 0)
    }

    @Test func shortNamesMatchTheDataModel() {
        let ranges = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]
        let expected = [""] + ranges.flatMap { range in ["", "2", "3", "4"].map { range + $0 } }
        #expect(LogSeverity.allCases.map(\.shortName) == expected)
        #expect(LogSeverity.allCases.map(\.description) == ["unspecified"] + expected.dropFirst())
    }

    @Test func severitiesCompareByTheirNumbers() {
        #expect(LogSeverity.allCases.shuffled().sorted() == LogSeverity.allCases)
        #expect(LogSeverity.info < .info2 && LogSeverity.info4 < .warn && !(LogSeverity.error < .error))
    }

    @Test func severityNameIsParsedInAnyCase() {
        for severity in LogSeverity.allCases.dropFirst() {
            #expect(LogSeverity(name: severity.shortName) == severity && LogSeverity(name: severity.shortName.lowercased()) == severity)
        }
        #expect(["", "unspecified", "warning", "INFO5", "INFO1", " info", "9"].allSatisfy { LogSeverity(name: $0) == nil })
    }
}
