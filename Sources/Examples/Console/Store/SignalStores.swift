// The memory of the console: a store for each signal.

import ExampleSupport
import Synchronization
package import Telemetry

/// The bytes that are kept of each signal.
package struct ConsoleLimits: Sendable {
    package var traceBytes = 128 << 20
    package var metricBytes = 64 << 20
    package var logBytes = 64 << 20
    /// The bytes of groups of errors.
    package var errorBytes = 8 << 20

    package init() {}
}

/// Spans, log records and metrics, each in a store of its own, so that none pushes out another.
package final class SignalStores: Sendable {
    /// One run of the program whose telemetry is kept.
    package struct Run: Sendable {
        package let number: Int
        package let id: String
        package let start: Timestamp
        /// When it ended; nil for the present one.
        package var end: Timestamp?
    }

    package let spans: BlockStore<SpanBlock>
    package let logs: BlockStore<LogBlock>
    package let metrics: MetricStore
    package let errors: ErrorStore
    package let conventions = ConventionWatch()
    private let errorReader: ErrorReader
    package let started: Timestamp
    private let runsState: Mutex<[Run]>
    private let refusedMetrics = Mutex<[String: Int]>([:])

    /// - Parameters:
    ///   - errorUser: the attribute that names the user whom an error affects.
    ///   - clock: the clock of metrics, by which probes are kept and rules are evaluated.
    package init(
        _ limits: ConsoleLimits = ConsoleLimits(), run: Run? = nil, errorUser: String = "user.id", clock: TelemetryClock = .system
    ) {
        errors = ErrorStore(maximumBytes: limits.errorBytes)
        errorReader = ErrorReader(userAttribute: errorUser)
        started = .now
        let run = run ?? Run(number: 1, id: Self.identifier(started), start: started, end: nil)
        spans = BlockStore(maximumBytes: limits.traceBytes, run: run.number)
        logs = BlockStore(maximumBytes: limits.logBytes, run: run.number)
        var metricLimits = MetricStoreLimits()
        metricLimits.bytes = limits.metricBytes
        metrics = MetricStore(limits: metricLimits, clock: clock)
        runsState = Mutex([run])
    }

    /// Returns the identifier of a run that starts at a time: its digits, which sort as the runs do.
    package static func identifier(_ time: Timestamp) -> String { "\(time.nanosecondsSinceEpoch / 1_000_000)" }

    /// The runs whose telemetry is kept, the present one last.
    package var runs: [Run] { runsState.withLock { $0 } }

    var runNames: RunNames {
        RunNames(names: Dictionary(uniqueKeysWithValues: runs.map { ($0.number, $0.id) }))
    }

    /// Adds an earlier run.
    package func addRun(_ run: Run) { runsState.withLock { $0.insert(run, at: $0.count - 1) } }

    /// Keeps a request in protobuf, whole or not at all.
    ///
    /// - Returns: the number of items that were taken and that were not, and why not.
    func receive(
        _ body: [UInt8], _ signal: OTLPReceivedRequest.Signal, maximumBytes: Int
    ) throws(OTLPRequestError) -> (count: IndexedCount, reason: String) {
        let arrival = Timestamp.now.nanosecondsSinceEpoch
        switch signal {
        case .traces:
            let count = try spans.receive(ReceivedBody(body, arrival: arrival))
            readErrors(body, signal, arrival)
            conventions.offer(body, signal, arrival: arrival)
            return (count, "trace and span identifiers must not be zero")
        case .logs:
            let count = try logs.receive(ReceivedBody(body, arrival: arrival))
            readErrors(body, signal, arrival)
            conventions.offer(body, signal, arrival: arrival)
            return (count, "")
        case .metrics:
            do throws(OTLPRequestError) {
                let request = try OTLPReceivedRequest(body, .metrics, .protobuf, limits: .metrics, maximumBytes: maximumBytes)
                let result = metrics.receive(request)
                conventions.offer(body, signal, arrival: arrival)
                return (IndexedCount(accepted: result.accepted, rejected: result.rejected), result.reason ?? "")
            } catch {
                reject(.metrics, "unreadable requests")
                throw error
            }
        }
    }

    private func readErrors(_ body: [UInt8], _ signal: OTLPReceivedRequest.Signal, _ arrival: UInt64) {
        let findings = errorReader.findings(in: body, signal, now: arrival)
        errors.receive(findings.errors, feedback: findings.feedback, leftOut: findings.leftOut)
    }

    /// The account of metrics, with the requests that did not come so far.
    package var metricStatistics: SignalStatistics {
        var statistics = metrics.statistics
        for (reason, count) in refusedMetrics.withLock({ $0 }) { statistics.rejected[reason, default: 0] += count }
        return statistics
    }

    /// The names of all services that have sent what is kept, in alphabetical order.
    var services: [String] {
        var names: Set<String> = []
        for block in spans.blocks { names.formUnion(block.origins.services.texts) }
        for block in logs.blocks { names.formUnion(block.origins.services.texts) }
        names.formUnion(metrics.services)
        return names.sorted()
    }

    /// Counts what was refused before it was read.
    func reject(_ signal: OTLPReceivedRequest.Signal, _ reason: String) {
        switch signal {
        case .traces: spans.reject(reason)
        case .logs: logs.reject(reason)
        case .metrics: refusedMetrics.withLock { $0[reason, default: 0] += 1 }
        }
    }
}
