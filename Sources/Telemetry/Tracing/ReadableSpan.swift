// The view of a span for processors and exporters, decoded on demand.

/// A span that has ended, or a snapshot of one that has not. Immutable; each property is decoded from the span's OTLP bytes on demand.
///
/// (Specification: trace SDK, "Additional Span Interfaces".)
public struct ReadableSpan: Sendable {
    package let item: EncodedItem
    /// The parent's identity, where more of it is known than the bytes tell.
    private let knownParent: SpanContext?

    package init(_ item: EncodedItem, parent: SpanContext? = nil) {
        self.item = item
        knownParent = parent
    }

    /// The same span with bytes of its own, for exporters that keep it: others keep the memory of its whole batch.
    public var detached: ReadableSpan { ReadableSpan(item.detached, parent: knownParent) }

    func withMessage<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result { item.withMessage(body) }

    private func number(_ field: OTLPField) -> UInt64 { item.number(field) }
}

extension ReadableSpan {
    private typealias Field = OTLPSchema.Span

    public var traceID: TraceID { item.traceID(Field.traceID) }
    public var spanID: SpanID { item.spanID(Field.spanID) }

    /// The parent's identifier, invalid for a root span.
    public var parentSpanID: SpanID { item.spanID(Field.parentSpanID) }

    /// Whether the parent belongs to another process.
    public var hasRemoteParent: Bool { number(Field.flags) & UInt64(OTLPSchema.SpanFlags.isRemote) != 0 }

    /// The identity of the span.
    public var context: SpanContext {
        SpanContext(
            traceID: traceID, spanID: spanID, flags: TraceFlags(rawValue: UInt8(truncatingIfNeeded: number(Field.flags))),
            traceState: traceState)
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

    private var traceState: TraceState { item.last(Field.traceState) { TraceState(headerValue: $0.text) ?? .empty } ?? .empty }

    public var name: String { item.text(Field.name) }
    public var kind: SpanKind { SpanKind(rawValue: UInt8(truncatingIfNeeded: number(Field.kind))) ?? .internal }
    public var startTime: Timestamp { Timestamp(nanosecondsSinceEpoch: number(Field.startTime)) }
    /// When it ended; 1970 for a span that has not ended.
    public var endTime: Timestamp { Timestamp(nanosecondsSinceEpoch: number(Field.endTime)) }
    /// How long it took; zero for a span that has not ended.
    public var duration: Duration { hasEnded ? endTime.duration(since: startTime) : .zero }

    /// In the order in which they were first set.
    public var attributes: Attributes { item.attributes(Field.attributes) }

    /// In the order in which they happened to be recorded.
    public var events: [SpanEvent] {
        var events: [SpanEvent] = []
        item.forEachField(Field.events) { field in
            let event = Part(field.bytes, attributes: Field.Event.attributes, dropped: Field.Event.droppedAttributesCount)
            events.append(
                SpanEvent(
                    name: event.texts[Field.Event.name.number] ?? "",
                    time: Timestamp(nanosecondsSinceEpoch: event.numbers[Field.Event.time.number] ?? 0),
                    attributes: event.attributes, droppedAttributeCount: event.droppedCount))
        }
        return events
    }

    /// In the order in which they were added.
    public var links: [SpanLink] {
        var links: [SpanLink] = []
        item.forEachField(Field.links) { field in
            let link = Part(field.bytes, attributes: Field.Link.attributes, dropped: Field.Link.droppedAttributesCount)
            let flags = link.numbers[Field.Link.flags.number] ?? 0
            let context = SpanContext(
                traceID: TraceID(bytes: link.bytes[Field.Link.traceID.number] ?? []) ?? .invalid,
                spanID: SpanID(bytes: link.bytes[Field.Link.spanID.number] ?? []) ?? .invalid,
                flags: TraceFlags(rawValue: UInt8(truncatingIfNeeded: flags)),
                traceState: TraceState(headerValue: link.texts[Field.Link.traceState.number] ?? "") ?? .empty,
                isRemote: flags & UInt64(OTLPSchema.SpanFlags.isRemote) != 0)
            links.append(SpanLink(context, link.attributes, droppedAttributeCount: link.droppedCount))
        }
        return links
    }

    public var status: SpanStatus {
        item.last(Field.status) { field in
            let status = Part(field.bytes, attributes: nil, dropped: nil)
            switch UInt8(clamping: status.numbers[OTLPSchema.Status.code.number] ?? 0) {
            case OTLPSchema.StatusCode.ok: return .ok
            case OTLPSchema.StatusCode.error: return .error(status.texts[OTLPSchema.Status.message.number] ?? "")
            default: return .unset
            }
        } ?? .unset
    }

    public var droppedAttributeCount: Int { Int(clamping: number(Field.droppedAttributesCount)) }
    public var droppedEventCount: Int { Int(clamping: number(Field.droppedEventsCount)) }
    public var droppedLinkCount: Int { Int(clamping: number(Field.droppedLinksCount)) }

    public var instrumentationScope: InstrumentationScope { item.recordedScope.scope }
    public var resource: Resource { item.recordedScope.resource.resource }

    /// Whether the span had ended: false only for a ``TraceSpan/snapshot`` of one that had not.
    public var hasEnded: Bool { number(Field.endTime) != 0 }

    /// A message inside the span, its fields by number.
    private struct Part {
        var texts: [Int: String] = [:]
        var bytes: [Int: [UInt8]] = [:]
        var numbers: [Int: UInt64] = [:]
        let attributes: Attributes
        let droppedCount: Int

        init(_ message: UnsafeRawBufferPointer, attributes attributeField: OTLPField?, dropped droppedField: OTLPField?) {
            var reader = WireReader(message)
            var pairs: [Attributes.Element] = []
            while let field = try? reader.next() {
                if field.number == attributeField?.number {
                    if let pair = try? WireReader.attribute(field.bytes) { pairs.append(pair) }
                } else if case .bytes(let content) = field.value {
                    texts[field.number] = field.text
                    bytes[field.number] = Array(content)
                } else {
                    numbers[field.number] = field.number64
                }
            }
            attributes = Attributes(pairs)
            droppedCount = Int(clamping: numbers[droppedField?.number ?? 0] ?? 0)
        }
    }
}
