// Hot: a recording span: an OTLP message under construction, and a context that can be made current.

/// The part of a tracer that its spans use. Never freed, so that spans refer to it without counting references.
final class SpanSetup: Sendable {
    let scope: ScopeReference
    let limits: RecordingLimits
    let clock: TelemetryClock
    /// The pipeline that sampled spans write to directly, which ``processors`` keep alive. (See ``ProcessorPaths``.)
    let directPipeline: Unmanaged<ExportPipeline>?
    /// The processors that must be called; nil if there are none.
    let observer: (any SpanObserver)?
    let counts: SpanCounts?
    let exceptions: ExceptionRecording
    let pool: ObjectPool<SpanRecorder>
    /// Only kept alive here.
    private let processors: any AnyObject & Sendable

    init(
        scope: ScopeReference, limits: RecordingLimits, clock: TelemetryClock, directPipeline: Unmanaged<ExportPipeline>?,
        observer: (any SpanObserver)?, counts: SpanCounts?, exceptions: ExceptionRecording, processors: any AnyObject & Sendable
    ) {
        self.scope = scope
        self.limits = limits
        self.clock = clock
        self.directPipeline = directPipeline
        self.observer = observer
        self.counts = counts
        self.exceptions = exceptions
        pool = SpanRecorder.pool
        self.processors = processors
    }

    /// The library or module whose operations the spans describe.
    var instrumentationScope: InstrumentationScope { scope.scope.scope }
}

/// Receives the end of each recorded span. It stands between the recorder and the processors, which know spans by their handles.
protocol SpanObserver: AnyObject, Sendable {
    /// Called when the span is about to end: it can still be changed by ``SpanRecorder/recordWhileEnding(_:)``.
    func spanWillEnd(_ span: SpanRecorder)

    /// Called when nothing in the span changes any more.
    func spanDidEnd(_ span: SpanRecorder)
}

/// A span while it is recorded, and as long as anything refers to it.
///
/// Nothing in it changes once it has ended; its identity still serves as a parent. When nothing refers to it any more, the object may become
/// another span. `@unchecked` is inherited from ``ContextNode``; what is added here is behind the lock, or changes only with the context.
final class SpanRecorder: ContextNode, RecordingSpan, @unchecked Sendable {
    /// Ended spans whose objects may become others. Hot code keeps the value: accessing a global costs a call each time.
    static let pool = ObjectPool<SpanRecorder>()

    /// What a span is started with, besides its context.
    private struct Origin {
        /// Not counted: a setup, once made, lives for ever.
        let setup: Unmanaged<SpanSetup>
        let parentSpanID: SpanID
        let parentIsRemote: Bool
        let parentFlags: TraceFlags
        let kind: SpanKind
        /// The lane of the processor that started the span, in which its end is queued too.
        let lane: UInt8

        @inline(__always)
        init(_ setup: Unmanaged<SpanSetup>, parent: ContextNode?, kind: SpanKind, lane: Int) {
            self.setup = setup
            parentSpanID = parent?.spanContext.spanID ?? .invalid
            parentIsRemote = parent?.spanContext.isRemote ?? false
            parentFlags = parent?.spanContext.flags ?? []
            self.kind = kind
            self.lane = UInt8(truncatingIfNeeded: lane)
        }
    }

    // As the context: changes only while nothing else refers to the object.
    @exclusivity(unchecked) private var origin: Origin
    private let lock = BriefLock()
    // Every access is under the lock; the dynamic check would triple the cost of recording.
    @exclusivity(unchecked) private var state: SpanState
    @exclusivity(unchecked) private var storage = InlineItemStorage()

