// Hot: a recording span: an OTLP message under construction, and a context that can be made current.

/// A span while it is recorded: the one allocation of a sampled span.
///
/// Once it has ended nothing in it changes; its identity goes on serving as a parent. `@unchecked` is inherited from
/// ``ContextNode``; what is added here is immutable or behind the lock.
final class SpanRecorder: ContextNode, RecordingSpan, @unchecked Sendable {
    /// Not counted: a tracer, once made, lives for ever.
    private let tracer: Unmanaged<Tracer>
    private let parentSpanID: SpanID
    private let parentIsRemote: Bool
    private let parentFlags: TraceFlags
    private let kind: SpanKind
    /// The processor that started the span, where its end is probably best queued too.
    private let lane: UInt8
    private let lock = BriefLock()
    // Every access is under the lock; the dynamic check would triple the cost of recording.
    @exclusivity(unchecked) private var state: SpanState
    @exclusivity(unchecked) private var storage = InlineItemStorage()

    @inline(__always)
    init(
        tracer: Tracer, spanContext: SpanContext, parent: ContextNode?, kind: SpanKind, name: String, start: SpanStart, lane: Int
    ) {
        self.tracer = .passUnretained(tracer)
        parentSpanID = parent?.spanContext.spanID ?? .invalid
        parentIsRemote = parent?.spanContext.isRemote ?? false
        parentFlags = parent?.spanContext.flags ?? []
        self.kind = kind
        self.lane = UInt8(truncatingIfNeeded: lane)
        state = SpanState(name: name, startNanoseconds: start.nanoseconds, isAnnounced: tracer.isWatched)
        super.init(spanContext: spanContext, extras: parent?.extras, anchor: start.anchor)
    }

    override var recording: (any RecordingSpan)? { self }

    @inline(__always)
    private var provider: TracerProvider { tracer._withUnsafeGuaranteedRef { $0.provider } }

    @inline(__always)
    private func withState<Result>(_ body: (inout SpanState) -> Result) -> Result {
        if !lock.acquire() { becomeEnded() }
        defer { lock.release() }
        return withUnsafeMutablePointer(to: &storage) { storage in
            state.bytes.use(storage)
            return body(&state)
        }
    }

    /// Ends the span, in a child that was forked while another thread was changing it: what may be half changed is left where it is.
    @inline(never)
    private func becomeEnded() {
        withUnsafeMutablePointer(to: &storage) { $0.initialize(to: InlineItemStorage()) }
        withUnsafeMutablePointer(to: &state) {
            $0.initialize(to: SpanState(name: "", startNanoseconds: 0, isAnnounced: false))
            $0.pointee.isEnded = true
        }
    }

    /// Changes the span unless it has ended.
    @inline(__always)
    func record(_ change: (inout SpanState, borrowing RecordingLimits) -> Void) {
        tracer._withUnsafeGuaranteedRef { tracer in
            withState { state in
                if !state.isEnded { change(&state, tracer.limits) }
            }
        }
    }

    /// Changes the span although it has ended; only for those who are asked before anybody is told of its end.
    func recordWhileEnding(_ change: (inout SpanState, borrowing RecordingLimits) -> Void) {
        tracer._withUnsafeGuaranteedRef { tracer in
            withState { change(&$0, tracer.limits) }
        }
    }

    /// Reads something of the span, ended or not.
    func read<Value: Sendable>(_ body: (inout SpanState) -> Value) -> Value {
        withState { body(&$0) }
    }

    var isRecording: Bool { withState { !$0.isEnded } }

    /// The present, as the times of the span are made: the wall clock when the first local span of its trace started, plus what has passed.
    var nowNanoseconds: UInt64 { anchor.wallNanoseconds(provider.clock.monotonicNanoseconds()) }

    /// The time at which the wall clock was read, as the times of the span are made; changed only if the wall clock has been set since the
    /// span started.
    func ownNanoseconds(ofReading wall: UInt64) -> UInt64 {
        let clock = provider.clock
        return clock.wallNanoseconds(ofReading: wall, at: clock.monotonicNanoseconds(), own: anchor)
    }

    func addEvent(_ name: String, _ attributes: Attributes, nanoseconds: UInt64) {
        record { $0.addEvent(name, attributes, nanoseconds: nanoseconds, $1) }
    }

