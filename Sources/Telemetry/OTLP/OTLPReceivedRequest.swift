// An OTLP request as a receiver takes it: in protobuf or JSON, checked, with bounds on what each item holds.

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

    /// Reads a request; it has at most so many bytes, also where JSON is shorter than what it says.
    ///
    /// - Throws: when the bytes are no such request, or when an identifier of any of its items has a wrong length.
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
        // What has been copied can be read.
        try? OTLPRequestReader.forEachItem(of: body, take)
    }
}

/// How much memory something takes that was received, and what is missing of it.
package struct ReceivedSize: Sendable {
    /// The bytes of the item, and what its elements take when they are looked at.
    package let bytes: Int
    /// The same of its scope and resource, which it shares with other items of its request.
    package let sharedBytes: Int
    /// Tells apart what ``sharedBytes`` belongs to.
    package let shared: ObjectIdentifier
    /// Values that were cut or left out because they were too long, too deep or too many.
    package let cutCount: Int

    private static let elementBytes = 32

    fileprivate init(_ item: EncodedItem) {
        bytes = item.withMessage(\.count) + Self.elementBytes * Int(clamping: item.number(OTLPRequestCopier.elementCountField))
        let scope = item.recordedScope
        let count = scope.scope.attributes.count + scope.resource.resource.attributes.count
        sharedBytes = 4 * (scope.encodedScope.count + scope.resource.encodedResource.count) + 2 * Self.elementBytes * count
        shared = ObjectIdentifier(scope)
        cutCount = Int(clamping: item.number(OTLPRequestCopier.cutCountField))
    }
}

extension ReadableSpan {
    package var receivedSize: ReceivedSize { ReceivedSize(item) }
}

extension ReadableLogRecord {
    package var receivedSize: ReceivedSize { ReceivedSize(item) }
}

/// A metric that was received, as the bytes that came.
package struct ReceivedMetric: Sendable {
    private let item: EncodedItem

    fileprivate init(_ item: EncodedItem) {
        self.item = item
    }

    package var name: String { item.text(1) }
    package var unit: String { item.text(3) }
    package var scope: InstrumentationScope { item.recordedScope.scope }
    package var resource: Resource { item.recordedScope.resource.resource }
    package var receivedSize: ReceivedSize { ReceivedSize(item) }

    /// Metrics of the same name, scope and resource have the same.
    package var identity: [UInt8] {
        item.recordedScope.resource.encodedResource + item.recordedScope.encodedScope + Array(name.utf8)
    }

    private static let kinds = [5: "gauge", 7: "sum", 9: "histogram", 10: "exponentialHistogram", 11: "summary"]

    /// What kind of points it has, in the words of OTLP/JSON; empty where it has none.
    package var kind: String { Self.kinds.lazy.sorted { $0.key < $1.key }.last { item.last($0.key) { _ in true } ?? false }?.value ?? "" }

    package var pointCount: Int {
        var count = 0
        for number in Self.kinds.keys {
            item.forEachField(number) { data in
                var reader = WireReader(data.bytes)
                while let field = try? reader.next() { count += field.number == 1 ? 1 : 0 }
            }
        }
        return count
    }

    /// These metrics as OTLP/JSON, each with its resource and scope.
    package static func json(_ metrics: [ReceivedMetric]) -> [UInt8] {
        var writer = NestedWireWriter()
        for metric in metrics {
            let origin = metric.item.recordedScope
            let resource = writer.begin(1)
            writer.append(origin.resource.encodedResource)
            let scope = writer.begin(2)
            writer.append(origin.encodedScope)
            let message = writer.begin(2)
            metric.item.withMessage { writer.append($0) }
            writer.end(message)
            writer.append(origin.encodedSchemaURL)
            writer.end(scope)
            writer.append(origin.resource.encodedSchemaURL)
            writer.end(resource)
        }
        var json = OTLPJSON()
        // What has been copied can be read, and there is no limit.
        try? json.write(.metricsData, writer.bytes)
        return json.text
    }
}
