// The spans of operations on messages, and with them their part in the metrics.

/// The span of one operation on messages.
public struct MessagingSpan: Sendable {
    /// All that the span refers to, in one object: a copy of the handle would count a reference to each text of the operation.
    private final class Exchange: Sendable {
        let span: TraceSpan
        let context: Context
        let operation: MessagingOperation
        let metrics: MessagingMetrics?
        /// Nil if nothing is measured.
        let measurement: ExchangeMeasurement?

        init(
            _ span: TraceSpan, _ context: Context, _ operation: MessagingOperation, _ metrics: MessagingMetrics?,
            _ measurement: ExchangeMeasurement?
        ) {
            self.span = span
            self.context = context
            self.operation = operation
            self.metrics = metrics
            self.measurement = measurement
        }
    }

    private let exchange: Exchange

    /// The span itself, for attributes and events of your own.
    public var span: TraceSpan { exchange.span }
    /// The context of the caller with the span of the operation; a sender injects it into its message.
    public var context: Context { exchange.context }

    fileprivate init(
        _ span: TraceSpan, _ context: Context, _ operation: MessagingOperation,
        _ metrics: MessagingMetrics?, _ measurement: ExchangeMeasurement?
    ) {
        exchange = Exchange(span, context, operation, metrics, measurement)
    }

    /// Ends the span and counts the operation in the metrics; only the first call has an effect. An explicit status is kept.
    ///
    /// - Parameters:
    ///   - messageID: the identifier that the broker has given to a single message.
    ///   - messageCount: the number of messages that a receiving operation has brought.
    ///   - error: the error of the operation. Cancellation is not recorded as an error.
    public func finish(messageID: String? = nil, messageCount: Int? = nil, error: (any Error)? = nil) {
        let error = error is CancellationError ? nil : error
        let errorType = error.map { ErrorType.name(of: $0) }
        let exchange = exchange
        let span = exchange.span
        if let messageID { span[SemanticAttributes.Messaging.messageID] = .string(messageID) }
        if let messageCount { span[SemanticAttributes.Messaging.batchMessageCount] = AttributeValue(messageCount) }
        if let errorType { span[SemanticAttributes.Error.type] = .string(errorType) }
        if let error { span.recordOutcome([:], .error(String(describing: error)), error) }
        guard let seconds = span.end(with: exchange.measurement) else { return }
        exchange.metrics?.record(
            exchange.operation, messageCount: messageCount, seconds: seconds, errorType: errorType, exchange.context)
    }
}

/// How the span of an operation on messages is tied to the spans that have sent them.
public enum MessagingCorrelation: Sendable, Hashable {
    /// By a link to each, whatever the number of messages: the span stays in the trace of the caller.
    case links
    /// As the child of the one that has sent the only message, and by a link to it, so that one trace goes through the broker. The
    /// span of the caller is linked too. Several messages are linked.
    case parent
}

extension Tracer {
    /// Starts the span of an operation on messages; end it with ``MessagingSpan/finish(messageID:messageCount:error:)``.
    ///
    /// - Parameters:
    ///   - messages: the contexts that were extracted from the messages.
    ///   - metrics: where the operation counts, whether its span is sampled or not; the measured duration is that of the span.
    public func startMessagingSpan(
        _ operation: MessagingOperation, parent: Context = .current, messages: [Context] = [], correlation: MessagingCorrelation = .links,
        metrics: MessagingMetrics? = nil, startTime: Timestamp? = nil
    ) -> MessagingSpan {
        let senders = messages.map(\.spanContext).filter(\.isValid)
        var (parent, links) = (parent, senders.map { SpanLink($0) })
        if correlation == .parent, messages.count == 1, senders.count == 1 {
            if parent.spanContext.isValid { links.append(SpanLink(parent.spanContext)) }
            parent = messages[0]
        }
        let span = startSpan(
            operation.spanName, kind: operation.spanKind, parent: parent, operation.attributes, links: links, startTime: startTime)
        let measurement = metrics?.measurement(
            of: operation, start: span.recordedStart ?? clock.spanStart(below: parent.node, at: startTime), clock: clock)
        return MessagingSpan(span, parent.with(span: span), operation, metrics, measurement)
    }

    /// Performs an operation on messages inside its span: makes it current, records a thrown error, ends the span.
    ///
    /// ```swift
    /// try await tracer.withMessagingSpan(publish, metrics: metrics) { sending in
    ///     telemetry.propagator.inject(sending.context, into: &message.attributes)
    ///     return try await topic.publish(message)
    /// }
    /// ```
    ///
    /// - Parameter messages: the contexts that were extracted from the messages.
    public nonisolated(nonsending) func withMessagingSpan<Result, Failure: Error>(
        _ operation: MessagingOperation, parent: Context = .current, messages: [Context] = [], correlation: MessagingCorrelation = .links,
        metrics: MessagingMetrics? = nil, _ body: nonisolated(nonsending) (MessagingSpan) async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        let messaging = startMessagingSpan(operation, parent: parent, messages: messages, correlation: correlation, metrics: metrics)
        do throws(Failure) {
            let result = try await messaging.context.run { () async throws(Failure) in try await body(messaging) }
            messaging.finish()
            return result
        } catch {
            messaging.finish(error: error)
            throw error
        }
    }
}
