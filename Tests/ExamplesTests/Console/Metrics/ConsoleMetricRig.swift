// A metric store for tests, with a clock that stands still and queries by seconds.

import ExampleSupport
import Telemetry

@testable import TelemetryConsole

/// A store whose present is ``MetricRequest/start`` and what follows.
struct ConsoleMetricRig {
    let store: MetricStore
    let clock: ManualClock

    init(limits: MetricStoreLimits = MetricStoreLimits()) {
        clock = ManualClock(startingAt: Timestamp(nanosecondsSinceEpoch: MetricRequest.start * 1_000_000_000))
        store = MetricStore(limits: limits, clock: .manual(clock))
    }

    @discardableResult
    func receive(_ build: (inout MetricRequest) -> Void) throws -> (accepted: Int, rejected: Int, reason: String?) {
        var request = MetricRequest()
        build(&request)
        return store.receive(try request.received)
    }

    /// Loads series as the notation of Prometheus' tests has them: a start, a step and a count, at a spacing in seconds.
    func load(_ spacing: UInt64, _ series: [(name: String, labels: [(String, String)], values: [Double?])]) throws {
        var metrics: [MetricRequest] = []
        for one in series {
            for (index, value) in one.values.enumerated() {
                guard let value else { continue }
                var request = MetricRequest(service: "")
                request.gauge(one.name, value, .init(time: MetricRequest.start + UInt64(index) * spacing, labels: one.labels))
                metrics.append(request)
            }
        }
        clock.advance(by: .seconds(Int64(spacing) * Int64(series.map(\.values.count).max() ?? 0)))
        for request in metrics { store.receive(try request.received) }
    }

    /// Evaluates a query that many seconds after the start.
    func query(_ text: String, at seconds: Double) throws -> [String: Double] {
        let result = try PromQLEngine(store: store).query(text, at: Int64(MetricRequest.start) * 1_000 + Int64(seconds * 1_000))
        if case .scalar(let value) = result.value { return ["": value] }
        return Dictionary(result.series.map { ($0.labels.text, $0.values[0]) }) { first, _ in first }
    }

    /// The only value of a query; nil if it gives none or several.
    func value(_ text: String, at seconds: Double) throws -> Double? {
        let values = try query(text, at: seconds)
        return values.count == 1 ? values.first?.value : nil
    }

    /// The message of the error of a query; nil if it has an answer.
    func message(_ text: String, at seconds: Double = 0) -> String? {
        do throws(PromQLError) {
            _ = try PromQLEngine(store: store).query(text, at: Int64(MetricRequest.start) * 1_000 + Int64(seconds * 1_000))
            return nil
        } catch { return error.message(for: text) }
    }
}