    /// Records an error that leaves the operation of the span, the way the provider has it.
    func recordThrown(_ error: any Error, below parent: Context) {
        let exceptions = provider.exceptions
        if exceptions.becomeEvents { addEvent("exception", Attributes(describing: error), nanoseconds: nowNanoseconds) }
        guard let report = exceptions.report else { return }
        let isExpected = kind == .client || kind == .producer
        let thrown = ThrownError(error, isExpected: isExpected)
        // It goes out once, with the innermost span that it left; again only where it turns out to be worse.
        let isKnown = read { $0.thrown?.includes(thrown) ?? false }
        (parent.node?.recording as? SpanRecorder)?.record { state, _ in state.thrown = isKnown ? state.thrown ?? thrown : thrown }
        if isKnown { return }
        let scope = tracer._withUnsafeGuaranteedRef { $0.instrumentationScope }
        report(
            SpanException(
                error: error, operation: read { $0.name }, isExpected: isExpected, context: parent.with(span: TraceSpan(self)), scope: scope
            ))
    }

    /// Ends the span once, and hands it to those who asked for it.
    func end(at time: Timestamp?) {
        tracer._withUnsafeGuaranteedRef { tracer in
            let end = time?.nanosecondsSinceEpoch ?? anchor.wallNanoseconds(tracer.clock.monotonicNanoseconds())
            let isAnnounced = withState { state in
                guard !state.isEnded else { return false }
                state.isEnded = true
                // A time that was given may lie before the start; a span never ends before it starts.
                state.endNanoseconds = max(end, state.startNanoseconds)
                if spanContext.isSampled, let pipeline = tracer.onlyPipeline {
                    let size = encodedSize(&state)
                    pipeline._withUnsafeGuaranteedRef { pipeline in
                        pipeline.append(tracer.scope, lane: Int(lane), size: 1 &+ WireSize.lengthDelimited(size)) { cursor in
                            cursor.tag(OTLPSchema.AnySignal.items)
                            cursor.varint(UInt64(truncatingIfNeeded: size))
                            encode(&state, to: &cursor)
                        }
                    }
                }
                return state.isAnnounced
            }
            if isAnnounced { announceEnd(tracer) }
        }
    }

    @inline(never)
    private func announceEnd(_ tracer: Tracer) {
        tracer.counts?.countEnd(isSampled: spanContext.isSampled, lane: Int(lane))
        if tracer.hasProcessors {
            for processor in tracer.provider.endingProcessors { processor.onEnding(EndingSpan(self)) }
        }
        if read({ $0.hasDiscarded }) { reportDiscards() }
        guard tracer.hasProcessors else { return }
        let span = snapshot
        for processor in tracer.provider.processors { processor.onEnd(span) }
    }

    /// Says once for the span that something was too much for it, and for all spans once in a while.
    private func reportDiscards() {
        let (name, scope) = (read { $0.name }, tracer._withUnsafeGuaranteedRef { $0.instrumentationScope.name })
        Diagnostics.report(
            .warning, topic: "span.limits.\(scope)",
            "The span \"\(name)\" of \"\(scope)\" was given more attributes, events or links than its limits allow; what was too much is"
                + " dropped and counted. Record less, or raise the limits: SpanLimits, or OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT and its like.")
    }

    /// What has been recorded so far.
    var snapshot: ReadableSpan {
        tracer._withUnsafeGuaranteedRef { tracer in
            ReadableSpan(EncodedItem(bytes: encodedMessage(), scope: tracer.scope), parent: parentContext)
        }
    }

    private var parentContext: SpanContext {
        guard parentSpanID.isValid else { return .invalid }
        return SpanContext(
            traceID: spanContext.traceID, spanID: parentSpanID, flags: parentFlags,
            traceState: read { $0.parentTraceState } ?? spanContext.traceState, isRemote: parentIsRemote)
    }

    /// The whole OTLP `Span` message.
    private func encodedMessage() -> [UInt8] {
        withState { state in
            let size = encodedSize(&state)
            return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
                var cursor = WireCursor(UnsafeMutableRawPointer(buffer.baseAddress!))
                encode(&state, to: &cursor)
                count = size
            }
        }
    }
}

extension SpanRecorder {
    /// trace_id 18, span_id 10, kind 2, start 9, end 9, flags 6.
    private static let fixedSize = 54

