// The fixture of metrics tests.

import Testing

@testable import Telemetry

/// A provider with pull readers, one meter and a manual clock.
struct MetricRig {
    let clock = ManualClock()
    let readers: [PullMetricReader]
    let provider: MeterProvider
    let meter: Meter

    init(
        _ options: MetricReaderOptions..., views: [MetricView] = [], filter: ExemplarFilter = .alwaysOff,
        configurator: MeterConfigurator = .enablingAll
    ) throws {
        readers = (options.isEmpty ? [MetricReaderOptions()] : options).map { PullMetricReader(options: $0) }
        provider = try MeterProvider(
            resource: .service("shop"), readers: readers, views: views, exemplarFilter: filter, clock: .manual(clock),
            configurator: configurator)
        meter = provider.meter(InstrumentationScope(name: "test"))
    }

    /// Seconds since the rig was made.
    func seconds(_ time: Timestamp) -> Double { Double(time.nanosecondsSinceEpoch) / 1e9 - 1_000_000_000 }

    /// Collects a reader and returns the points by metric name.
    func collect(_ reader: Int = 0) throws -> [String: MetricPoints] {
        Dictionary(
            try readers[reader].collect(deadline: .after(.patience)).metrics.map { ($0.name, $0.points) },
            uniquingKeysWith: { first, _ in first })
    }

    /// Collects a reader and returns the integers of one metric by attributes; nil if there is no such metric.
    func ints(_ name: String, _ reader: Int = 0) throws -> [Attributes: Int64]? { try collect(reader)[name]?.ints }
}

extension MetricReaderOptions {
    static let delta = MetricReaderOptions(temporality: .delta)

    /// Options with one temporality and one cardinality limit for all kinds.
    static func limited(to limit: Int, delta: Bool = false) -> MetricReaderOptions {
        MetricReaderOptions(
            temporality: delta ? .delta : .cumulative,
            cardinalityLimits: Dictionary(uniqueKeysWithValues: InstrumentKind.allCases.map { ($0, limit) }))
    }
}

extension MetricPoints {
    /// The integers by attributes; duplicate series are left out.
    var ints: [Attributes: Int64] {
        var seen: Set<Attributes> = []
        var result: [Attributes: Int64] = [:]
        for point in numbers {
            result[point.attributes] = seen.insert(point.attributes).inserted ? point.value.intValue.map { Int64($0) } : nil
        }
        return result
    }

    /// The floating-point numbers by attributes.
    var doubles: [Attributes: Double] {
        Dictionary(numbers.map { ($0.attributes, $0.value.doubleValue) }, uniquingKeysWith: { first, _ in first })
    }
}

extension Attributes {
    /// The attributes of the overflow series.
    static let overflow: Attributes = ["otel.metric.overflow": true]
}

/// Runs the closure on this many threads concurrently; returns false if that takes minutes.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) -> Bool {
    let done = Semaphore()
    for number in 0..<count {
        guard
            WorkerThread.start(
                named: "test-\(number)",
                {
                    body(number)
                    done.post()
                })
        else { return false }
    }
    return (0..<count).allSatisfy { _ in done.wait(until: .after(.seconds(120))) }
}

/// Returns the context of a span with fixed identifiers.
func contextOfSpan(_ number: UInt64 = 7, isSampled: Bool = true) -> Context {
    Context.root.with(
        spanContext: SpanContext(traceID: TraceID(high: 1, low: number), spanID: SpanID(number), flags: isSampled ? .sampled : []))
}