    /// Starts a span, in an object of the pool if there is one.
    ///
    /// - Parameter traceState: nil for an empty one, which most spans have.
    @inline(__always)
    static func start(
        _ setup: Unmanaged<SpanSetup>, from pool: ObjectPool<SpanRecorder>, traceID: TraceID, spanID: SpanID, flags: TraceFlags,
        traceState: @autoclosure () -> TraceState?, parent: ContextNode?, kind: SpanKind, name: String, start: SpanStart, lane: Int,
        needsEndNotification: Bool
    ) -> SpanRecorder {
        let origin = Origin(setup, parent: parent, kind: kind, lane: lane)
        guard let recorder = pool.take(lane: lane) else {
            return SpanRecorder(
                origin, SpanContext(traceID: traceID, spanID: spanID, flags: flags, traceState: traceState() ?? .empty),
                extras: parent?.extras, start, name, needsEndNotification: needsEndNotification)
        }
        recorder.reuse(traceID: traceID, spanID: spanID, flags: flags, start: start)
        if let traceState = traceState() { recorder.setTraceState(traceState) }
        // Most contexts have no extras: two calls to count references are saved.
        if let extras = parent?.extras { recorder.inherit(extras) }
        recorder.origin = origin
        recorder.state.reuse(name: name, needsEndNotification: needsEndNotification)
        return recorder
    }

    @inline(never)
    private init(
        _ origin: Origin, _ spanContext: SpanContext, extras: ContextExtras?, _ start: SpanStart, _ name: String, needsEndNotification: Bool
    ) {
        self.origin = origin
        state = SpanState(name: name, needsEndNotification: needsEndNotification)
        super.init(spanContext: spanContext, extras: extras, start: start)
    }

    @inline(__always)
    private var setup: Unmanaged<SpanSetup> { origin.setup }

    @inline(__always)
    private var parentSpanID: SpanID { origin.parentSpanID }

    @inline(__always)
    private var lane: Int { Int(origin.lane) }

    var kind: SpanKind { origin.kind }

    override var recording: (any RecordingSpan)? { self }

    /// The library or module whose operation the span describes.
    var instrumentationScope: InstrumentationScope { setup._withUnsafeGuaranteedRef { $0.instrumentationScope } }

    /// How errors that leave the operation of the span are recorded.
    var exceptions: ExceptionRecording { setup._withUnsafeGuaranteedRef { $0.exceptions } }

    @inline(__always)
    private var clock: TelemetryClock { setup._withUnsafeGuaranteedRef { $0.clock } }

    @inline(__always)
    private func withState<Result>(_ body: (inout SpanState) -> Result) -> Result {
        if !lock.acquire() { becomeEnded() }
        defer { lock.release() }
        return withUnsafeMutablePointer(to: &storage) { storage in
            state.bytes.use(storage)
            return body(&state)
        }
    }

    /// Ends the span in a child that was forked while another thread was changing it. The state, perhaps half changed, is abandoned.
    @inline(never)
    private func becomeEnded() {
        lock.assertHeld()
        withUnsafeMutablePointer(to: &storage) { $0.initialize(to: InlineItemStorage()) }
        withUnsafeMutablePointer(to: &state) {
            $0.initialize(to: SpanState(name: "", needsEndNotification: false))
            $0.pointee.isEnded = true
        }
    }

    /// Changes the span unless it has ended.
    @inline(__always)
    func record(_ change: (inout SpanState, borrowing RecordingLimits) -> Void) {
        setup._withUnsafeGuaranteedRef { setup in
            withState { state in
                if !state.isEnded { change(&state, setup.limits) }
            }
        }
    }

    /// Adds a usual attribute if nothing else is at work on the span, without a call of a function; returns whether it did.
    ///
    /// By way of ``record(_:)``, with calls for the rare cases within the lock, five attributes took 9 ns more (AMD EPYC 9004).
    @inline(__always)
    func addShortAttribute(_ key: String, _ value: AttributeValue) -> Bool {
        setup._withUnsafeGuaranteedRef { setup in
            guard lock.acquireIfFree() else { return false }
            defer { lock.release() }
            return withUnsafeMutablePointer(to: &storage) { storage in
                state.bytes.use(storage)
                return !state.isEnded
                    && state.addShortAttribute(key, value, countLimit: setup.limits.attributeCount, lengthLimit: setup.limits.values.length)
            }
        }
    }

