// The view of a span for processors and exporters, decoded on demand.

/// A span that has ended, or a snapshot of one that has not. Immutable; each property is decoded from the span's OTLP bytes on demand.
///
/// (Specification: trace SDK, "Additional Span Interfaces".)
public struct ReadableSpan: Sendable {
    let item: EncodedItem
    /// The parent's identity, where more of it is known than the bytes tell.
    private let knownParent: SpanContext?

    init(_ item: EncodedItem, parent: SpanContext? = nil) {
        self.item = item
        knownParent = parent
    }

    /// The same span with bytes of its own, for exporters that keep it: others keep the memory of its whole batch.
    public var detached: ReadableSpan { ReadableSpan(item.detached, parent: knownParent) }

    func withMessage<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result { item.withMessage(body) }

    private func number(_ field: Int) -> UInt64 { item.number(field) }
}

extension ReadableSpan {
    public var traceID: TraceID { item.traceID(1) }
    public var spanID: SpanID { item.spanID(2) }

    /// The parent's identifier, invalid for a root span.
    public var parentSpanID: SpanID { item.spanID(4) }

    /// Whether the parent belongs to another process.
    public var hasRemoteParent: Bool { number(16) & 0x200 != 0 }

    /// The identity of the span.
    public var context: SpanContext {
        SpanContext(
            traceID: traceID, spanID: spanID, flags: TraceFlags(rawValue: UInt8(truncatingIfNeeded: number(16))), traceState: traceState)
    }

    /// The identity of the parent, invalid for a root span.
    ///
    /// Processors get it in full. Exporters read the encoded span, which has no flags and trace state of the parent, and get those of
    /// the span instead: they differ only where a sampler changed them.
    public var parentContext: SpanContext {
        if let knownParent { return knownParent }
        guard parentSpanID.isValid else { return .invalid }
        return SpanContext(
            traceID: traceID, spanID: parentSpanID, flags: context.flags, traceState: traceState, isRemote: hasRemoteParent)
    }

    private var traceState: TraceState { item.last(3) { TraceState(headerValue: $0.text) ?? .empty } ?? .empty }

    public var name: String { item.text(5) }
    public var kind: SpanKind { SpanKind(rawValue: UInt8(truncatingIfNeeded: number(6))) ?? .internal }
    public var startTime: Timestamp { Timestamp(nanosecondsSinceEpoch: number(7)) }
    /// When it ended; 1970 for a span that has not ended.
    public var endTime: Timestamp { Timestamp(nanosecondsSinceEpoch: number(8)) }
    /// How long it took; zero for a span that has not ended.
    public var duration: Duration { hasEnded ? endTime.duration(since: startTime) : .zero }

    /// In the order in which they were first set.
    public var attributes: Attributes { item.attributes(9) }

    /// In the order in which they happened to be recorded.
    public var events: [SpanEvent] {
        var events: [SpanEvent] = []
        item.forEachField(11) { field in
            let event = Part(field.bytes, attributes: 3, dropped: 4)
            events.append(
                SpanEvent(
                    name: event.texts[2] ?? "", time: Timestamp(nanosecondsSinceEpoch: event.numbers[1] ?? 0),
                    attributes: event.attributes, droppedAttributeCount: event.droppedCount))
        }
        return events
    }

    /// In the order in which they were added.
    public var links: [SpanLink] {
        var links: [SpanLink] = []
        item.forEachField(13) { field in
            let link = Part(field.bytes, attributes: 4, dropped: 5)
            let flags = link.numbers[6] ?? 0
            let context = SpanContext(
                traceID: TraceID(bytes: link.bytes[1] ?? []) ?? .invalid, spanID: SpanID(bytes: link.bytes[2] ?? []) ?? .invalid,
                flags: TraceFlags(rawValue: UInt8(truncatingIfNeeded: flags)),
                traceState: TraceState(headerValue: link.texts[3] ?? "") ?? .empty, isRemote: flags & 0x200 != 0)
            links.append(SpanLink(context, link.attributes, droppedAttributeCount: link.droppedCount))
        }
        return links
    }

    public var status: SpanStatus {
        item.last(15) { field in
            let status = Part(field.bytes, attributes: 0, dropped: 0)
            switch status.numbers[3] {
            case 1: return .ok
            case 2: return .error(status.texts[2] ?? "")
            default: return .unset
            }
        } ?? .unset
    }

    public var droppedAttributeCount: Int { Int(clamping: number(10)) }
    public var droppedEventCount: Int { Int(clamping: number(12)) }
    public var droppedLinkCount: Int { Int(clamping: number(14)) }

    public var instrumentationScope: InstrumentationScope { item.recordedScope.scope }
    public var resource: Resource { item.recordedScope.resource.resource }

    /// Whether the span had ended: false only for a ``TraceSpan/snapshot`` of one that had not.
    public var hasEnded: Bool { number(8) != 0 }

    /// A message inside the span, its fields by number.
    private struct Part {
        var texts: [Int: String] = [:]
        var bytes: [Int: [UInt8]] = [:]
        var numbers: [Int: UInt64] = [:]
        let attributes: Attributes
        let droppedCount: Int

        init(_ message: UnsafeRawBufferPointer, attributes attributeField: Int, dropped droppedField: Int) {
            var reader = WireReader(message)
            var pairs: [Attributes.Element] = []
            while let field = try? reader.next() {
                if field.number == attributeField {
                    if let pair = try? WireReader.attribute(field.bytes) { pairs.append(pair) }
                } else if case .bytes(let content) = field.value {
                    texts[field.number] = field.text
                    bytes[field.number] = Array(content)
                } else {
                    numbers[field.number] = field.number64
                }
            }
            attributes = Attributes(pairs)
            droppedCount = Int(clamping: numbers[droppedField] ?? 0)
        }
    }
}
