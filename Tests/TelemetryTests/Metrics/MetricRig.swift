// A provider of metrics with readers that a test asks, and a clock that it moves.

import Testing

@testable import Telemetry

/// A provider of metrics with readers that are asked, one meter, and a clock that stands still.
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

    /// The time, in seconds since the rig was made.
    func seconds(_ time: Timestamp) -> Double { Double(time.nanosecondsSinceEpoch) / 1e9 - 1_000_000_000 }

    /// All points that a reader collects, by the names of their metrics.
    func collect(_ reader: Int = 0) throws -> [String: MetricPoints] {
        Dictionary(try readers[reader].collect().metrics.map { ($0.name, $0.points) }, uniquingKeysWith: { first, _ in first })
    }

    /// The whole numbers of one metric by the attributes of their series, or nil when there is no such metric.
    func ints(_ name: String, _ reader: Int = 0) throws -> [Attributes: Int64]? { try collect(reader)[name]?.ints }
}

extension MetricReaderOptions {
    static let delta = MetricReaderOptions(temporality: .delta)

    /// Delta or cumulative for all kinds, with a limit for all of them.
    static func limited(to limit: Int, delta: Bool = false) -> MetricReaderOptions {
        MetricReaderOptions(
            temporality: delta ? .delta : .cumulative,
            cardinalityLimits: Dictionary(uniqueKeysWithValues: InstrumentKind.allCases.map { ($0, limit) }))
    }
}

extension MetricPoints {
    /// The whole numbers by the attributes of their series; a series that stands there twice is missing.
    var ints: [Attributes: Int64] {
        var seen: Set<Attributes> = []
        var result: [Attributes: Int64] = [:]
        for point in numbers {
            result[point.attributes] = seen.insert(point.attributes).inserted ? point.value.intValue : nil
        }
        return result
    }

    /// The floating-point numbers by the attributes of their series.
    var doubles: [Attributes: Double] {
        Dictionary(numbers.map { ($0.attributes, $0.value.doubleValue) }, uniquingKeysWith: { first, _ in first })
    }
}

extension Attributes {
    /// Those of the series that takes what is beyond the limit.
    static let overflow: Attributes = ["otel.metric.overflow": true]
}

/// Runs the closure on so many threads at the same time, and returns when all are through; false when that takes minutes.
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

/// The context of a span that is made up.
func contextOfSpan(_ number: UInt64 = 7, isSampled: Bool = true) -> Context {
    Context.root.with(
        spanContext: SpanContext(traceID: TraceID(high: 1, low: number), spanID: SpanID(number), flags: isSampled ? .sampled : []))
}
