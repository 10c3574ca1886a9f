// The handle of a span for processors that change it at its end.

/// A span that is about to end: only the processor that is being called can change it, and only until it returns.
///
/// It can neither be copied nor kept, and every other handle of the span finds it ended: so no other thread can write.
public struct EndingSpan: ~Copyable {
    private let recorder: SpanRecorder

    init(_ recorder: SpanRecorder) {
        self.recorder = recorder
    }

    /// The handle that the program has; through it the span has ended already.
    public var span: TraceSpan { TraceSpan(recorder) }

    /// The identity of the span.
    public var context: SpanContext { recorder.spanContext }

    /// All that has been recorded so far, including the changes of earlier processors.
    public var snapshot: ReadableSpan { recorder.snapshot }

    /// The value of an attribute. Setting a key again replaces its value; setting nil does nothing.
    public subscript(key: String) -> AttributeValue? {
        get { recorder.read { $0.attribute(key) } }
        nonmutating set { if let newValue { setAttribute(key, newValue) } }
    }

    /// Sets an attribute to anything convertible; setting nil does nothing.
    @_disfavoredOverload
    public subscript<Value: AttributeValueConvertible>(key: String) -> Value? {
        @available(*, unavailable, message: "An attribute is an AttributeValue: annotate it, use .stringValue, compare AttributeValue(x).")
        get { nil }
        nonmutating set { if let value = newValue?.attributeValue { setAttribute(key, value) } }
    }

    /// Sets an attribute to an array or a map of several types: `span["list"] = [count, name]`.
    @_disfavoredOverload
    public subscript(key: String) -> MixedAttributeValue? {
        @available(*, unavailable, message: "An attribute is an AttributeValue: annotate it, use .stringValue, compare AttributeValue(x).")
        get { nil }
        nonmutating set { if let value = newValue?.value { setAttribute(key, value) } }
    }

    /// Sets an attribute; a key that was set before takes the new value.
    public func setAttribute(_ key: String, _ value: AttributeValue) {
        recorder.recordWhileEnding { $0.setAttribute(key, value, $1) }
    }

    /// Sets an attribute to anything convertible; nil does nothing.
    @_disfavoredOverload
    public func setAttribute(_ key: String, _ value: some AttributeValueConvertible) {
        if let value = value.attributeValue { setAttribute(key, value) }
    }

    /// Sets an attribute to an array or a map of several types.
    @_disfavoredOverload
    public func setAttribute(_ key: String, _ value: MixedAttributeValue) { setAttribute(key, value.value) }

    /// Sets several attributes at once.
    public func setAttributes(_ attributes: Attributes) {
        recorder.recordWhileEnding { state, limits in
            attributes.forEachEntry { state.setAttribute($0, $1, limits) }
        }
    }

    /// Replaces the name.
    public func updateName(_ name: String) {
        recorder.recordWhileEnding { state, _ in state.name = name }
    }

    /// Adds something that happened, now or at a given time.
    public func addEvent(_ name: String, _ attributes: Attributes = [:], at time: Timestamp? = nil) {
        let nanoseconds = time?.nanosecondsSinceEpoch ?? recorder.nowNanoseconds
        recorder.recordWhileEnding { $0.addEvent(name, attributes, nanoseconds: nanoseconds, $1) }
    }

    /// Adds an event `exception` that describes an error; attributes given here beat the generated ones.
    public func recordException(_ error: any Error, _ attributes: Attributes = [:], at time: Timestamp? = nil) {
        addEvent("exception", Attributes(describing: error).merging(attributes), at: time)
    }

    /// Adds a link to another span.
    public func addLink(_ context: SpanContext, _ attributes: Attributes = [:]) {
        recorder.recordWhileEnding { $0.addLink(context, attributes, $1) }
    }

    /// Adds a link, such as one of another span.
    public func addLink(_ link: SpanLink) { addLink(link.context, link.attributes) }

    /// Sets how the operation ended; by the order ok, error, unset, and ok is final.
    public func setStatus(_ status: SpanStatus) {
        recorder.recordWhileEnding { state, _ in state.setStatus(status) }
    }
}
