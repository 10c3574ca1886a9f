// The spans of operations of generative models, agents and tools, and with them their part in the metrics.

/// The span of one operation of a generative model, an agent or a tool.
public struct GenAISpan: Sendable {
    /// The span itself, for attributes and events of your own.
    public let span: TraceSpan
    /// The context of the caller with the span of the operation.
    public let context: Context
    private let operation: GenAIOperation
    private let areContentsRecorded: Bool
    private let clock: ExchangeClock
    private let progress: Progress
    private let metrics: GenAIMetrics?
    /// Nil if nothing is measured.
    private let measurement: ExchangeMeasurement?

    /// What copies of the span share.
    private final class Progress: Sendable {
        /// When the latest piece of a streamed response came.
        let latestChunk = Locked<Timestamp?>(nil)
    }

    fileprivate init(
        _ span: TraceSpan, _ context: Context, _ operation: GenAIOperation, _ areContentsRecorded: Bool, _ clock: ExchangeClock,
        _ metrics: GenAIMetrics?, _ measurement: ExchangeMeasurement?
    ) {
        self.span = span
        self.context = context
        self.operation = operation
        self.areContentsRecorded = areContentsRecorded
        self.clock = clock
        self.metrics = metrics
        self.measurement = measurement
        progress = Progress()
    }

    /// Whether contents are recorded, for callers that would have to make them.
    public var recordsContents: Bool { areContentsRecorded && span.isRecording }

    /// Records the messages given to the model, in the form of the conventions (a list of `role` and `parts`), if contents are recorded.
    public func setInputMessages(_ messages: @autoclosure () -> AttributeValue) {
        set(SemanticAttributes.GenAI.inputMessages, messages())
    }

    /// Records the messages of the model, in the form of the conventions, if contents are recorded.
    public func setOutputMessages(_ messages: @autoclosure () -> AttributeValue) {
        set(SemanticAttributes.GenAI.outputMessages, messages())
    }

    /// Records the instructions that are not part of the messages, if contents are recorded.
    public func setSystemInstructions(_ instructions: @autoclosure () -> AttributeValue) {
        set(SemanticAttributes.GenAI.systemInstructions, instructions())
    }

    /// Records the tools that the model may use, if contents are recorded.
    public func setToolDefinitions(_ definitions: @autoclosure () -> AttributeValue) {
        set(SemanticAttributes.GenAI.toolDefinitions, definitions())
    }

    /// Records the arguments of a tool's call, if contents are recorded.
    public func setToolArguments(_ arguments: @autoclosure () -> AttributeValue) {
        set(SemanticAttributes.GenAI.toolCallArguments, arguments())
    }

    /// Records the result of a tool's call, if contents are recorded.
    public func setToolResult(_ result: @autoclosure () -> AttributeValue) { set(SemanticAttributes.GenAI.toolCallResult, result()) }

    private func set(_ key: String, _ value: @autoclosure () -> AttributeValue) { if recordsContents { span[key] = value() } }

    /// Records that a piece of a streamed response has come.
    ///
    /// The first is recorded by the time that the response took to begin, others by the time since the one before.
    public func recordChunk() {
        let now = clock.now
        let before = progress.latestChunk.withLock { latest in
            defer { latest = now }
            return latest
        }
        let start = before?.nanosecondsSinceEpoch ?? clock.start.nanoseconds
        let seconds = Double(max(now.nanosecondsSinceEpoch, start) - start) / 1e9
        if before == nil { span[SemanticAttributes.GenAI.responseTimeToFirstChunk] = .double(seconds) }
        metrics?.recordChunk(of: operation, seconds: seconds, isFirst: before == nil, context)
    }

    /// Ends the span and records the operation in the metrics; only the first call has an effect. An explicit status is kept.
    ///
    /// - Parameters:
    ///   - response: what the model says of its answer.
    ///   - errorCode: the provider's code for a failure, such as `rate_limit_exceeded`; without one the type of the error stands for it.
    ///   - error: what kept the operation from being done. Cancelling on purpose is no failure.
    public func finish(_ response: GenAIResponse = GenAIResponse(), errorCode: String? = nil, error: (any Error)? = nil) {
        let outcome = GenAIOutcome(errorCode: errorCode, error: error)
        var attributes = response.attributes
        attributes[SemanticAttributes.Error.type] = outcome.errorType.map { .string($0) }
        span.recordOutcome(attributes, outcome.status, error is CancellationError ? nil : error)
        guard let seconds = span.end(with: measurement) else { return }
        metrics?.record(operation, response, outcome, seconds: seconds, context)
    }
}

extension Tracer {
    /// Starts the span of an operation; end it with ``GenAISpan/finish(_:errorCode:error:)``.
    ///
    /// - Parameters:
    ///   - contents: whether the span has messages and the like.
    ///   - metrics: record the operation if it has a provider, whether its span is sampled or not; the measured duration is that of the span.
    public func startGenAISpan(
        _ operation: GenAIOperation, parent: Context = .current, contents: GenAIContents = .standard, metrics: GenAIMetrics? = nil,
        startTime: Timestamp? = nil
    ) -> GenAISpan {
        let span = startSpan(
            operation.spanName, kind: operation.spanKind, parent: parent, operation.attributes, startTime: startTime)
        let start = span.recordedStart ?? clock.spanStart(below: parent.node, at: startTime)
        let measurement = metrics?.measurement(of: operation, start: start, clock: clock)
        return GenAISpan(
            span, parent.with(span: span), operation, contents.areRecorded(by: instrumentation), ExchangeClock(start: start, clock: clock),
            metrics, measurement)
    }

    /// Does an operation inside its span: makes it current, records a thrown error, ends the span.
    ///
    /// ```swift
    /// let answer = try await tracer.withGenAISpan(chat, metrics: metrics) { chatting in
    ///     let answer = try await model.answer(to: question)
    ///     chatting.finish(GenAIResponse(model: answer.model, inputTokens: answer.inputTokens, outputTokens: answer.outputTokens))
    ///     return answer
    /// }
    /// ```
    ///
    /// - Parameter errorCode: the provider's code of a thrown error.
    public nonisolated(nonsending) func withGenAISpan<Result, Failure: Error>(
        _ operation: GenAIOperation, parent: Context = .current, contents: GenAIContents = .standard, metrics: GenAIMetrics? = nil,
        errorCode: (Failure) -> String? = { _ in nil }, _ body: nonisolated(nonsending) (GenAISpan) async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        let span = startGenAISpan(operation, parent: parent, contents: contents, metrics: metrics)
        do throws(Failure) {
            let result = try await span.context.run { () async throws(Failure) in try await body(span) }
            span.finish()
            return result
        } catch {
            span.finish(errorCode: errorCode(error), error: error)
            throw error
        }
    }
}
