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

    /// Longer texts of bodies are written last, straight to the queue: with them the message would move to the heap, and be copied from there.
    private static let longestCollectedText = 256

    /// Encodes a record: calls the closure with the size of the message and a function that writes exactly that many bytes, which may be
    /// called several times.
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
            // The message is written here, for one queue or two: each only copies it under its lock.
            let isTextLeft = writeFields(of: content, to: &bytes)
            var recorder = AttributeRecorder(tag: Field.attributes.tag)
            attributes.forEachEntry { key, value in
                _ = recorder.set(key, value, in: &bytes, countLimit: limits.attributeCount, limits.values)
            }
            if recorder.droppedCount > 0 { appendDroppedCount(recorder.droppedCount, to: &bytes) }
            if isTextLeft, case .string(let text)? = content.body {
                Self.deliver(bytes.bytes, before: text, deliver)
            } else {
                deliver(bytes.count) { $0.copy(bytes.bytes) }
            }
            return recorder.droppedCount
        }
    }

    @inline(never)
    private static func appendDroppedCount(_ count: Int32, to bytes: inout ItemBytes) {
        bytes.append(1 + WireSize.varint(UInt64(count))) { cursor in
            cursor.tag(Field.droppedAttributesCount)
            cursor.varint(UInt64(count))
        }
    }

    /// Delivers a message whose body is a long text, which comes last.
    @inline(never)
    private static func deliver(
        _ fields: UnsafeRawBufferPointer, before text: String, _ deliver: (_ size: Int, _ write: (inout WireCursor) -> Void) -> Void
    ) {
        let count = text.utf8.count
        let bodySize = 1 + WireSize.lengthDelimited(count)
        deliver(fields.count + 1 + WireSize.lengthDelimited(bodySize)) { cursor in
            cursor.copy(fields)
            cursor.lengthDelimited(Field.body.tag, bodySize)
            cursor.lengthDelimited(OTLPSchema.AnyValue.string.tag, count)
            cursor.text(text, count: count)
        }
    }

    /// Appends a body that is no text.
    @inline(never)
    private static func appendOther(_ body: AttributeValue, to bytes: inout ItemBytes) {
        let size = AttributeWire.size(of: body, limits: .body)
        bytes.append(1 + WireSize.lengthDelimited(size)) { cursor in
            cursor.tag(Field.body)
            cursor.varint(UInt64(size))
            AttributeWire.write(body, limits: .body, to: &cursor)
        }
    }

    /// Appends all fields but the attributes; returns whether the body is left out, since it is a long text.
    @inline(__always)
    private static func writeFields(of content: borrowing LogContent, to bytes: inout ItemBytes) -> Bool {
        // Nearly all bodies are texts.
        var bodyText = ""
        var hasText = false
        if case .string(let text)? = content.body { (bodyText, hasText) = (text, true) }
        let severityCount = content.severityText.utf8.count
        let bodyCount = bodyText.utf8.count
        let isTextLeft = bodyCount > longestCollectedText
        let writesText = hasText && !isTextLeft
        let bodySize = 1 &+ WireSize.lengthDelimited(bodyCount)
        let eventCount = content.eventName.utf8.count
        let trace = content.trace
        var size = 9
        if content.timestamp != 0 { size &+= 9 }
        if content.severity != .unspecified { size &+= 2 }
        if severityCount > 0 { size &+= 1 &+ WireSize.lengthDelimited(severityCount) }
        if writesText { size &+= 1 &+ WireSize.lengthDelimited(bodySize) }
        if eventCount > 0 { size &+= 1 &+ WireSize.lengthDelimited(eventCount) }
        if trace.traceID.isValid {
            size &+= 18
            if trace.spanID.isValid { size &+= 10 }
            if trace.flags.rawValue != 0 { size &+= 5 }
        }
        bytes.append(size) { cursor in
            if content.timestamp != 0 {
                cursor.tag(Field.time)
                cursor.fixed64(content.timestamp)
            }
            if content.severity != .unspecified { cursor.twoBytes(Field.severityNumber.tag, content.severity.rawValue) }
            if severityCount > 0 {
                cursor.lengthDelimited(Field.severityText.tag, severityCount)
                cursor.text(content.severityText, count: severityCount)
            }
            if writesText {
                cursor.lengthDelimited(Field.body.tag, bodySize)
                cursor.lengthDelimited(OTLPSchema.AnyValue.string.tag, bodyCount)
                cursor.text(bodyText, count: bodyCount)
            }
            if trace.traceID.isValid {
                if trace.flags.rawValue != 0 {
                    cursor.tag(Field.flags)
                    cursor.fixed32(UInt32(trace.flags.rawValue))
                }
                cursor.twoBytes(Field.traceID.tag, 16)
                cursor.bigEndian(trace.traceID.high)
                cursor.bigEndian(trace.traceID.low)
                if trace.spanID.isValid {
                    cursor.twoBytes(Field.spanID.tag, 8)
                    cursor.bigEndian(trace.spanID.number)
                }
            }
            cursor.tag(Field.observedTime)
            cursor.fixed64(content.observedTimestamp)
            if eventCount > 0 {
                cursor.lengthDelimited(Field.eventName.tag, eventCount)
                cursor.text(content.eventName, count: eventCount)
            }
        }
        if !hasText, let body = content.body { appendOther(body, to: &bytes) }
        return isTextLeft
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