    @inline(__always)
    private func encodedSize(_ state: inout SpanState) -> Int {
        var size = Self.fixedSize &+ 1 &+ WireSize.lengthDelimited(state.name.utf8.count) &+ state.bytes.count
        if parentSpanID.isValid { size &+= 10 }
        if state.statusCode != 0 || !spanContext.traceState.isEmpty || state.hasDropped { size &+= rareSize(&state) }
        return size
    }

    @inline(__always)
    private func encode(_ state: inout SpanState, to cursor: inout WireCursor) {
        cursor.twoBytes(OTLPSchema.Span.traceID.tag, 16)
        cursor.bigEndian(spanContext.traceID.high)
        cursor.bigEndian(spanContext.traceID.low)
        cursor.twoBytes(OTLPSchema.Span.spanID.tag, 8)
        cursor.bigEndian(spanContext.spanID.number)
        if parentSpanID.isValid {
            cursor.twoBytes(OTLPSchema.Span.parentSpanID.tag, 8)
            cursor.bigEndian(parentSpanID.number)
        }
        cursor.tag(OTLPSchema.Span.name)
        let nameCount = state.name.utf8.count
        cursor.varint(UInt64(truncatingIfNeeded: nameCount))
        cursor.text(state.name, count: nameCount)
        cursor.twoBytes(OTLPSchema.Span.kind.tag, kind.rawValue)
        cursor.tag(OTLPSchema.Span.startTime)
        cursor.fixed64(state.startNanoseconds)
        cursor.tag(OTLPSchema.Span.endTime)
        cursor.fixed64(state.endNanoseconds)
        cursor.copy(state.bytes.bytes)
        cursor.tag(OTLPSchema.Span.flags)
        cursor.fixed32(OTLPSchema.SpanFlags.value(traceFlags: spanContext.flags.rawValue, isRemote: parentIsRemote))
        if state.statusCode != 0 || !spanContext.traceState.isEmpty || state.hasDropped { encodeRare(&state, to: &cursor) }
    }

    /// Fields that most spans do not have: trace state, status, dropped counts.
    @inline(never)
    private func rareSize(_ state: inout SpanState) -> Int {
        var size = 0
        let traceState = spanContext.traceState.headerValue.utf8.count
        if traceState > 0 { size += 1 + WireSize.lengthDelimited(traceState) }
        for count in [state.droppedAttributeCount, state.droppedEventCount, state.droppedLinkCount] where count > 0 {
            size += 1 + WireSize.varint(UInt64(count))
        }
        if state.statusCode != 0 { size += 1 + WireSize.lengthDelimited(state.statusSize) }
        return size
    }

    @inline(never)
    private func encodeRare(_ state: inout SpanState, to cursor: inout WireCursor) {
        let traceState = spanContext.traceState.headerValue
        if !traceState.isEmpty {
            cursor.tag(OTLPSchema.Span.traceState)
            cursor.varint(UInt64(traceState.utf8.count))
            cursor.text(traceState, count: traceState.utf8.count)
        }
        let dropped: [(tag: UInt8, count: Int32)] = [
            (OTLPSchema.Span.droppedAttributesCount.tag, state.droppedAttributeCount),
            (OTLPSchema.Span.droppedEventsCount.tag, state.droppedEventCount),
            (OTLPSchema.Span.droppedLinksCount.tag, state.droppedLinkCount),
        ]
        for (tag, count) in dropped where count > 0 {
            cursor.byte(tag)
            cursor.varint(UInt64(count))
        }
        if state.statusCode != 0 {
            cursor.tag(OTLPSchema.Span.status)
            cursor.varint(UInt64(state.statusSize))
            let count = state.statusMessage.utf8.count
            if count > 0 {
                cursor.tag(OTLPSchema.Status.message)
                cursor.varint(UInt64(count))
                cursor.text(state.statusMessage, count: count)
            }
            cursor.twoBytes(OTLPSchema.Status.code.tag, state.statusCode)
        }
    }
}

extension SpanState {
    fileprivate var hasDropped: Bool { droppedAttributeCount | droppedEventCount | droppedLinkCount != 0 }

    fileprivate var statusSize: Int {
        let count = statusMessage.utf8.count
        return (count > 0 ? 1 + WireSize.lengthDelimited(count) : 0) + 2
    }
}
