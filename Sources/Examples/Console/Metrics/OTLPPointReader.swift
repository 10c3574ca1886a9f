// Decodes the points of OTLP metrics.

import ExampleSupport
import Telemetry

/// Reads the data of one received metric.
struct OTLPPointReader {
    let origin: MetricOrigin
    let limits: MetricStoreLimits
    private var part: MetricBatchPart
    private var sampleName = ""
    /// 1 is delta, 2 cumulative.
    private var temporality: UInt64 = 0

    /// Returns the points of a metric; nil if it has no data.
    static func read(_ metric: ReceivedMetric, _ origin: MetricOrigin, _ limits: MetricStoreLimits) -> MetricBatchPart? {
        var data: (kind: MetricFamily.Kind, message: WireField)?
        let kinds: [(OTLPField, MetricFamily.Kind)] = [
            (OTLPSchema.Metric.gauge, .gauge), (OTLPSchema.Metric.sum, .sum), (OTLPSchema.Metric.histogram, .histogram),
            (OTLPSchema.Metric.exponentialHistogram, .exponentialHistogram), (OTLPSchema.Metric.summary, .summary),
        ]
        let texts = (
            name: metric.name, unit: metric.unit, description: metric.item.text(OTLPSchema.Metric.description)
        )
        return metric.item.withMessage { message in
            var reader = WireReader(message)
            while let field = try? reader.next() {
                if let kind = kinds.first(where: { $0.0.number == field.number })?.1 { data = (kind, field) }
            }
            guard let data else { return nil }
            return Self(texts, data.kind, data.message.bytes, origin, limits).part
        }
    }

    private init(
        _ texts: (name: String, unit: String, description: String), _ kind: MetricFamily.Kind, _ data: UnsafeRawBufferPointer,
        _ origin: MetricOrigin, _ limits: MetricStoreLimits
    ) {
        self.origin = origin
        self.limits = limits
        var isMonotonic = kind == .histogram || kind == .exponentialHistogram || kind == .summary
        var reader = WireReader(data)
        while let field = try? reader.next() {
            switch (kind, field.number) {
            case (.sum, OTLPSchema.Sum.isMonotonic.number): isMonotonic = field.bits != 0
            case (.sum, OTLPSchema.Sum.aggregationTemporality.number),
                (.histogram, OTLPSchema.Histogram.aggregationTemporality.number),
                (.exponentialHistogram, OTLPSchema.ExponentialHistogram.aggregationTemporality.number):
                temporality = field.bits
            default: break
            }
        }
        let type: PrometheusFamilyType =
            switch kind {
            case .sum: isMonotonic ? .counter : .gauge
            case .gauge, .unknown: .gauge
            case .histogram, .exponentialHistogram: .histogram
            case .summary: .summary
            }
        let name = MetricOrigin.cut(texts.name, limits)
        let translated = PrometheusName(
            name, unit: MetricOrigin.cut(texts.unit, limits), type: type, strategy: .underscoreEscapingWithSuffixes, format: .text)
        sampleName = translated?.sample ?? ""
        part = MetricBatchPart(
            family: MetricFamily(name: name, prometheusName: sampleName, kind: kind, isMonotonic: isMonotonic))
        part.family.unit = MetricOrigin.cut(texts.unit, limits)
        part.family.description = MetricOrigin.cut(texts.description, limits)
        let hasTemporality = kind == .sum || kind == .histogram || kind == .exponentialHistogram
        if hasTemporality { part.family.temporality = temporality == 1 ? "delta" : temporality == 2 ? "cumulative" : "" }
        reader = WireReader(data)
        while let field = try? reader.next() {
            guard field.number == OTLPSchema.AnyData.dataPoints.number else { continue }
            guard !sampleName.isEmpty else {
                part.rejected[.noName, default: 0] += 1
                continue
            }
            guard !hasTemporality || temporality == 1 || temporality == 2 else {
                part.rejected[.noTemporality, default: 0] += 1
                continue
            }
            switch kind {
            case .gauge, .sum, .unknown: readNumber(field.bytes)
            case .histogram: readHistogram(field.bytes)
            case .exponentialHistogram: readExponential(field.bytes)
            case .summary: readSummary(field.bytes)
            }
        }
    }

