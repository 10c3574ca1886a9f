// Hot: the contents of a recording span, which its lock guards.

/// What a recording span collects until it ends; must be used with the lock of its recorder held.
struct SpanState: ~Copyable {
    var bytes = ItemBytes()
    var name: String
    var endNanoseconds: UInt64 = 0
    private var rare: RareSpanParts?
    var statusCode = OTLPSchema.StatusCode.unset
    var isEnded = false
    /// True if a limit has dropped anything, in an event or a link as well.
    private(set) var hasDiscarded = false {
        didSet { needsEndNotification = true }
    }
    /// True if ending must notify processors or counters, or report what a limit has dropped. The end checks this one flag.
    private(set) var needsEndNotification: Bool
    private var attributes = AttributeRecorder(tag: OTLPSchema.Span.attributes.tag)
    private var eventCount: Int32 = 0
    private var linkCount: Int32 = 0
    var droppedAttributeCount: Int32 { attributes.droppedCount }
    private(set) var droppedEventCount: Int32 = 0
    private(set) var droppedLinkCount: Int32 = 0

    @inline(__always)
    init(name: String, needsEndNotification: Bool) {
        self.name = name
        self.needsEndNotification = needsEndNotification
    }

    /// Makes this the state of another span. What the ended one kept must be little: only its bytes' memory stays.
    @inline(__always)
    mutating func reuse(name: String, needsEndNotification: Bool) {
        assert(rare == nil, "A state with rare parts is not reused, so that there are none to release.")
        bytes.removeAll()
        self.name = name
        endNanoseconds = 0
        statusCode = OTLPSchema.StatusCode.unset
        isEnded = false
        hasDiscarded = false
        self.needsEndNotification = needsEndNotification
        attributes = AttributeRecorder(tag: OTLPSchema.Span.attributes.tag)
        (eventCount, linkCount, droppedEventCount, droppedLinkCount) = (0, 0, 0, 0)
    }

    /// Adds an attribute, or replaces the value of one that is there. Beyond the limit new keys are dropped and counted.
    @inline(__always)
    mutating func setAttribute(_ key: String, _ value: AttributeValue, _ limits: borrowing RecordingLimits) {
        if !attributes.set(key, value, in: &bytes, countLimit: limits.attributeCount, limits.values) { hasDiscarded = true }
    }

    /// Adds an attribute as ``setAttribute(_:_:_:)`` does if it is a usual one; returns whether it did.
    @inline(__always)
    mutating func addShortAttribute(
        _ key: String, _ value: AttributeValue, countLimit: @autoclosure () -> Int32, lengthLimit: @autoclosure () -> Int
    ) -> Bool {
        attributes.addShort(key, value, in: &bytes, countLimit: countLimit(), lengthLimit: lengthLimit())
    }

    /// Adds attributes that were encoded before, if their keys are certainly new and no limit applies; returns whether it did.
    mutating func add(_ common: CommonAttributes, _ limits: borrowing RecordingLimits) -> Bool {
        attributes.add(common, in: &bytes, countLimit: limits.attributeCount, lengthLimit: limits.values.length)
    }

    /// Adds an attribute of valid UTF-8 if its key is new and it is short; returns whether it did.
    mutating func addNewAttribute(_ key: String, utf8 text: UnsafeBufferPointer<UInt8>, _ limits: borrowing RecordingLimits) -> Bool {
        attributes.addNew(key, utf8: text, in: &bytes, countLimit: limits.attributeCount, lengthLimit: limits.values.length)
    }

    /// Whether an attribute with the key was recorded.
    func hasAttribute(_ key: String) -> Bool { attributes.contains(key, in: bytes) }

    /// The value of an attribute, read back from its bytes.
    func attribute(_ key: String) -> AttributeValue? {
        attributes.value(of: key, in: bytes)
    }

    /// All attributes, read back from their bytes.
    var recordedAttributes: Attributes { attributes.values(in: bytes) }

    mutating func addEvent(_ name: String, _ attributes: Attributes, nanoseconds: UInt64, _ limits: borrowing RecordingLimits) {
        guard eventCount < limits.eventCount else {
            droppedEventCount &+= 1
            hasDiscarded = true
            return
        }
        eventCount &+= 1
        let kept = KeptAttributes(attributes, count: limits.eventAttributeCount, limits.values)
        if kept.droppedCount > 0 { hasDiscarded = true }
        let nameSize = name.utf8.count
        let size = 9 + 1 + WireSize.lengthDelimited(nameSize) + kept.size + kept.droppedSize
        bytes.append(1 + WireSize.lengthDelimited(size)) { cursor in
            cursor.tag(OTLPSchema.Span.events)
            cursor.varint(UInt64(size))
            cursor.tag(OTLPSchema.Span.Event.time)
            cursor.fixed64(nanoseconds)
            cursor.tag(OTLPSchema.Span.Event.name)
            cursor.varint(UInt64(nameSize))
            cursor.text(name, count: nameSize)
            kept.write(to: &cursor, tag: OTLPSchema.Span.Event.attributes.tag, droppedTag: OTLPSchema.Span.Event.droppedAttributesCount.tag)
        }
    }

