// Hot: the handle of a span.

/// A span: one operation of a trace. A handle that may be copied and used from any thread.
///
/// Of a span that is not recorded, only the ``context`` exists; everything else does nothing. After ``end(at:)`` nothing
/// changes any more, and the span can still be a parent. Prefer to give attributes when the span is started: samplers see
/// only those. (Specification: trace API, "Span".)
public struct TraceSpan: Sendable {
    /// One reference when the span is recorded: the recorder has the context.
    private enum Identity {
        case recorded(SpanRecorder)
        case notRecorded(SpanContext)
    }

    private let identity: Identity

    @inline(__always)
    init(_ recorder: SpanRecorder) {
        identity = .recorded(recorder)
    }

    @inline(__always)
    private init(notRecorded context: SpanContext) {
        identity = .notRecorded(context)
    }

    /// The identity that the span propagates to its children.
    public var context: SpanContext {
        switch identity {
        case .recorded(let recorder): recorder.spanContext
        case .notRecorded(let context): context
        }
    }

    var recorder: SpanRecorder? {
        if case .recorded(let recorder) = identity { recorder } else { nil }
    }

    /// The recorder, without counting a reference: the handle holds one.
    @inline(__always)
    fileprivate var unretainedRecorder: Unmanaged<SpanRecorder>? {
        if case .recorded(let recorder) = identity { .passUnretained(recorder) } else { nil }
    }

    /// The span of the running task; one with an invalid context when there is none.
    public static var current: TraceSpan { Context.current.span }

    /// Returns a span that records nothing and propagates a context.
    public static func nonRecording(_ context: SpanContext) -> TraceSpan {
        TraceSpan(notRecorded: context)
    }

    /// Whether what is recorded now is kept: false for an unsampled span, and once the span has ended.
    public var isRecording: Bool { unretainedRecorder?._withUnsafeGuaranteedRef { $0.isRecording } ?? false }

    /// The value of an attribute. Setting a key again replaces its value; setting nil does nothing.
    ///
    /// The setter is inlinable: a literal then needs no reference count, which takes a third of the time of setting it.
    public subscript(key: String) -> AttributeValue? {
        get { recorder?.read { $0.attribute(key) } ?? nil }
        @inlinable nonmutating set { if let newValue { setAttribute(key, newValue) } }
    }

    /// Sets an attribute to anything convertible: `span["user.id"] = user.id`; setting nil does nothing.
    @_disfavoredOverload
    public subscript<Value: AttributeValueConvertible>(key: String) -> Value? {
        @available(*, unavailable, message: "An attribute is an AttributeValue: annotate it, use .stringValue, compare AttributeValue(x).")
        get { nil }
        @inlinable nonmutating set { if let value = newValue?.attributeValue { setAttribute(key, value) } }
    }

    /// Sets an attribute to an array or a map of several types: `span["list"] = [count, name]`.
    @_disfavoredOverload
    public subscript(key: String) -> MixedAttributeValue? {
        @available(*, unavailable, message: "An attribute is an AttributeValue: annotate it, use .stringValue, compare AttributeValue(x).")
        get { nil }
        nonmutating set { if let value = newValue?.value { setAttribute(key, value) } }
    }

    /// All attributes that have been set so far; none for a span that is not recorded.
    public var attributes: Attributes { recorder?.read { $0.recordedAttributes } ?? [:] }

    /// Sets an attribute; a key that was set before takes the new value.
    public func setAttribute(_ key: String, _ value: AttributeValue) {
        withRecorder { recorder in
            if !recorder.addShortAttribute(key, value) { SpanRecorder.setAttribute(of: recorder, key, value) }
        }
    }

    /// Sets an attribute to anything convertible; nil does nothing.
    @inlinable @_disfavoredOverload
    public func setAttribute(_ key: String, _ value: some AttributeValueConvertible) {
        if let value = value.attributeValue { setAttribute(key, value) }
    }

    /// Sets an attribute to an array or a map of several types.
    @_disfavoredOverload
    public func setAttribute(_ key: String, _ value: MixedAttributeValue) { setAttribute(key, value.value) }

    /// Sets an attribute to bytes that must be valid UTF-8. If they are few and the key is new, no string is made of them.
    package func setAttribute(_ key: String, utf8 text: [UInt8]) {
        withRecorder { recorder in
            var isSet = false
            text.withUnsafeBufferPointer { text in
                recorder.record { isSet = $0.addNewAttribute(key, utf8: text, $1) }
            }
            if !isSet { setAttribute(key, .string(String(decoding: text, as: UTF8.self))) }
        }
    }

    @inline(__always)
    private func withRecorder(_ body: (SpanRecorder) -> Void) {
        unretainedRecorder?._withUnsafeGuaranteedRef(body)
    }

    /// Sets several attributes at once.
    public func setAttributes(_ attributes: @autoclosure () -> AttributeLiteral) {
        setAttributes(attributes().attributes)
    }

    /// Sets several attributes of any convertible type at once.
    @_disfavoredOverload
    public func setAttributes(_ attributes: @autoclosure () -> Attributes) {
        guard let recorder else { return }
        let attributes = attributes()
        recorder.record { state, limits in
            attributes.forEachEntry { state.setAttribute($0, $1, limits) }
        }
    }

    /// Replaces the name that the span was started with.
    public func updateName(_ name: String) {
        recorder?.record { state, _ in state.name = name }
    }

    /// Adds something that happened, now or at a given time.
    public func addEvent(_ name: String, _ attributes: @autoclosure () -> AttributeLiteral = [:], at time: Timestamp? = nil) {
        addEvent(name, attributes().attributes, at: time)
    }

