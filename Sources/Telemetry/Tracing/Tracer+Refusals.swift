// Refuses wrong calls of tracers and spans by messages that say what to write.

extension Tracer {
    /// Refuses a bare array or map of several types; see ``MixedAttributeLiteral``.
    @_disfavoredOverload
    @available(*, unavailable, message: "An array or a map of several types is written .array([…]) or .map([…]), of convertible values.")
    public func startSpan(
        _ name: String, kind: SpanKind = .internal, parent: Context = .current, _ attributes: @autoclosure () -> MixedAttributeLiteral,
        links: [SpanLink] = [], startTime: Timestamp? = nil
    ) -> TraceSpan { .nonRecording(.invalid) }

    /// Refuses a bare array or map of several types; see ``MixedAttributeLiteral``.
    @_disfavoredOverload
    @available(*, unavailable, message: "An array or a map of several types is written .array([…]) or .map([…]), of convertible values.")
    public func withSpan<Result, Failure: Error>(
        _ name: String, kind: SpanKind = .internal, parent: Context = .current, _ attributes: @autoclosure () -> MixedAttributeLiteral,
        links: [SpanLink] = [], startTime: Timestamp? = nil, _ operation: (TraceSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result { try operation(.nonRecording(.invalid)) }

    /// Refuses a bare array or map of several types; see ``MixedAttributeLiteral``.
    @_disfavoredOverload
    @available(*, unavailable, message: "An array or a map of several types is written .array([…]) or .map([…]), of convertible values.")
    public nonisolated(nonsending) func withSpan<Result, Failure: Error>(
        _ name: String, kind: SpanKind = .internal, parent: Context = .current, _ attributes: @autoclosure () -> MixedAttributeLiteral,
        links: [SpanLink] = [], startTime: Timestamp? = nil,
        _ operation: nonisolated(nonsending) (TraceSpan) async throws(Failure) -> Result
    ) async throws(Failure) -> Result { try await operation(.nonRecording(.invalid)) }
}

extension TraceSpan {
    /// Refuses a value that is not convertible.
    @_disfavoredOverload
    @available(
        *, unavailable, message: "A type of your own conforms to AttributeValueConvertible; a UUID or URL is given as its text, \"\\(id)\"."
    )
    public subscript<Value>(key: String) -> Value? {
        get { nil }
        nonmutating set {}
    }

    /// Refuses a bare array or map of several types; see ``MixedAttributeLiteral``.
    @_disfavoredOverload
    @available(*, unavailable, message: "An array or a map of several types is written .array([…]) or .map([…]), of convertible values.")
    public func setAttributes(_ attributes: @autoclosure () -> MixedAttributeLiteral) {}

    /// Refuses a bare array or map of several types; see ``MixedAttributeLiteral``.
    @_disfavoredOverload
    @available(*, unavailable, message: "An array or a map of several types is written .array([…]) or .map([…]), of convertible values.")
    public func addEvent(_ name: String, _ attributes: @autoclosure () -> MixedAttributeLiteral, at time: Timestamp? = nil) {}

    /// Refuses the name that swift-distributed-tracing has.
    @available(*, unavailable, renamed: "recordException(_:_:)")
    public func recordError(_ error: any Error, _ attributes: @autoclosure () -> Attributes = [:]) {}
}

extension EndingSpan {
    /// Refuses a value that is not convertible.
    @_disfavoredOverload
    @available(
        *, unavailable, message: "A type of your own conforms to AttributeValueConvertible; a UUID or URL is given as its text, \"\\(id)\"."
    )
    public subscript<Value>(key: String) -> Value? {
        get { nil }
        nonmutating set {}
    }
}
