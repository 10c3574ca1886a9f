// A metric as a receiver stores it.

package import Telemetry

/// A received metric; its properties are decoded from its bytes.
package struct ReceivedMetric: Sendable {
    package let item: EncodedItem

    init(_ item: EncodedItem) {
        self.item = item
    }

    package var name: String { item.text(OTLPSchema.Metric.name) }
    package var unit: String { item.text(OTLPSchema.Metric.unit) }
    package var scope: InstrumentationScope { item.recordedScope.scope }
    package var resource: Resource { item.recordedScope.resource.resource }
    package var receivedSize: ReceivedSize { ReceivedSize(item) }

    /// A key that metrics of the same name, scope and resource share.
    package var identity: [UInt8] {
        item.recordedScope.resource.encodedResource + item.recordedScope.encodedScope + Array(name.utf8)
    }

    /// The kind of the points, as OTLP/JSON names it; empty if the metric has none.
    package var kind: String { OTLPSchema.Metric.data.last { item.last($0) { _ in true } ?? false }?.name ?? "" }

    package var pointCount: Int {
        var count = 0
        for field in OTLPSchema.Metric.data {
            item.forEachField(field) { data in
                var reader = WireReader(data.bytes)
                while let field = try? reader.next() { count += field.number == OTLPSchema.AnyData.dataPoints.number ? 1 : 0 }
            }
        }
        return count
    }

    /// Returns metrics as OTLP/JSON, each with its resource and scope.
    package static func json(_ metrics: [ReceivedMetric]) -> [UInt8] {
        var writer = NestedWireWriter()
        for metric in metrics {
            let origin = metric.item.recordedScope
            let resource = writer.begin(OTLPSchema.MetricsData.resourceMetrics.number)
            writer.append(origin.resource.encodedResource)
            let scope = writer.begin(OTLPSchema.ResourceMetrics.scopeMetrics.number)
            writer.append(origin.encodedScope)
            let message = writer.begin(OTLPSchema.ScopeMetrics.metrics.number)
            metric.item.withMessage { writer.append($0) }
            writer.end(message)
            writer.append(origin.encodedSchemaURL)
            writer.end(scope)
            writer.append(origin.resource.encodedSchemaURL)
            writer.end(resource)
        }
        var json = OTLPJSON()
        // The copy can be read without errors, and the text has no limit.
        try? json.write(.metricsData, writer.bytes)
        return json.text
    }
}
