// What a generative model says of its answer.

/// The answer of a model, but for its contents; what is nil is not known.
public struct GenAIResponse: Sendable, Hashable {
    public var id: String?
    /// The model that has answered, which may be more exact than the one that was asked for.
    public var model: String?
    /// Why the model stopped, for each choice.
    public var finishReasons: [String] = []
    /// The tokens of the input, those from the provider's cache included.
    public var inputTokens: Int?
    /// The tokens of the input that came from the provider's cache.
    public var cachedInputTokens: Int?
    /// The tokens of the input that were written to the provider's cache.
    public var cacheCreationTokens: Int?
    /// The tokens of the answer, those for reasoning included.
    public var outputTokens: Int?
    /// The tokens that were used for reasoning.
    public var reasoningTokens: Int?

    public init(
        id: String? = nil, model: String? = nil, finishReasons: [String] = [], inputTokens: Int? = nil, outputTokens: Int? = nil
    ) {
        self.id = id
        self.model = model
        self.finishReasons = finishReasons
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
    }

    var attributes: Attributes {
        var attributes: Attributes = [:]
        attributes[SemanticAttributes.GenAI.responseID] = id.map { .string($0) }
        attributes[SemanticAttributes.GenAI.responseModel] = model.map { .string($0) }
        if !finishReasons.isEmpty { attributes[SemanticAttributes.GenAI.responseFinishReasons] = AttributeValue(finishReasons) }
        attributes[SemanticAttributes.GenAI.usageInputTokens] = inputTokens.map { AttributeValue($0) }
        attributes[SemanticAttributes.GenAI.usageCacheReadInputTokens] = cachedInputTokens.map { AttributeValue($0) }
        attributes[SemanticAttributes.GenAI.usageCacheCreationInputTokens] = cacheCreationTokens.map { AttributeValue($0) }
        attributes[SemanticAttributes.GenAI.usageOutputTokens] = outputTokens.map { AttributeValue($0) }
        attributes[SemanticAttributes.GenAI.usageReasoningOutputTokens] = reasoningTokens.map { AttributeValue($0) }
        return attributes
    }
}
