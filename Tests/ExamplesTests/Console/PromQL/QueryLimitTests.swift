// The bounds of queries.

import Telemetry
import Testing

@testable import TelemetryConsole

struct QueryLimitTests {
    private func rig(series: Int) throws -> ConsoleMetricRig {
        let rig = ConsoleMetricRig()
        try rig.receive { request in
            for index in 0..<series { request.gauge("g", Double(index), .init(time: MetricRequest.start, labels: [("i", "\(index)")])) }
        }
        return rig
    }

    private func error(_ engine: PromQLEngine, _ query: String, seconds: Int64 = 0, step: Int64 = 1_000) -> PromQLError? {
        let start = Int64(MetricRequest.start) * 1_000
        do throws(PromQLError) {
            _ = try engine.query(query, from: start, to: start + seconds * 1_000, step: step)
            return nil
        } catch { return error }
    }

    @Test func rangeHasAtMostElevenThousandSteps() throws {
        let engine = PromQLEngine(store: try rig(series: 1).store)
        #expect(error(engine, "g", seconds: 10_999) == nil)
        guard case .badData(let reason)? = error(engine, "g", seconds: 11_000) else {
            Issue.record("The range is too long.")
            return
        }
        #expect(reason.hasPrefix("exceeded maximum resolution of 11000 points"))
    }

    @Test func samplesAndValuesAreBounded() throws {
        var engine = PromQLEngine(store: try rig(series: 100).store)
        engine.limits.samples = 99
        guard case .execution? = error(engine, "g") else {
            Issue.record("There are more samples than allowed.")
            return
        }
        engine.limits.samples = 100
        #expect(error(engine, "g") == nil)
        engine.limits.values = 10_000
        guard case .execution? = error(engine, "g", seconds: 200) else {
            Issue.record("There are more values than allowed.")
            return
        }
    }

    @Test func queryEndsAtItsDeadline() throws {
        var engine = PromQLEngine(store: try rig(series: 100).store)
        engine.limits.time = .zero
        guard case .timeout? = error(engine, "sum(g)") else {
            Issue.record("There is no time.")
            return
        }
    }
}
