// Metrics of every kind, with their bytes and JSON, for tests of encoders.

@testable import Telemetry

extension Timestamp {
    fileprivate init(_ nanoseconds: UInt64) { self.init(nanosecondsSinceEpoch: nanoseconds) }
}

enum MetricSamples {
    static let traceID = TraceID(bytes: Array(0..<16)) ?? .invalid
    static let spanID = SpanID(bytes: Array(0..<8)) ?? .invalid

    /// Each kind of point twice: with every field, and with the required fields only.
    static let everything = MetricBatch(
        resource: Resource(attributes: ["service.name": "albums"], schemaURL: "r"),
        scopes: [
            ScopeMetrics(
                instrumentationScope: InstrumentationScope(name: "scope", version: "1", schemaURL: "s"),
                metrics: [sold, level, duration, fine, quantiles])
        ])

    private static let sold = MetricData(
        name: "sold", unit: "{album}", description: "Albums sold",
        points: .sum(
            [
                NumberPoint(
                    attributes: ["genre": "jazz", "new": true], startTime: Timestamp(1_544_712_660_000_000_000),
                    time: Timestamp(1_544_712_661_000_000_000), value: -3,
                    exemplars: [
                        Exemplar(value: 300, time: Timestamp(7), traceID: traceID, spanID: spanID, filteredAttributes: ["user": 42]),
                        Exemplar(value: 0.5, time: Timestamp(0), traceID: .invalid, spanID: .invalid),
                    ]), NumberPoint(startTime: Timestamp(0), time: Timestamp(2), value: 0),
            ], temporality: .delta, isMonotonic: true))

    private static let level = MetricData(
        name: "level",
        points: .gauge([
            NumberPoint(startTime: Timestamp(0), time: Timestamp(3), value: .double(-.infinity)),
            NumberPoint(startTime: Timestamp(0), time: Timestamp(4), value: 0.0),
        ]))

    private static let duration = MetricData(
        name: "duration", unit: "s",
        points: .histogram(
            [
                HistogramPoint(
                    attributes: ["k": "v"], startTime: Timestamp(1), time: Timestamp(5), sum: 0, min: 0, max: 9.25, boundaries: [0, 2.5],
                    bucketCounts: [1, 2, 3], exemplars: [Exemplar(value: 1.5, time: Timestamp(8))]),
                HistogramPoint(startTime: Timestamp(0), time: Timestamp(5), sum: nil, boundaries: [], bucketCounts: [0]),
            ], temporality: .cumulative))

    private static let fine: MetricData = {
        var full = ExponentialHistogramPoint.Distribution()
        (full.count, full.sum, full.min, full.max, full.scale) = (1006, -1.5, -8, 4, -3)
        (full.zeroCount, full.zeroThreshold) = (2, 0.001)
        full.positive = .init(offset: -70_000, counts: [1, 0, 300, 1 << 63])
        full.negative = .init(offset: 5, counts: [703])
        return MetricData(
            name: "fine",
            points: .exponentialHistogram(
                [
                    ExponentialHistogramPoint(
                        attributes: ["k": "v"], startTime: Timestamp(1), time: Timestamp(6), distribution: full,
                        exemplars: [Exemplar(value: 2.0, time: Timestamp(9))]),
                    ExponentialHistogramPoint(startTime: Timestamp(0), time: Timestamp(6), distribution: .init()),
                ], temporality: .delta))
    }()

    private static let quantiles = MetricData(
        name: "quantiles",
        points: .summary([
            SummaryPoint(
                attributes: ["k": "v"], startTime: Timestamp(1), time: Timestamp(7), count: 10, sum: 12.5,
                quantiles: [.init(0, value: 1), .init(0.99, value: 2.25)])
        ]))
}

extension MetricBatch {
    /// Random metrics of scopes that producers give.
    static func random(using random: inout some RandomNumberGenerator) -> MetricBatch {
        let scopes = (0..<Int.random(in: 1...3, using: &random)).map { index in
            ScopeMetrics(
                instrumentationScope: InstrumentationScope(
                    name: "scope \(index)", schemaURL: .random(using: &random), attributes: .random(using: &random)),
                metrics: (0..<Int.random(in: 1...4, using: &random)).map { _ in MetricData.random(using: &random) })
        }
        return MetricBatch(resource: Resource(attributes: .random(using: &random)), scopes: scopes)
    }
}

extension MetricData {
    fileprivate static func random(using random: inout some RandomNumberGenerator) -> MetricData {
        let count = Int.random(in: 1...3, using: &random)
        let temporality: Temporality = Bool.random(using: &random) ? .delta : .cumulative
        let points: MetricPoints
        switch Int.random(in: 0..<5, using: &random) {
        case 0: points = .gauge((0..<count).map { _ in .random(using: &random) })
        case 1:
            points = .sum(
                (0..<count).map { _ in .random(using: &random) }, temporality: temporality, isMonotonic: .random(using: &random))
        case 2: points = .histogram((0..<count).map { _ in .random(using: &random) }, temporality: temporality)
        case 3: points = .exponentialHistogram((0..<count).map { _ in .random(using: &random) }, temporality: temporality)
        default: points = .summary((0..<count).map { _ in .random(using: &random) })
        }
        return MetricData(
            name: "name" + .random(using: &random), unit: .random(using: &random), description: .random(using: &random),
            metadata: .random(using: &random), points: points)
    }
}

