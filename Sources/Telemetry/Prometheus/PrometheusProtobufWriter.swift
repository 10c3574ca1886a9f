// Encodes points as protobuf.

/// Writes the `Metric` messages of a family.
struct PrometheusProtobufWriter {
    let hasStartTimes: Bool
    let maker: PrometheusLabelMaker

    init(_ format: PrometheusFormat, options: PrometheusOptions) {
        hasStartTimes = options.includesStartTimes
        maker = PrometheusLabelMaker(strategy: options.translationStrategy, escaping: format.escaping)
    }

    /// Appends the metrics of all points of a member to the fields of its family.
    func write(_ points: MetricPoints, of member: PrometheusMember, to family: inout WireWriter) {
        switch points {
        case .gauge(let points), .sum(let points, _, _):
            write(points, member, to: &family) { point, metric in
                switch member.type {
                case .counter:
                    guard point.value.doubleValue >= 0 else { return false }
                    metric.field(PrometheusProtobuf.Field.counter, message: counter(point))
                case .unknown: metric.field(PrometheusProtobuf.Field.untyped, message: PrometheusProtobuf.value(point.value.doubleValue))
                default: metric.field(PrometheusProtobuf.Field.gauge, message: PrometheusProtobuf.value(point.value.doubleValue))
                }
                return true
            }
        case .histogram(let points, _):
            write(points, member, to: &family) { point, metric in
                metric.field(PrometheusProtobuf.Field.histogram, message: histogram(point))
                return true
            }
        case .exponentialHistogram(let points, _):
            write(points, member, to: &family) { point, metric in
                guard let native = NativeHistogram(point.distribution) else { return false }
                metric.field(PrometheusProtobuf.Field.histogram, message: message(native, point))
                return true
            }
        case .summary(let points):
            write(points, member, to: &family) { point, metric in
                metric.field(PrometheusProtobuf.Field.summary, message: summary(point))
                return true
            }
        }
    }

    /// - Parameter write: appends the fields of the metric other than labels; returns false if the point cannot be represented.
    private func write<Point: PrometheusPoint>(
        _ points: [Point], _ member: PrometheusMember, to family: inout WireWriter, _ write: (Point, inout WireWriter) -> Bool
    ) {
        var droppedCount = 0
        for (place, point) in points.enumerated() {
            guard let labels = member.encodedLabels(place) else { continue }
            var metric = WireWriter()
            metric.append(labels)
            if write(point, &metric) { family.field(PrometheusProtobuf.Field.metric, message: metric.bytes) } else { droppedCount += 1 }
        }
        guard droppedCount > 0 else { return }
        Diagnostics.report(
            .warning, topic: "prometheus.value.\(member.descriptor.name)", every: .seconds(3600),
            "The metric \"\(member.descriptor.name)\" has points that Prometheus' types cannot express; they are left out."
                + " Counters have to rise, and exponential histograms need a sum and a scale of at least -4.")
    }

    private func counter(_ point: NumberPoint) -> [UInt8] {
        var writer = WireWriter()
        writer.field(1, double: point.value.doubleValue)
        if let latest = PrometheusExemplar.latest(point.exemplars) {
            writer.field(2, message: PrometheusProtobuf.exemplar(latest, maker))
        }
        write(startTime: point.startTime, field: 3, to: &writer)
        return writer.bytes
    }

    private func histogram(_ point: HistogramPoint) -> [UInt8] {
        let exemplars = PrometheusExemplar.byBucket(point.exemplars, boundaries: point.boundaries)
        var buckets = WireWriter()
        var total: UInt64 = 0
        for (place, count) in point.bucketCounts.enumerated() {
            total &+= count
            var bucket = WireWriter()
            bucket.field(1, varint: total)
            bucket.field(2, double: place < point.boundaries.count ? point.boundaries[place] : .infinity)
            if let exemplar = exemplars[place] { bucket.field(3, message: PrometheusProtobuf.exemplar(exemplar, maker)) }
            buckets.field(3, message: bucket.bytes)
        }
        var writer = WireWriter()
        writer.field(1, varint: total)
        if let sum = point.sum { writer.field(2, double: sum) }
        writer.append(buckets.bytes)
        write(startTime: point.startTime, field: 15, to: &writer)
        return writer.bytes
    }

    private func summary(_ point: SummaryPoint) -> [UInt8] {
        var writer = WireWriter()
        writer.field(1, varint: point.count)
        writer.field(2, double: point.sum)
        for quantile in point.quantiles.sorted(by: { $0.share < $1.share }) {
            var message = WireWriter()
            message.field(1, double: quantile.share)
            message.field(2, double: quantile.value)
            writer.field(3, message: message.bytes)
        }
        write(startTime: point.startTime, field: 4, to: &writer)
        return writer.bytes
    }

    private func message(_ native: NativeHistogram, _ point: ExponentialHistogramPoint) -> [UInt8] {
        var writer = WireWriter()
        writer.field(1, varint: native.count)
        writer.field(2, double: native.sum)
        writer.tag(5, .varint)
        writer.varint(NativeHistogram.zigzag(native.schema))
        writer.field(6, double: native.zeroThreshold)
        writer.field(7, varint: native.zeroCount)
        for (buckets, spanField, deltaField) in [(native.negative, 9, 10), (native.positive, 12, 13)] {
            for span in buckets.spans {
                var message = WireWriter()
                message.tag(1, .varint)
                message.varint(NativeHistogram.zigzag(span.offset))
                message.field(2, varint: UInt64(span.length))
                writer.field(spanField, message: message.bytes)
            }
            for delta in buckets.deltas {
                writer.tag(deltaField, .varint)
                writer.varint(NativeHistogram.zigzag(delta))
            }
        }
        write(startTime: point.startTime, field: 15, to: &writer)
        for exemplar in point.exemplars.sorted(by: { $0.time < $1.time }) {
            writer.field(16, message: PrometheusProtobuf.exemplar(exemplar, maker))
        }
        return writer.bytes
    }

    private func write(startTime: Timestamp, field: Int, to writer: inout WireWriter) {
        guard hasStartTimes, startTime.nanosecondsSinceEpoch > 0 else { return }
        writer.field(field, message: PrometheusProtobuf.timestamp(startTime))
    }
}
