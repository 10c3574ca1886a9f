// Handmade metrics and their pages.

@testable import Telemetry

enum PrometheusSamples {
    static let start = Timestamp(nanosecondsSinceEpoch: 1_700_000_000_123_000_000)
    static let now = Timestamp(nanosecondsSinceEpoch: 1_700_000_060_500_000_000)
    /// The scope that adds no labels.
    static let nameless = InstrumentationScope(name: "")

    static func batch(_ metrics: [MetricData], scope: InstrumentationScope = nameless, resource: Resource = .empty) -> MetricBatch {
        MetricBatch(resource: resource, scopes: [ScopeMetrics(instrumentationScope: scope, metrics: metrics)])
    }

    /// The page of a batch as text.
    static func page(
        _ batch: MetricBatch, _ format: PrometheusFormat = .text, _ change: (inout PrometheusOptions) -> Void = { _ in }
    ) -> String {
        var options = PrometheusOptions()
        change(&options)
        let bytes = PrometheusRenderer(options: options).page(of: batch, format: format, isCompressed: false).bytes
        return String(decoding: bytes, as: UTF8.self)
    }

    static func page(
        _ metrics: [MetricData], _ format: PrometheusFormat = .text, _ change: (inout PrometheusOptions) -> Void = { _ in }
    ) -> String { page(batch(metrics), format, change) }

    static func point(_ value: MetricNumber, _ attributes: Attributes = [:], exemplars: [Exemplar] = []) -> NumberPoint {
        NumberPoint(attributes: attributes, startTime: start, time: now, value: value, exemplars: exemplars)
    }

    static func counter(
        _ name: String, unit: String = "", description: String = "", _ points: [NumberPoint] = [point(1)]
    ) -> MetricData {
        MetricData(
            name: name, unit: unit, description: description, points: .sum(points, temporality: .cumulative, isMonotonic: true))
    }

    static func gauge(
        _ name: String, unit: String = "", description: String = "", metadata: Attributes = [:], _ points: [NumberPoint] = [point(1)]
    ) -> MetricData {
        MetricData(name: name, unit: unit, description: description, metadata: metadata, points: .gauge(points))
    }

    static func histogram(
        _ name: String, unit: String = "", sum: Double? = 7, boundaries: [Double] = [1, 5], counts: [UInt64] = [2, 1, 4],
        _ attributes: Attributes = [:], exemplars: [Exemplar] = []
    ) -> MetricData {
        let point = HistogramPoint(
            attributes: attributes, startTime: start, time: now, sum: sum, boundaries: boundaries, bucketCounts: counts,
            exemplars: exemplars)
        return MetricData(name: name, unit: unit, points: .histogram([point], temporality: .cumulative))
    }

    static func exponential(_ name: String, _ attributes: Attributes = [:], exemplars: [Exemplar] = []) -> MetricData {
        var distribution = ExponentialHistogramPoint.Distribution()
        distribution.count = 41
        distribution.sum = 123.5
        distribution.scale = 0
        distribution.zeroCount = 4
        distribution.positive = .init(offset: 3, counts: [10, 0, 0, 20, 5, 2])
        return exponential(name, distribution, attributes, exemplars: exemplars)
    }

    static func exponential(
        _ name: String, _ distribution: ExponentialHistogramPoint.Distribution, _ attributes: Attributes = [:],
        exemplars: [Exemplar] = []
    ) -> MetricData {
        let point = ExponentialHistogramPoint(
            attributes: attributes, startTime: start, time: now, distribution: distribution, exemplars: exemplars)
        return MetricData(name: name, points: .exponentialHistogram([point], temporality: .cumulative))
    }

    static func summary(_ name: String, _ quantiles: [SummaryPoint.Quantile]) -> MetricData {
        MetricData(
            name: name, points: .summary([SummaryPoint(startTime: start, time: now, count: 3, sum: 1.5, quantiles: quantiles)]))
    }