    /// What points of all kinds have.
    private struct Common {
        var attributes: [Attributes.Element] = []
        var (start, time): (UInt64, UInt64) = (0, 0)
        var flags: UInt64 = 0
        var exemplars: [MetricPoint.Exemplar] = []

        mutating func addAttribute(_ bytes: UnsafeRawBufferPointer) {
            if let attribute = try? WireReader.attribute(bytes) { attributes.append(attribute) }
        }
    }

    private mutating func add(_ common: Common, _ value: MetricPoint.Value) {
        var kind = SampleKind()
        kind.isMonotonic = part.family.isMonotonic
        kind.isDelta = temporality == 1
        kind.start = Int64(common.start / 1_000_000)
        var point = MetricPoint(
            labels: origin.labels(sampleName, common.attributes, limits), time: Int64(common.time / 1_000_000), kind: kind, value: value)
        // The lowest bit of the flags says that there is no value. (OTLP, `DataPointFlags`.)
        point.isStale = common.flags & 1 != 0
        point.exemplars = common.exemplars
        part.points.append(point)
    }

    private mutating func readNumber(_ message: UnsafeRawBufferPointer) {
        typealias Field = OTLPSchema.NumberDataPoint
        var common = Common()
        var number: MetricNumber64?
        var reader = WireReader(message)
        while let field = try? reader.next() {
            switch field.number {
            case Field.startTime.number: common.start = field.bits
            case Field.time.number: common.time = field.bits
            case Field.asDouble.number: number = .double(Double(bitPattern: field.bits))
            case Field.asInt.number: number = .integer(Int64(bitPattern: field.bits))
            case Field.exemplars.number: common.exemplars.append(Self.exemplar(field.bytes))
            case Field.attributes.number: common.addAttribute(field.bytes)
            case Field.flags.number: common.flags = field.bits
            default: break
            }
        }
        guard let number = number ?? (common.flags & 1 != 0 ? .stale : nil) else { return part.rejected[.noValue, default: 0] += 1 }
        add(common, .number(number))
    }

    private mutating func readHistogram(_ message: UnsafeRawBufferPointer) {
        typealias Field = OTLPSchema.HistogramDataPoint
        var common = Common()
        var histogram = MetricPoint.Classic()
        var reader = WireReader(message)
        while let field = try? reader.next() {
            switch field.number {
            case Field.startTime.number: common.start = field.bits
            case Field.time.number: common.time = field.bits
            case Field.count.number: histogram.count = field.bits
            case Field.sum.number: histogram.sum = Double(bitPattern: field.bits)
            case Field.bucketCounts.number: field.forEachNumber(.fixed64) { histogram.counts.append($0) }
            case Field.explicitBounds.number: field.forEachNumber(.fixed64) { histogram.bounds.append(Double(bitPattern: $0)) }
            case Field.exemplars.number: common.exemplars.append(Self.exemplar(field.bytes))
            case Field.attributes.number: common.addAttribute(field.bytes)
            case Field.flags.number: common.flags = field.bits
            default: break
            }
        }
        guard histogram.counts.count <= limits.buckets else { return part.rejected[.tooManyBuckets, default: 0] += 1 }
        let isAscending = zip(histogram.bounds, histogram.bounds.dropFirst()).allSatisfy { $0 < $1 }
        guard isAscending, !histogram.bounds.contains(where: { !$0.isFinite }) else {
            return part.rejected[.invalidBuckets, default: 0] += 1
        }
        add(common, .classic(histogram))
    }

