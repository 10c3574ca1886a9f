// The values of `OTEL_LOG_LEVEL`.

import Testing

@testable import Telemetry

struct LogLevelTests {
    @Test(
        arguments: [
            ("none", nil), ("off", nil), ("fatal", .error), ("ERROR", .error), ("warn", .warning), ("Warning", .warning), ("info", .info),
            ("debug", .debug), ("trace", .debug),
        ] as [(String, Diagnostic.Severity?)])
    func levelNamesMapToSeverities(name: String, severity: Diagnostic.Severity?) throws {
        #expect(try LogLevel(EnvironmentReader(["OTEL_LOG_LEVEL": name])).unwrapped().minimumSeverity == severity)
    }

    @Test(arguments: [nil, "", "loud", "7"])
    func unknownLevelCountsAsUnset(name: String?) {
        #expect(LogLevel(EnvironmentReader(name.map { ["OTEL_LOG_LEVEL": $0] } ?? [:])) == nil)
    }

    @Test func nilSeverityReportsNothing() {
        var gate = DiagnosticGate()
        gate.minimumSeverity = nil
        #expect(gate.admit(.error, topic: nil, every: .zero, now: 0) == .leftOut)
        gate.minimumSeverity = .error
        #expect(gate.admit(.error, topic: nil, every: .zero, now: 0) == .admitted(leftOutCount: 0))
    }
}