    static func exemplar(_ value: MetricNumber, seconds: UInt64 = 1_700_000_030, _ attributes: Attributes = [:]) -> Exemplar {
        Exemplar(
            value: value, time: Timestamp(nanosecondsSinceEpoch: seconds * 1_000_000_000),
            traceID: TraceID(hexadecimal: "4bf92f3577b34da6a3ce929d0e0e4736"), spanID: SpanID(hexadecimal: "00f067aa0ba902b7"),
            filteredAttributes: attributes)
    }

    /// Names and values that break careless writers.
    static let hostileTexts = [
        "quotes \" in it", "line\nfeed", "return\r\nfeed", "back\\slash", "\\", "\"", "}", "{a=\"b\"}", "# EOF", "日本語", "e\u{301}", "👩‍👩‍👧",
        "\u{0}", "\u{FEFF}", "tab\t", " spaces ", "0digit", "le", "quantile", "__name__", "trace_id", "a.b", "a_b", "a-b", "a:b", "_", "%",
        "",
    ]

    /// A batch with everything in it that can go wrong.
    static var hostile: MetricBatch {
        let texts = hostileTexts.filter { !$0.isEmpty }
        var everyKey: Attributes = [:]
        for text in texts { everyKey[text] = .string(text) }
        let values: [MetricNumber] = [
            .double(.nan), .double(.infinity), .double(-.infinity), .double(-0.0), .double(.leastNonzeroMagnitude),
            .double(1.7976931348623157e308),
            .double(0.1),
            .int(.max), .int(.min), .int(0),
        ]
        let points = values.enumerated().map { point($1, ["place": .int(Int64($0)), "odd": .array([1, "a\"b", .empty, .double(.nan)])]) }
        // A parser that is asked about these pages takes no quotes in exemplars.
        let unquoted = Attributes(everyKey.filter { !$0.key.contains("\"") })
        let exemplars = [
            exemplar(3, unquoted),
            exemplar(0.5, seconds: 1_700_000_031, ["trace_id": "mine", "long": .string(String(repeating: "é", count: 60))]),
        ]
        var metrics = texts.flatMap { [counter("c \($0)", description: $0), gauge($0, unit: $0, description: $0)] }
        metrics += [
            gauge("values", points), counter("values.counted", points), counter("exact", [point(3, everyKey, exemplars: exemplars)]),
            histogram("latency", unit: "s", ["le": "mine", "quantile": "mine"], exemplars: exemplars),
            histogram("below.zero", sum: -3, boundaries: [-1, 0, 1], counts: [1, 0, 0, 2]), histogram("no.sum", sum: nil),
            histogram("no.number", sum: .nan), histogram("no.bounds", boundaries: [], counts: [7]),
            histogram("falling", boundaries: [3, 1], counts: [1, 2, 3]), exponential("powers", exemplars: exemplars),
            summary("quantiles", [.init(0.99, value: .nan), .init(0, value: -1), .init(0.5, value: 0.25)]), summary("none", []),
            gauge("build", metadata: ["prometheus.type": "info"], [point(1, ["version": "1.0"])]),
            gauge("anything", metadata: ["prometheus.type": "unknown"]), gauge("target"), counter("target"), gauge("target.info"),
            gauge("latency.seconds.count"), gauge("exact.total"), counter("twice", [point(1, ["a.b": 1]), point(2, ["a_b": 1])]),
            counter("spread", unit: "By/s"), counter("spread", unit: "By/s", [point(2, ["k": "v"])]),
        ]
        let scope = InstrumentationScope(name: "a \"scope\"\n", version: "1\\0", schemaURL: "https://x/1", attributes: everyKey)
        return MetricBatch(
            resource: Resource(attributes: everyKey.merging(["service.name": "hostile \"one\""])),
            scopes: [
                ScopeMetrics(instrumentationScope: scope, metrics: metrics),
                ScopeMetrics(
                    instrumentationScope: InstrumentationScope(name: "other"),
                    metrics: [counter("spread", unit: "By/s", [point(4)]), gauge("exact")]),
            ])
    }
}