    private mutating func readExponential(_ message: UnsafeRawBufferPointer) {
        typealias Field = OTLPSchema.ExponentialHistogramDataPoint
        var common = Common()
        var histogram = FloatHistogram(scale: 0)
        var isInRange = true
        var reader = WireReader(message)
        while let field = try? reader.next() {
            switch field.number {
            case Field.startTime.number: common.start = field.bits
            case Field.time.number: common.time = field.bits
            case Field.count.number: histogram.count = Double(field.bits)
            case Field.sum.number: histogram.sum = Double(bitPattern: field.bits)
            case Field.scale.number: histogram.scale = field.zigzag
            case Field.zeroCount.number: histogram.zeroCount = Double(field.bits)
            case Field.zeroThreshold.number: histogram.zeroThreshold = Double(bitPattern: field.bits)
            case Field.positive.number: isInRange = Self.read(field.bytes, into: &histogram.positive, limits) && isInRange
            case Field.negative.number: isInRange = Self.read(field.bytes, into: &histogram.negative, limits) && isInRange
            case Field.exemplars.number: common.exemplars.append(Self.exemplar(field.bytes))
            case Field.attributes.number: common.addAttribute(field.bytes)
            case Field.flags.number: common.flags = field.bits
            default: break
            }
        }
        guard isInRange else { return part.rejected[.tooManyBuckets, default: 0] += 1 }
        // OTLP's scales are −10 to 20; beyond, and where buckets lie outside of what a double can be, the point is damaged.
        guard (FloatHistogram.scales.lowerBound...20).contains(histogram.scale), histogram.isPlausible else {
            return part.rejected[.invalidBuckets, default: 0] += 1
        }
        add(common, .exponential(histogram.coarsened(to: FloatHistogram.scales.upperBound)))
    }

    private static func read(
        _ message: UnsafeRawBufferPointer, into buckets: inout FloatHistogram.Buckets, _ limits: MetricStoreLimits
    ) -> Bool {
        typealias Field = OTLPSchema.ExponentialHistogramDataPoint.Buckets
        var reader = WireReader(message)
        while let field = try? reader.next() {
            switch field.number {
            case Field.offset.number: buckets.offset = field.zigzag
            case Field.bucketCounts.number: field.forEachNumber(.varint) { buckets.counts.append(Double($0)) }
            default: break
            }
        }
        return buckets.counts.count <= limits.buckets
    }

    private mutating func readSummary(_ message: UnsafeRawBufferPointer) {
        typealias Field = OTLPSchema.SummaryDataPoint
        var common = Common()
        var summary = MetricPoint.Summary()
        var reader = WireReader(message)
        while let field = try? reader.next() {
            switch field.number {
            case Field.startTime.number: common.start = field.bits
            case Field.time.number: common.time = field.bits
            case Field.count.number: summary.count = field.bits
            case Field.sum.number: summary.sum = Double(bitPattern: field.bits)
            case Field.quantileValues.number:
                var (quantile, value) = (0.0, 0.0)
                var inner = WireReader(field.bytes)
                while let field = try? inner.next() {
                    if field.number == Field.ValueAtQuantile.quantile.number { quantile = Double(bitPattern: field.bits) }
                    if field.number == Field.ValueAtQuantile.value.number { value = Double(bitPattern: field.bits) }
                }
                summary.quantiles.append((quantile, value))
            case Field.attributes.number: common.addAttribute(field.bytes)
            case Field.flags.number: common.flags = field.bits
            default: break
            }
        }
        guard summary.quantiles.count <= limits.buckets else { return part.rejected[.tooManyBuckets, default: 0] += 1 }
        add(common, .summary(summary))
    }

    private static func exemplar(_ message: UnsafeRawBufferPointer) -> MetricPoint.Exemplar {
        typealias Field = OTLPSchema.Exemplar
        var exemplar = MetricPoint.Exemplar()
        var reader = WireReader(message)
        while let field = try? reader.next() {
            switch field.number {
            case Field.time.number: exemplar.time = Timestamp(nanosecondsSinceEpoch: field.bits)
            case Field.asDouble.number: exemplar.value = Double(bitPattern: field.bits)
            case Field.asInt.number: exemplar.value = Double(Int64(bitPattern: field.bits))
            case Field.traceID.number: exemplar.traceID = TraceID(bytes: field.bytes).map { "\($0)" } ?? ""
            case Field.spanID.number: exemplar.spanID = SpanID(bytes: field.bytes).map { "\($0)" } ?? ""
            case Field.filteredAttributes.number:
                if exemplar.attributes.count < 16, let attribute = try? WireReader.attribute(field.bytes) {
                    exemplar.attributes.append(attribute)
                }
            default: break
            }
        }
        return exemplar
    }
}

extension FloatHistogram {
    /// True if all buckets lie where doubles are.
    var isPlausible: Bool {
        let reach = scale >= 0 ? 1_100 << scale : 1_100 >> -scale + 1
        return [positive, negative].allSatisfy { $0.counts.isEmpty || (-reach...reach).contains($0.offset) }
    }
}
