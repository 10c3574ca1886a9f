// Hot: runs an operation inside a span.

extension Tracer {
    /// Runs an operation inside a new span: makes it current, records a thrown error, ends it and restores the context.
    ///
    /// An error that the operation throws is recorded, as an event or as the ``ExceptionSignal`` says, and sets the status, except
    /// `CancellationError`. The parameters are those of `startSpan`.
    /// Inlinable, since the operation then costs no closure: about a thousand instructions a call.
    @inlinable
    public func withSpan<Result, Failure: Error>(
        _ name: String, kind: SpanKind = .internal, parent: Context = .current, _ attributes: @autoclosure () -> AttributeLiteral = [:],
        links: [SpanLink] = [], startTime: Timestamp? = nil, _ operation: (TraceSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try startSpan(name, kind: kind, parent: parent, attributes(), links: links, startTime: startTime).enclose(operation, below: parent)
    }

    /// Runs an operation inside a new span, with attributes of any convertible type.
    @inlinable @_disfavoredOverload
    public func withSpan<Result, Failure: Error>(
        _ name: String, kind: SpanKind = .internal, parent: Context = .current, _ attributes: @autoclosure () -> Attributes,
        links: [SpanLink] = [], startTime: Timestamp? = nil, _ operation: (TraceSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try startSpan(name, kind: kind, parent: parent, attributes(), links: links, startTime: startTime).enclose(operation, below: parent)
    }

    /// Runs an asynchronous operation inside a new span. It stays on the caller's actor, and child tasks see the span.
    @inlinable
    public nonisolated(nonsending) func withSpan<Result, Failure: Error>(
        _ name: String, kind: SpanKind = .internal, parent: Context = .current, _ attributes: @autoclosure () -> AttributeLiteral = [:],
        links: [SpanLink] = [], startTime: Timestamp? = nil,
        _ operation: nonisolated(nonsending) (TraceSpan) async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        let span = startSpan(name, kind: kind, parent: parent, attributes(), links: links, startTime: startTime)
        return try await span.enclose(operation, below: parent)
    }

    /// Runs an asynchronous operation inside a new span, with attributes of any convertible type.
    @inlinable @_disfavoredOverload
    public nonisolated(nonsending) func withSpan<Result, Failure: Error>(
        _ name: String, kind: SpanKind = .internal, parent: Context = .current, _ attributes: @autoclosure () -> Attributes,
        links: [SpanLink] = [], startTime: Timestamp? = nil,
        _ operation: nonisolated(nonsending) (TraceSpan) async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        let span = startSpan(name, kind: kind, parent: parent, attributes(), links: links, startTime: startTime)
        return try await span.enclose(operation, below: parent)
    }
}

extension TraceSpan {
    /// Runs an operation with the span as the current one, and ends the span.
    @inlinable @inline(__always)
    func enclose<Result, Failure: Error>(
        _ operation: (TraceSpan) throws(Failure) -> Result, below parent: Context
    ) throws(Failure) -> Result {
        do throws(Failure) {
            let result = try parent.with(span: self).run { () throws(Failure) in try operation(self) }
            end()
            return result
        } catch {
            fail(error, below: parent)
            throw error
        }
    }

    /// Runs an asynchronous operation with the span as the current one, and ends the span.
    @inlinable @inline(__always)
    nonisolated(nonsending) func enclose<Result, Failure: Error>(
        _ operation: nonisolated(nonsending) (TraceSpan) async throws(Failure) -> Result, below parent: Context
    ) async throws(Failure) -> Result {
        do throws(Failure) {
            let result = try await parent.with(span: self).run { () async throws(Failure) in try await operation(self) }
            end()
            return result
        } catch {
            fail(error, below: parent)
            throw error
        }
    }
}
