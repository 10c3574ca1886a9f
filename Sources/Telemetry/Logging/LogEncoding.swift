// Hot: writes a log record as its OTLP message.

/// The limits of a provider, laid out for the hot path.
struct LogEncodingLimits: Sendable {
    let attributeCount: Int32
    let values: AttributeValueLimits

    init(_ limits: LogRecordLimits) {
        attributeCount = Int32(clamping: max(0, limits.attributeCount))
        values = AttributeValueLimits(nearestTo: limits.attributeValueLength, depth: limits.attributeValueDepth)
    }
}

/// Writes OTLP `LogRecord` messages.
enum LogEncoding {
    private typealias Field = OTLPSchema.LogRecord

    /// Encodes a record: calls the closure with the size of the message and a function that writes exactly that many bytes.
    ///
    /// - Returns: how many attributes were left out because there were too many.
    @inline(__always)
    static func encode(
        _ content: borrowing LogContent, _ attributes: some AttributeSource, _ limits: LogEncodingLimits,
        _ deliver: (_ size: Int, _ write: (inout WireCursor) -> Void) -> Void
    ) -> Int32 {
        // Not cleared beforehand, since only what was written is read.
        return withUnsafeTemporaryAllocation(of: InlineItemStorage.self, capacity: 1) { storage in
            var bytes = ItemBytes()
            if let base = storage.baseAddress { bytes.use(base) }
            var recorder = AttributeRecorder(tag: Field.attributes.tag)
            attributes.forEachEntry { key, value in
                _ = recorder.set(key, value, in: &bytes, countLimit: limits.attributeCount, limits.values)
            }
            // A nested body takes long to write and allocates, so it is not written under the lock of a queue.
            let isBodyWritten = writeNesting(content.body, to: &bytes)
            let sizes = Sizes(content, hasBody: content.body != nil && !isBodyWritten, droppedCount: recorder.droppedCount)
            deliver(sizes.total &+ bytes.count) { cursor in
                write(content, sizes, droppedCount: recorder.droppedCount, to: &cursor)
                cursor.copy(bytes.bytes)
            }
            return recorder.droppedCount
        }
    }

    /// Appends a body that is an array or a map; false for any other, of which nothing is written.
    @inline(__always)
    private static func writeNesting(_ body: AttributeValue?, to bytes: inout ItemBytes) -> Bool {
        switch body {
        case .array, .map:
            appendBody(body, to: &bytes)
            return true
        default: return false
        }
    }

    @inline(never)
    private static func appendBody(_ body: AttributeValue?, to bytes: inout ItemBytes) {
        guard let body else { return }
        let size = AttributeWire.size(of: body, limits: .body)
        bytes.append(1 + WireSize.lengthDelimited(size)) { cursor in
            cursor.tag(Field.body)
            cursor.varint(UInt64(size))
            AttributeWire.write(body, limits: .body, to: &cursor)
        }
    }

    /// The sizes of the fields that must be known before they are written.
    private struct Sizes {
        let severityText: Int
        let hasBody: Bool
        let body: Int
        let eventName: Int
        let total: Int

        @inline(__always)
        init(_ content: borrowing LogContent, hasBody: Bool, droppedCount: Int32) {
            severityText = content.severityText.utf8.count
            self.hasBody = hasBody
            body = hasBody ? content.body.map { AttributeWire.size(of: $0, limits: .body) } ?? 0 : 0
            eventName = content.eventName.utf8.count
            var total = 9
            if content.timestamp != 0 { total &+= 9 }
            if content.severity != .unspecified { total &+= 2 }
            if severityText > 0 { total &+= 1 &+ WireSize.lengthDelimited(severityText) }
            if hasBody { total &+= 1 &+ WireSize.lengthDelimited(body) }
            if eventName > 0 { total &+= 1 &+ WireSize.lengthDelimited(eventName) }
            if droppedCount > 0 { total &+= 1 &+ WireSize.varint(UInt64(droppedCount)) }
            if content.trace.traceID.isValid {
                total &+= 18
                if content.trace.spanID.isValid { total &+= 10 }
                if content.trace.flags.rawValue != 0 { total &+= 5 }
            }
            self.total = total
        }
    }

    @inline(__always)
    private static func write(_ content: borrowing LogContent, _ sizes: Sizes, droppedCount: Int32, to cursor: inout WireCursor) {
        if content.timestamp != 0 {
            cursor.tag(Field.time)
            cursor.fixed64(content.timestamp)
        }
        if content.severity != .unspecified { cursor.twoBytes(Field.severityNumber.tag, content.severity.rawValue) }
        if sizes.severityText > 0 {
            cursor.tag(Field.severityText)
            cursor.varint(UInt64(truncatingIfNeeded: sizes.severityText))
            cursor.text(content.severityText, count: sizes.severityText)
        }
        if sizes.hasBody, let body = content.body {
            cursor.tag(Field.body)
            cursor.varint(UInt64(truncatingIfNeeded: sizes.body))
            AttributeWire.write(body, limits: .body, to: &cursor)
        }
        if droppedCount > 0 {
            cursor.tag(Field.droppedAttributesCount)
            cursor.varint(UInt64(droppedCount))
        }
        if content.trace.traceID.isValid {
            if content.trace.flags.rawValue != 0 {
                cursor.tag(Field.flags)
                cursor.fixed32(UInt32(content.trace.flags.rawValue))
            }
            cursor.twoBytes(Field.traceID.tag, 16)
            cursor.bigEndian(content.trace.traceID.high)
            cursor.bigEndian(content.trace.traceID.low)
            if content.trace.spanID.isValid {
                cursor.twoBytes(Field.spanID.tag, 8)
                cursor.bigEndian(content.trace.spanID.number)
            }
        }
        cursor.tag(Field.observedTime)
        cursor.fixed64(content.observedTimestamp)
        if sizes.eventName > 0 {
            cursor.tag(Field.eventName)
            cursor.varint(UInt64(truncatingIfNeeded: sizes.eventName))
            cursor.text(content.eventName, count: sizes.eventName)
        }
    }
}

extension ExportPipeline {
    /// Appends a record to the queue.
    @inline(__always)
    func append(_ scope: ScopeReference, lane: Int, recordOfSize size: Int, _ write: (inout WireCursor) -> Void) {
        append(scope, lane: lane, size: 1 &+ WireSize.lengthDelimited(size)) { cursor in
            cursor.tag(OTLPSchema.AnySignal.items)
            cursor.varint(UInt64(truncatingIfNeeded: size))
            write(&cursor)
        }
    }
}