    /// Changes the span although it has ended; must be called before its end is notified.
    func recordWhileEnding(_ change: (inout SpanState, borrowing RecordingLimits) -> Void) {
        setup._withUnsafeGuaranteedRef { setup in
            withState { change(&$0, setup.limits) }
        }
    }

    /// Reads something of the span, ended or not.
    func read<Value: Sendable>(_ body: (inout SpanState) -> Value) -> Value {
        withState { body(&$0) }
    }

    var isRecording: Bool { withState { !$0.isEnded } }

    /// The present by the span's clock: the wall clock at the start of its trace's first local span, plus the time since.
    var nowNanoseconds: UInt64 { max(start.nanoseconds, anchor.wallNanoseconds(clock.recordingNanoseconds())) }

    /// Converts a reading of the wall clock to the span's clock. Changes it only if the wall clock has been set since the span started.
    func ownNanoseconds(ofReading wall: UInt64) -> UInt64 {
        let clock = clock
        return clock.wallNanoseconds(ofReading: wall, at: clock.recordingNanoseconds(), own: anchor)
    }

    func addEvent(_ name: String, _ attributes: Attributes, nanoseconds: UInt64) {
        record { $0.addEvent(name, attributes, nanoseconds: nanoseconds, $1) }
    }

    /// Ends the span once. Returns its end, whichever call has ended it.
    @discardableResult
    func end(at time: Timestamp?) -> UInt64 { end(at: time) { _, _ in } }

    /// Ends the span once, with a last attribute that is set in the same section. Returns its end, whichever call has ended it.
    func end(at time: Timestamp?, with key: String, _ value: AttributeValue) -> UInt64 {
        end(at: time) { $0.setAttribute(key, value, $1) }
    }

    /// Appends the span to the direct pipeline and notifies the processors that must be called, unless it has ended.
    @inline(__always)
    private func end(at time: Timestamp?, after change: (inout SpanState, borrowing RecordingLimits) -> Void) -> UInt64 {
        setup._withUnsafeGuaranteedRef { setup in
            let end = time?.nanosecondsSinceEpoch ?? anchor.wallNanoseconds(setup.clock.recordingNanoseconds())
            let (needsEndNotification, isReusable, recorded) = withState { state -> (Bool, Bool, UInt64) in
                guard !state.isEnded else { return (false, false, state.endNanoseconds) }
                change(&state, setup.limits)
                state.isEnded = true
                // A given time may lie before the start; a span never ends before it starts.
                state.endNanoseconds = max(end, start.nanoseconds)
                if spanContext.isSampled, let pipeline = setup.directPipeline {
                    let size = encodedSize(&state)
                    pipeline._withUnsafeGuaranteedRef { pipeline in
                        pipeline.append(setup.scope, lane: lane, size: 1 &+ WireSize.lengthDelimited(size)) { cursor in
                            cursor.tag(OTLPSchema.AnySignal.items)
                            cursor.varint(UInt64(truncatingIfNeeded: size))
                            encode(&state, to: &cursor)
                        }
                    }
                }
                return (state.needsEndNotification, mayBeReused(state), state.endNanoseconds)
            }
            if needsEndNotification {
                notifyEnd(setup)
                // A processor may have changed the span meanwhile.
                guard withState({ mayBeReused($0) }) else { return recorded }
            }
            if isReusable { setup.pool.giveBack(self, lane: lane) }
            return recorded
        }
    }

    /// Returns whether the object may be kept: it then keeps nothing of the program alive, and little memory.
    @inline(__always)
    private func mayBeReused(_ state: borrowing SpanState) -> Bool {
        extras == nil && !state.hasRareParts && state.bytes.isSmall && state.name.utf8.count <= 64 && spanContext.traceState.isEmpty
    }

