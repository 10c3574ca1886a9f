// The entry of a receiver: requests in protobuf or JSON, checked and limited.

package import Telemetry

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

    /// Returns the protobuf bytes of a request in JSON, for receivers that keep requests as bytes.
    package static func protobuf(
        ofJSON bytes: [UInt8], _ signal: Signal, limits: OTLPReceiveLimits = OTLPReceiveLimits(), maximumBytes: Int
    ) throws(OTLPRequestError) -> [UInt8] {
        guard bytes.count <= maximumBytes else { throw .tooLarge(limit: maximumBytes) }
        return try OTLPJSONReader.protobuf(bytes, signal.message, maximumBytes: maximumBytes, maximumValueDepth: limits.valueDepth)
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
