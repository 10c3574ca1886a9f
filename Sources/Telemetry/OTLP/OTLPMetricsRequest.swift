// Hot: the encoder of collected metrics, which writes each metric once.

/// Encodes collected metrics as the items of an OTLP request.
///
/// Sizes are added up first; then everything is written once, into memory of exactly that size. What stays the same from one
/// collection to the next (a metric's description, the attributes of a series) is encoded the first time and copied afterwards.
enum OTLPMetricsRequest {
    /// Returns the metrics of each scope in one chunk; data points are counted as the items.
    ///
    /// Metrics without points and scopes without metrics are omitted. (OTLP specification, "OTLP Protocol Details": senders do
    /// not send envelopes without data.)
    static func items(_ batch: borrowing MetricBatch) -> ItemBatch {
        var items = ItemBatch()
        let resource = batch.recordedResource
        // A scope that only other producers have is one scope of the request, however many producers use it.
        var known = batch.scopes.compactMap(\.recordedScope).filter { $0.resource === resource }
        for part in batch.scopes {
            let metrics = part.metrics.filter { $0.points.count > 0 }.map(SizedMetric.init)
            guard !metrics.isEmpty else { continue }
            let scope: RecordedScope
            if let own = part.recordedScope, own.resource === resource {
                scope = own
            } else if let made = known.first(where: { $0.scope == part.instrumentationScope }) {
                scope = made
            } else {
                scope = RecordedScope(part.instrumentationScope, resource: resource)
                known.append(scope)
            }
            items.add(ChunkSlice(chunk(metrics, of: scope)))
        }
        return items
    }

    private static func chunk(_ metrics: [SizedMetric], of scope: RecordedScope) -> Chunk {
        // The chunk retains the scope.
        var chunk = Chunk(
            scope: ScopeReference(keptAlive: scope), buffer: ChunkBuffer(capacity: metrics.reduce(0) { $0 + $1.fieldSize }))
        for metric in metrics {
            var cursor = chunk.addItem(ofSize: metric.fieldSize, countingAs: metric.points.count)
            let start = cursor.pointer
            metric.write(to: &cursor)
            assert(cursor.pointer == start + metric.fieldSize, "A metric takes the bytes that were added up.")
        }
        return chunk
    }
}

/// A metric with the sizes of its messages.
private struct SizedMetric {
    let descriptor: MetricDescriptor
    let points: MetricPoints
    /// The sizes of the points' messages.
    private let pointSizes: [Int]
    /// The size of the `Gauge`, `Sum`, … message.
    private let dataSize: Int
    /// The size of the `Metric` message.
    private let size: Int

    init(_ metric: MetricData) {
        descriptor = metric.descriptor
        points = metric.points
        let trailer: Int
        switch metric.points {
        case .gauge(let points): (pointSizes, trailer) = (points.map(\.encodedSize), 0)
        case .sum(let points, _, let isMonotonic): (pointSizes, trailer) = (points.map(\.encodedSize), isMonotonic ? 4 : 2)
        case .histogram(let points, _): (pointSizes, trailer) = (points.map(\.encodedSize), 2)
        case .exponentialHistogram(let points, _): (pointSizes, trailer) = (points.map(\.encodedSize), 2)
        case .summary(let points): (pointSizes, trailer) = (points.map(\.encodedSize), 0)
        }
        dataSize = pointSizes.reduce(trailer) { $0 + 1 + WireSize.lengthDelimited($1) }
        size = metric.descriptor.encodedFields.count + 1 + WireSize.lengthDelimited(dataSize)
    }

    /// The size of the field of `ScopeMetrics`: the message with its tag and length.
    var fieldSize: Int { 1 + WireSize.lengthDelimited(size) }

    func write(to cursor: inout WireCursor) {
        cursor.lengthDelimited(OTLPSchema.ScopeMetrics.metrics.tag, size)
        descriptor.encodedFields.withUnsafeBytes { cursor.copy($0) }
        switch points {
        case .gauge(let points):
            cursor.lengthDelimited(OTLPSchema.Metric.gauge.tag, dataSize)
            write(points, to: &cursor)
        case .sum(let points, let temporality, let isMonotonic):
            cursor.lengthDelimited(OTLPSchema.Metric.sum.tag, dataSize)
            write(points, to: &cursor)
            cursor.twoBytes(OTLPSchema.AnyData.aggregationTemporality.tag, UInt8(temporality.rawValue))
            if isMonotonic { cursor.twoBytes(OTLPSchema.Sum.isMonotonic.tag, 1) }
        case .histogram(let points, let temporality):
            cursor.lengthDelimited(OTLPSchema.Metric.histogram.tag, dataSize)
            write(points, to: &cursor)
            cursor.twoBytes(OTLPSchema.AnyData.aggregationTemporality.tag, UInt8(temporality.rawValue))
        case .exponentialHistogram(let points, let temporality):
            cursor.lengthDelimited(OTLPSchema.Metric.exponentialHistogram.tag, dataSize)
            write(points, to: &cursor)
            cursor.twoBytes(OTLPSchema.AnyData.aggregationTemporality.tag, UInt8(temporality.rawValue))
        case .summary(let points):
            cursor.lengthDelimited(OTLPSchema.Metric.summary.tag, dataSize)
            write(points, to: &cursor)
        }
    }

    private func write(_ points: [some OTLPDataPoint], to cursor: inout WireCursor) {
        for (point, size) in zip(points, pointSizes) {
            cursor.lengthDelimited(OTLPSchema.AnyData.dataPoints.tag, size)
            let start = cursor.pointer
            point.encode(to: &cursor)
            assert(cursor.pointer == start + size, "A point takes the bytes that were added up.")
        }
    }
}
