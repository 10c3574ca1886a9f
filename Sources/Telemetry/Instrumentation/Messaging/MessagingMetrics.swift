// The metrics of operations on messages.

/// The metrics of a program that sends or consumes messages, after the semantic conventions for messaging.
///
/// Made once, and given along with each operation that gets a span; sampled or not, every operation counts. Processing has a histogram of its own,
/// `messaging.process.duration`; the other operations are in `messaging.client.operation.duration`. (Semantic conventions: messaging metrics.)
public struct MessagingMetrics: Sendable {
    /// The advised boundaries, in seconds.
    static let durationBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

    private let operationDuration: Histogram<Double>
    private let processDuration: Histogram<Double>
    private let sent: Counter<Int>
    private let consumed: Counter<Int>

    /// - Parameter meter: that of the library that talks to the broker.
    public init(_ meter: Meter) {
        operationDuration = meter.histogram(
            SemanticMetrics.Messaging.clientOperationDuration, unit: "s",
            description: "Duration of messaging operation initiated by a producer or consumer client.", boundaries: Self.durationBoundaries)
        processDuration = meter.histogram(
            SemanticMetrics.Messaging.processDuration, unit: "s", description: "Duration of processing operation.",
            boundaries: Self.durationBoundaries)
        sent = meter.counter(
            SemanticMetrics.Messaging.clientSentMessages, unit: "{message}",
            description: "Number of messages producer attempted to send to the broker.")
        consumed = meter.counter(
            SemanticMetrics.Messaging.clientConsumedMessages, unit: "{message}",
            description: "Number of messages that were delivered to the application.")
    }

    /// Begins to measure an operation; nil if nothing is recorded of it.
    func measurement(
        of operation: MessagingOperation, start: @autoclosure () -> SpanStart, clock: TelemetryClock
    ) -> ExchangeMeasurement? {
        let isEnabled = operationDuration.isEnabled || processDuration.isEnabled || sent.isEnabled || consumed.isEnabled
        guard operation.kind != .create, isEnabled else { return nil }
        return ExchangeMeasurement(start: start(), clock: clock)
    }

    /// Records an operation that has ended.
    ///
    /// - Parameters:
    ///   - messageCount: the number of messages, if it became known after the start.
    ///   - errorType: a word with few values for its failure; nil if it succeeded.
    func record(_ operation: MessagingOperation, messageCount: Int?, seconds: Double, errorType: String?, _ context: Context) {
        var entries = operation.metricEntries
        if let errorType { entries.append((SemanticAttributes.Error.type, .string(errorType))) }
        let count = messageCount ?? operation.batchMessageCount ?? 1
        // Attempts count, those that failed included.
        if operation.kind == .send { sent.add(count, Attributes(unique: entries), context: context) }
        if let group = operation.consumerGroup { entries.append((SemanticAttributes.Messaging.consumerGroupName, .string(group))) }
        if let subscription = operation.subscription {
            entries.append((SemanticAttributes.Messaging.destinationSubscriptionName, .string(subscription)))
        }
        if operation.kind == .process { processDuration.record(seconds, Attributes(unique: entries), context: context) }
        // A message that was received is not counted again when it is processed.
        if operation.kind == .receive || (operation.kind == .process && operation.isPushed), count > 0 {
            consumed.add(count, Attributes(unique: entries), context: context)
        }
        guard operation.kind != .process else { return }
        entries.append((SemanticAttributes.Messaging.operationType, .string(operation.kind.rawValue)))
        operationDuration.record(seconds, Attributes(unique: entries), context: context)
    }
}
