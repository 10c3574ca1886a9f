// Hot: makes the items of an OTLP request out of collected metrics.

/// Writes collected metrics as the bytes that an OTLP request carries.
///
/// Sizes are added up first, then everything is written once, into memory of just that size. What stays the same from one
/// collection to the next (a metric's description, the attributes of a series) was encoded the first time and is copied.
enum OTLPMetricsRequest {
    /// The metrics by scope, each scope's in one run of bytes; the items that are counted are data points.
    ///
    /// Metrics without points and scopes without metrics are left out. (OTLP specification, "OTLP Protocol Details": senders do
    /// not send envelopes without data.)
    static func items(_ batch: borrowing MetricBatch) -> ItemBatch {
        var items = ItemBatch()
        let resource = batch.recordedResource
        // Scopes that only producers outside have; each is one scope of the request, however many of them name it.
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
            metric.write(to: &cursor)
        }
        return chunk
    }
}

/// A metric, and the sizes of the messages that it becomes.
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
        cursor.lengthDelimited(0x12, size)
        descriptor.encodedFields.withUnsafeBytes { cursor.copy($0) }
        switch points {
        case .gauge(let points):
            cursor.lengthDelimited(0x2A, dataSize)
            write(points, to: &cursor)
        case .sum(let points, let temporality, let isMonotonic):
            cursor.lengthDelimited(0x3A, dataSize)
            write(points, to: &cursor)
            cursor.twoBytes(0x10, UInt8(temporality.rawValue))
            if isMonotonic { cursor.twoBytes(0x18, 1) }
        case .histogram(let points, let temporality):
            cursor.lengthDelimited(0x4A, dataSize)
            write(points, to: &cursor)
            cursor.twoBytes(0x10, UInt8(temporality.rawValue))
        case .exponentialHistogram(let points, let temporality):
            cursor.lengthDelimited(0x52, dataSize)
            write(points, to: &cursor)
            cursor.twoBytes(0x10, UInt8(temporality.rawValue))
        case .summary(let points):
            cursor.lengthDelimited(0x5A, dataSize)
            write(points, to: &cursor)
        }
    }

    private func write(_ points: [some OTLPDataPoint], to cursor: inout WireCursor) {
        for (point, size) in zip(points, pointSizes) {
            cursor.lengthDelimited(0x0A, size)
            point.encode(to: &cursor)
        }
    }
}