    @inline(never)
    private func notifyEnd(_ setup: SpanSetup) {
        setup.counts?.countEnd(isSampled: spanContext.isSampled, lane: lane)
        setup.observer?.spanWillEnd(self)
        if read({ $0.hasDiscarded }) { RecordingLimits.reportDiscards(of: read { $0.name }, in: instrumentationScope.name) }
        setup.observer?.spanDidEnd(self)
    }

    /// The contents recorded so far.
    var snapshot: ReadableSpan {
        setup._withUnsafeGuaranteedRef { setup in
            ReadableSpan(EncodedItem(bytes: encodedMessage(), scope: setup.scope), parent: parentContext)
        }
    }

    private var parentContext: SpanContext {
        guard parentSpanID.isValid else { return .invalid }
        return SpanContext(
            traceID: spanContext.traceID, spanID: parentSpanID, flags: origin.parentFlags,
            traceState: read { $0.parentTraceState } ?? spanContext.traceState, isRemote: origin.parentIsRemote)
    }

    /// The whole OTLP `Span` message.
    private func encodedMessage() -> [UInt8] {
        withState { state in
            let size = encodedSize(&state)
            return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
                var cursor = WireCursor(UnsafeMutableRawPointer(buffer.baseAddress!))
                let start = cursor.pointer
                encode(&state, to: &cursor)
                assert(cursor.pointer == start + size, "A span is written as long as it was sized.")
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
        if state.hasStatus && !state.hasRareParts { size &+= 4 }
        if hasRareFields(state) { size &+= rareSize(&state) }
        return size
    }

    @inline(__always)
    private func encode(_ state: inout SpanState, to cursor: inout WireCursor) {
        lock.assertHeld()
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
        if let name = TextBytes(state.name) {
            assert(TextBytes.roomBehind <= 20, "Kind, start and end follow the name.")
            name.write(to: &cursor)
            withExtendedLifetime(state.name) {}
        } else {
            cursor.text(state.name, count: nameCount)
        }
        cursor.twoBytes(OTLPSchema.Span.kind.tag, kind.rawValue)
        cursor.tag(OTLPSchema.Span.startTime)
        cursor.fixed64(start.nanoseconds)
        cursor.tag(OTLPSchema.Span.endTime)
        cursor.fixed64(state.endNanoseconds)
        cursor.copy(state.bytes.bytes)
        cursor.tag(OTLPSchema.Span.flags)
        cursor.fixed32(OTLPSchema.SpanFlags.value(traceFlags: spanContext.flags.rawValue, isRemote: origin.parentIsRemote))
        // A status without a message, which the spans of whole services have: 30 instructions here, 550 among the rare fields.
        if state.hasStatus && !state.hasRareParts {
            cursor.fourBytes(OTLPSchema.Span.status.tag, 2, OTLPSchema.Status.code.tag, Int(state.statusCode))
        }
        if hasRareFields(state) { cursor = encodeRare(&state, to: cursor) }
    }

    @inline(__always)
    private func hasRareFields(_ state: borrowing SpanState) -> Bool {
        state.hasRareParts || !spanContext.traceState.isEmpty || state.hasDropped
    }

    /// Fields that most spans do not have: trace state, a status with a message, dropped counts.
    @inline(never)
    private func rareSize(_ state: inout SpanState) -> Int {
        var size = 0
        let traceState = spanContext.traceState.headerValue.utf8.count
        if traceState > 0 { size += 1 + WireSize.lengthDelimited(traceState) }
        for count in [state.droppedAttributeCount, state.droppedEventCount, state.droppedLinkCount] where count > 0 {
            size += 1 + WireSize.varint(UInt64(count))
        }
        if state.hasStatus && state.hasRareParts { size += 1 + WireSize.lengthDelimited(state.statusSize) }
        return size
    }

    @inline(never)
    private func encodeRare(_ state: inout SpanState, to start: WireCursor) -> WireCursor {
        var cursor = start
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
        if state.hasStatus && state.hasRareParts {
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
        return cursor
    }
}