    mutating func addLink(_ context: SpanContext, _ attributes: Attributes, _ limits: borrowing RecordingLimits) {
        // A link to an invalid context has content only in its attributes or trace state.
        guard context.isValid || !attributes.isEmpty || !context.traceState.isEmpty else { return }
        guard linkCount < limits.linkCount else {
            droppedLinkCount &+= 1
            hasDiscarded = true
            return
        }
        linkCount &+= 1
        let kept = KeptAttributes(attributes, count: limits.linkAttributeCount, limits.values)
        if kept.droppedCount > 0 { hasDiscarded = true }
        let traceState = context.traceState.headerValue
        let traceStateSize = traceState.isEmpty ? 0 : 1 + WireSize.lengthDelimited(traceState.utf8.count)
        let size = 18 + 10 + traceStateSize + kept.size + kept.droppedSize + 5
        bytes.append(1 + WireSize.lengthDelimited(size)) { cursor in
            cursor.tag(OTLPSchema.Span.links)
            cursor.varint(UInt64(size))
            cursor.twoBytes(OTLPSchema.Span.Link.traceID.tag, 16)
            cursor.bigEndian(context.traceID.high)
            cursor.bigEndian(context.traceID.low)
            cursor.twoBytes(OTLPSchema.Span.Link.spanID.tag, 8)
            cursor.bigEndian(context.spanID.number)
            if traceStateSize > 0 {
                cursor.tag(OTLPSchema.Span.Link.traceState)
                cursor.varint(UInt64(traceState.utf8.count))
                cursor.text(traceState, count: traceState.utf8.count)
            }
            kept.write(to: &cursor, tag: OTLPSchema.Span.Link.attributes.tag, droppedTag: OTLPSchema.Span.Link.droppedAttributesCount.tag)
            cursor.tag(OTLPSchema.Span.Link.flags)
            cursor.fixed32(OTLPSchema.SpanFlags.value(traceFlags: context.flags.rawValue, isRemote: context.isRemote))
        }
    }

    /// Takes a status by the order ok, error, unset.
    mutating func setStatus(_ status: SpanStatus) {
        guard statusCode != OTLPSchema.StatusCode.ok else { return }
        switch status {
        case .unset: break
        case .ok:
            statusCode = OTLPSchema.StatusCode.ok
            rare?.statusMessage = ""
        case .error(let message):
            statusCode = OTLPSchema.StatusCode.error
            if rare != nil || !message.isEmpty { rareParts.statusMessage = message }
        }
    }

    /// True if something is kept that only few spans have, such as an error of the program.
    var hasRareParts: Bool { rare != nil }

    var statusMessage: String { rare?.statusMessage ?? "" }

    var hasStatus: Bool { statusCode != OTLPSchema.StatusCode.unset }

    /// The size of the OTLP `Status` message, without its own tag and length.
    var statusSize: Int {
        let count = statusMessage.utf8.count
        return (count > 0 ? 1 + WireSize.lengthDelimited(count) : 0) + 2
    }

    /// True if a limit has dropped attributes, events or links of the span itself.
    var hasDropped: Bool { droppedAttributeCount | droppedEventCount | droppedLinkCount != 0 }

    /// The trace state of the parent, where a sampler has given the span another one.
    var parentTraceState: TraceState? {
        get { rare?.parentTraceState }
        set { rareParts.parentTraceState = newValue }
    }

    /// The last error that an inner span has reported.
    var thrown: ThrownError? {
        get { rare?.thrown }
        set { rareParts.thrown = newValue }
    }

    private var rareParts: RareSpanParts {
        mutating get {
            let parts = rare ?? RareSpanParts()
            rare = parts
            return parts
        }
    }
}

/// Properties that few spans have; a separate object, so that other spans need no room for them.
private final class RareSpanParts {
    var statusMessage = ""
    var parentTraceState: TraceState?
    var thrown: ThrownError?
}

/// The attributes of an event or a link that its limit leaves.
private struct KeptAttributes {
    private let attributes: Attributes
    private let limits: AttributeValueLimits
    let droppedCount: Int
    let size: Int

    init(_ all: Attributes, count: Int, _ limits: AttributeValueLimits) {
        // As a collection they would be copied, and compared with each other for each of its calls.
        let all = all.canonical
        let (found, kept) = all.withEntries { ($0.count, min($0.count, max(0, count))) }
        attributes = kept == found ? all : Attributes(all.prefix(kept))
        droppedCount = found - kept
        self.limits = limits
        var size = 0
        attributes.forEachEntry { key, value in
            size += 1 + WireSize.lengthDelimited(AttributeWire.size(key: key, value: value, limits: limits))
        }
        self.size = size
    }

    var droppedSize: Int { droppedCount == 0 ? 0 : 1 + WireSize.varint(UInt64(droppedCount)) }

    func write(to cursor: inout WireCursor, tag: UInt8, droppedTag: UInt8) {
        attributes.forEachEntry { key, value in
            cursor.byte(tag)
            cursor.varint(UInt64(AttributeWire.size(key: key, value: value, limits: limits)))
            AttributeWire.write(key: key, value: value, limits: limits, to: &cursor)
        }
        if droppedCount > 0 {
            cursor.byte(droppedTag)
            cursor.varint(UInt64(droppedCount))
        }
    }
}