extension Attributes {
    fileprivate static func random(using random: inout some RandomNumberGenerator) -> Attributes {
        Attributes((0..<Int.random(in: 0..<4, using: &random)).map { ("key \($0)", AttributeValue.random(depth: 2, using: &random)) })
    }
}

extension UInt64 {
    /// A random number of any length, so that zero and all lengths of varints occur.
    static func anyLength(using random: inout some RandomNumberGenerator) -> UInt64 {
        let bits = Int.random(in: 0...64, using: &random)
        return bits == 0 ? 0 : random.next() >> UInt64(64 - bits)
    }
}

extension Double {
    /// A random double: any bit pattern, a special value, or one of common size.
    static func any(using random: inout some RandomNumberGenerator) -> Double {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: Double(bitPattern: random.next())
        case 1: [0, -0.0, 1, -1, .infinity, -.infinity, .nan, .leastNonzeroMagnitude].randomElement(using: &random) ?? 0
        default: Double.random(in: -1e6...1e6, using: &random)
        }
    }

    fileprivate static func optional(using random: inout some RandomNumberGenerator) -> Double? {
        Bool.random(using: &random) ? any(using: &random) : nil
    }
}

extension Timestamp {
    fileprivate static func random(using random: inout some RandomNumberGenerator) -> Timestamp { Timestamp(.anyLength(using: &random)) }
}

extension MetricNumber {
    fileprivate static func random(using random: inout some RandomNumberGenerator) -> MetricNumber {
        if Bool.random(using: &random) { return .double(.any(using: &random)) }
        return .int(Int64(bitPattern: .anyLength(using: &random)))
    }
}

extension Exemplar {
    fileprivate static func list(using random: inout some RandomNumberGenerator) -> [Exemplar] {
        (0..<Int.random(in: 0..<3, using: &random)).map { _ in
            let hasContext = Bool.random(using: &random)
            return Exemplar(
                value: .random(using: &random), time: .random(using: &random), traceID: hasContext ? MetricSamples.traceID : nil,
                spanID: hasContext ? MetricSamples.spanID : nil, filteredAttributes: .random(using: &random))
        }
    }
}

extension NumberPoint {
    fileprivate static func random(using random: inout some RandomNumberGenerator) -> NumberPoint {
        NumberPoint(
            attributes: .random(using: &random), startTime: .random(using: &random), time: .random(using: &random),
            value: .random(using: &random), exemplars: Exemplar.list(using: &random))
    }
}

extension HistogramPoint {
    fileprivate static func random(using random: inout some RandomNumberGenerator) -> HistogramPoint {
        let boundaries = (0..<Int.random(in: 0..<20, using: &random)).map { _ in Double.any(using: &random) }
        return HistogramPoint(
            attributes: .random(using: &random), startTime: .random(using: &random), time: .random(using: &random),
            sum: .optional(using: &random), min: .optional(using: &random), max: .optional(using: &random), boundaries: boundaries,
            bucketCounts: (0...boundaries.count).map { _ in .anyLength(using: &random) }, exemplars: Exemplar.list(using: &random))
    }
}

extension ExponentialHistogramPoint {
    fileprivate static func random(using random: inout some RandomNumberGenerator) -> ExponentialHistogramPoint {
        func buckets() -> Buckets {
            Buckets(
                offset: Int(Int32(truncatingIfNeeded: random.next()) >> Int32.random(in: 0..<32, using: &random)),
                counts: (0..<Int.random(in: 0..<20, using: &random)).map { _ in .anyLength(using: &random) })
        }
        var distribution = Distribution()
        distribution.count = .anyLength(using: &random)
        distribution.sum = .optional(using: &random)
        distribution.min = .optional(using: &random)
        distribution.max = .optional(using: &random)
        distribution.scale = .random(in: -10...20, using: &random)
        distribution.zeroCount = .anyLength(using: &random)
        distribution.zeroThreshold = .any(using: &random)
        distribution.positive = buckets()
        distribution.negative = buckets()
        return ExponentialHistogramPoint(
            attributes: .random(using: &random), startTime: .random(using: &random), time: .random(using: &random),
            distribution: distribution, exemplars: Exemplar.list(using: &random))
    }
}

extension SummaryPoint {
    fileprivate static func random(using random: inout some RandomNumberGenerator) -> SummaryPoint {
        SummaryPoint(
            attributes: .random(using: &random), startTime: .random(using: &random), time: .random(using: &random),
            count: .anyLength(using: &random), sum: .any(using: &random),
            quantiles: (0..<Int.random(in: 0..<4, using: &random)).map { _ in
                Quantile(.random(in: 0...1, using: &random), value: .any(using: &random))
            })
    }
}