    /// Adds something that happened, with attributes of any convertible type.
    @_disfavoredOverload
    public func addEvent(_ name: String, _ attributes: @autoclosure () -> Attributes, at time: Timestamp? = nil) {
        guard let recorder else { return }
        let attributes = attributes()
        let nanoseconds = time?.nanosecondsSinceEpoch ?? recorder.nowNanoseconds
        recorder.record { $0.addEvent(name, attributes, nanoseconds: nanoseconds, $1) }
    }

    /// Adds a link to another span. Links given when the span is started can be seen by samplers.
    public func addLink(_ context: SpanContext, _ attributes: @autoclosure () -> Attributes = [:]) {
        guard let recorder else { return }
        let attributes = attributes()
        recorder.record { $0.addLink(context, attributes, $1) }
    }

    /// Adds a link, such as one of another span.
    public func addLink(_ link: SpanLink) { addLink(link.context, link.attributes) }

    /// Adds an event `exception` that describes an error; attributes given here beat the generated ones.
    ///
    /// (Specification: trace API, "Record Exception"; the status is left alone.)
    public func recordException(_ error: any Error, _ attributes: @autoclosure () -> Attributes = [:], at time: Timestamp? = nil) {
        guard isRecording else { return }
        addEvent("exception", Attributes(describing: error).merging(attributes()), at: time)
    }

    /// Sets how the operation ended; by the order ok, error, unset, and ok is final.
    public func setStatus(_ status: SpanStatus) {
        recorder?.record { state, _ in state.setStatus(status) }
    }

    /// Ends the span, now or at a given time. Only the first call counts; children and contexts are left alone.
    public func end(at time: Timestamp? = nil) {
        withRecorder { $0.end(at: time) }
    }

    /// Ends the span, and returns the end of a recorded one: that of the first call.
    func finish(at time: Timestamp?) -> Timestamp? {
        unretainedRecorder?._withUnsafeGuaranteedRef { Timestamp(nanosecondsSinceEpoch: $0.end(at: time)) }
    }

    /// The same with a last attribute, in one section.
    func finish(at time: Timestamp?, with key: String, _ value: AttributeValue) -> Timestamp? {
        unretainedRecorder?._withUnsafeGuaranteedRef { Timestamp(nanosecondsSinceEpoch: $0.end(at: time, with: key, value)) }
    }
}

extension TraceSpan {
    /// All that has been recorded so far, for processors and tests; nil for a span that is not recorded.
    public var snapshot: ReadableSpan? { recorder?.snapshot }
}

extension TraceSpan: CustomStringConvertible {
    public var description: String { "\(context.traceID)-\(context.spanID)" }
}

extension Context {
    /// The span in this context; one with an invalid context when there is none.
    public var span: TraceSpan {
        guard let recorder = node?.recording as? SpanRecorder else { return .nonRecording(spanContext) }
        return TraceSpan(recorder)
    }

    /// This context with another span in it.
    public func with(span: TraceSpan) -> Context {
        Context(node: span.node(extras: node?.extras))
    }
}

extension TraceSpan {
    /// The span as a context; a recording one with unchanged extras is one already.
    fileprivate func node(extras: ContextExtras?) -> ContextNode {
        // Counts one reference, that of the result.
        if let recorder = unretainedRecorder, recorder._withUnsafeGuaranteedRef({ $0.extras === extras }) {
            return recorder.takeUnretainedValue()
        }
        return newNode(extras: extras)
    }

    @inline(never)
    private func newNode(extras: ContextExtras?) -> ContextNode {
        if let extras, extras.isSuppressed { return ContextNode(spanContext: .invalid, extras: extras, mayBringSpan: false) }
        guard let recorder else { return ContextNode(spanContext: context, extras: extras) }
        return DerivedContextNode(spanContext: context, extras: extras, recording: recorder, start: recorder.start)
    }

    /// Records an error that leaves the operation of the span, and ends it.
    @usableFromInline
    func fail(_ error: any Error, below parent: Context) {
        guard let recorder else { return }
        // Cancellation by the caller is no failure of the operation.
        if !(error is CancellationError) {
            recorder.recordThrown(error, below: parent)
            setStatus(.error("\(error)"))
        }
        recorder.end(at: nil)
    }
}

extension SpanRecorder {
    /// Sets any attribute. Static, so that the hot function goes on with it in place of calling it.
    @inline(never)
    fileprivate static func setAttribute(of recorder: SpanRecorder, _ key: String, _ value: AttributeValue) {
        recorder.record { $0.setAttribute(key, value, $1) }
    }

    /// Records an error that leaves the operation of the span, as the provider is set up to.
    func recordThrown(_ error: any Error, below parent: Context) {
        let exceptions = exceptions
        if exceptions.becomeEvents { addEvent("exception", Attributes(describing: error), nanoseconds: nowNanoseconds) }
        guard let report = exceptions.report else { return }
        let isExpected = kind == .client || kind == .producer
        let thrown = ThrownError(error, isExpected: isExpected)
        // Reported once, with the innermost span that it left; again only if an outer span finds it to be worse.
        let isKnown = read { $0.thrown?.includes(thrown) ?? false }
        (parent.node?.recording as? SpanRecorder)?.record { state, _ in state.thrown = isKnown ? state.thrown ?? thrown : thrown }
        if isKnown { return }
        report(
            SpanException(
                error: error, operation: read { $0.name }, isExpected: isExpected, context: parent.with(span: TraceSpan(self)),
                scope: instrumentationScope))
    }
}
