// The entry of a receiver: requests in protobuf or JSON, checked and limited.

/// An OTLP export request that was received and can be read without errors.
package struct OTLPReceivedRequest: Sendable {
    package enum Signal: Sendable {
        case traces, metrics, logs

        fileprivate var message: OTLPMessage {
            switch self {
            case .traces: .tracesData
            case .metrics: .metricsData
            case .logs: .logsData
            }
        }
    }

    package enum Encoding: Sendable {
        case protobuf, json
    }

    private let body: [UInt8]

    /// Reads a request of at most `maximumBytes`, in its encoding and in protobuf.
    ///
    /// - Throws: if the bytes are no such request, or if an identifier of an item has a wrong length.
    package init(
        _ bytes: [UInt8], _ signal: Signal, _ encoding: Encoding, limits: OTLPReceiveLimits = OTLPReceiveLimits(), maximumBytes: Int
    ) throws(OTLPRequestError) {
        guard bytes.count <= maximumBytes else { throw .tooLarge(limit: maximumBytes) }
        switch encoding {
        case .protobuf: body = try OTLPRequestCopier.copy(bytes, of: signal.message, limits: limits)
        case .json:
            let protobuf = try OTLPJSONReader.protobuf(
                bytes, signal.message, maximumBytes: maximumBytes, maximumValueDepth: limits.valueDepth)
            body = try OTLPRequestCopier.copy(protobuf, of: signal.message, limits: limits)
        }
    }

    /// Calls the closure with each span.
    package func forEachSpan(_ take: (ReadableSpan) -> Void) { forEachItem { take(ReadableSpan($0)) } }

    /// Calls the closure with each log record.
    package func forEachLogRecord(_ take: (ReadableLogRecord) -> Void) { forEachItem { take(ReadableLogRecord($0)) } }

    /// Calls the closure with each metric.
    package func forEachMetric(_ take: (ReceivedMetric) -> Void) { forEachItem { take(ReceivedMetric($0)) } }

    private func forEachItem(_ take: (EncodedItem) -> Void) {
        // The copy can be read without errors.
        try? OTLPRequestReader.forEachItem(of: body, take)
    }
}

/// The memory that a received item takes, and how much of it was cut.
package struct ReceivedSize: Sendable {
    /// The bytes of the item, and of its elements once they are decoded.
    package let bytes: Int
    /// The same for its scope and resource, which it shares with other items of its request.
    package let sharedBytes: Int
    /// The identity of the scope that ``sharedBytes`` belongs to.
    package let shared: ObjectIdentifier
    /// The number of values that were truncated or omitted because they were too long, too deep or too many.
    package let cutCount: Int

    private static let elementBytes = 32

    fileprivate init(_ item: EncodedItem) {
        bytes = item.withMessage(\.count) + Self.elementBytes * Int(clamping: item.number(OTLPRequestCopier.elementCount))
        let scope = item.recordedScope
        let count = scope.scope.attributes.count + scope.resource.resource.attributes.count
        sharedBytes = 4 * (scope.encodedScope.count + scope.resource.encodedResource.count) + 2 * Self.elementBytes * count
        shared = ObjectIdentifier(scope)
        cutCount = Int(clamping: item.number(OTLPRequestCopier.cutCount))
    }
}

extension ReadableSpan {
    package var receivedSize: ReceivedSize { ReceivedSize(item) }
}

extension ReadableLogRecord {
    package var receivedSize: ReceivedSize { ReceivedSize(item) }
}

/// A received metric; its properties are decoded from its bytes.
package struct ReceivedMetric: Sendable {
    private let item: EncodedItem

    fileprivate init(_ item: EncodedItem) {
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
