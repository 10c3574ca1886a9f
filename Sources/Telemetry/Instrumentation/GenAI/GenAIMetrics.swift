// The metrics of operations of generative models.

/// The metrics of a program that uses generative models, after the semantic conventions for generative AI.
///
/// Made once, and given along with each operation that gets a span; sampled or not, every operation of a provider counts. Without a provider, which
/// each of the metrics must name, nothing is recorded.
///
/// (Semantic conventions: generative AI metrics, in development.)
public struct GenAIMetrics: Sendable {
    /// The advised boundaries, in seconds.
    static let durationBoundaries = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]
    static let tokenBoundaries: [Double] = [
        1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864,
    ]

    private let duration: Histogram<Double>
    private let tokens: Histogram<Int>
    private let firstChunk: Histogram<Double>
    private let laterChunks: Histogram<Double>

    /// - Parameter meter: that of the library that talks to the models.
    public init(_ meter: Meter) {
        func seconds(_ name: String, _ description: String) -> Histogram<Double> {
            meter.histogram(name, unit: "s", description: description, boundaries: Self.durationBoundaries)
        }
        duration = seconds(SemanticMetrics.GenAI.clientOperationDuration, "GenAI operation duration.")
        tokens = meter.histogram(
            SemanticMetrics.GenAI.clientTokenUsage, of: Int.self, unit: "{token}", description: "Number of input and output tokens used.",
            boundaries: Self.tokenBoundaries)
        firstChunk = seconds(
            SemanticMetrics.GenAI.clientOperationTimeToFirstChunk, "Time to receive the first chunk of a streamed response.")
        laterChunks = seconds(
            SemanticMetrics.GenAI.clientOperationTimePerOutputChunk, "Time between the chunks of a streamed response.")
    }

    /// Records an operation that was done without a span of this library.
    ///
    /// - Parameters:
    ///   - response: what the model says of its answer.
    ///   - duration: as the caller saw it; that of the span, if another library made one.
    ///   - errorCode: the provider's code for a failure; without one the type of the error stands for it.
    ///   - error: what kept the operation from being done. Cancelling on purpose is no failure.
    ///   - context: the context for exemplars; by default the current context.
    public func record(
        _ operation: GenAIOperation, _ response: GenAIResponse = GenAIResponse(), duration: Duration, errorCode: String? = nil,
        error: (any Error)? = nil, context: Context? = nil
    ) {
        record(operation, response, GenAIOutcome(errorCode: errorCode, error: error), seconds: duration.inSeconds, context)
    }

    /// Records a piece of a streamed response of an operation without a span of this library.
    ///
    /// - Parameters:
    ///   - duration: the time since the operation began for the first piece, since the piece before for others.
    ///   - context: the context for exemplars; by default the current context.
    public func recordChunk(of operation: GenAIOperation, after duration: Duration, isFirst: Bool, context: Context? = nil) {
        recordChunk(of: operation, seconds: duration.inSeconds, isFirst: isFirst, context)
    }
}

extension GenAIMetrics {
    /// Begins to measure an operation; nil if nothing is recorded of it.
    func measurement(
        of operation: GenAIOperation, start: @autoclosure () -> SpanStart, clock: TelemetryClock
    ) -> ExchangeMeasurement? {
        let isEnabled = [duration.isEnabled, tokens.isEnabled, firstChunk.isEnabled, laterChunks.isEnabled].contains(true)
        return isEnabled && operation.provider != nil ? ExchangeMeasurement(start: start(), clock: clock) : nil
    }

    /// Records a piece of a streamed response.
    func recordChunk(of operation: GenAIOperation, seconds: Double, isFirst: Bool, _ context: Context?) {
        guard operation.provider != nil else { return }
        (isFirst ? firstChunk : laterChunks).record(seconds, operation.metricAttributes, context: context)
    }

    /// Records an operation that has ended.
    func record(_ operation: GenAIOperation, _ response: GenAIResponse, _ outcome: GenAIOutcome, seconds: Double, _ context: Context?) {
        guard operation.provider != nil else { return }
        var attributes = operation.metricAttributes
        attributes[SemanticAttributes.GenAI.responseModel] = response.model.map { .string($0) }
        for (type, count) in [("input", response.inputTokens), ("output", response.outputTokens)] {
            guard let count else { continue }
            attributes[SemanticAttributes.GenAI.tokenType] = .string(type)
            tokens.record(count, attributes, context: context)
        }
        attributes[SemanticAttributes.GenAI.tokenType] = nil
        attributes[SemanticAttributes.Error.type] = outcome.errorType.map { .string($0) }
        duration.record(seconds, attributes, context: context)
    }
}
