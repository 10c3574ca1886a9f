// What a program has a generative model, an agent or a tool do, as spans and metrics describe it.

/// One operation of a generative model, an agent or a tool.
///
/// ```swift
/// let chat = GenAIOperation(.chat, provider: .openAI, model: "gpt-4o-mini", serverAddress: "api.openai.com")
/// ```
///
/// (Semantic conventions: generative AI spans, in development; agent spans.)
public struct GenAIOperation: Sendable, Hashable {
    /// The kind of an operation, by the name that the semantic conventions give it.
    ///
    /// Any name can be given; those that the conventions know are offered by name.
    public struct Kind: RawRepresentable, Sendable, Hashable {
        public let rawValue: String

        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        public static let chat = Kind(rawValue: "chat")
        public static let generateContent = Kind(rawValue: "generate_content")
        public static let textCompletion = Kind(rawValue: "text_completion")
        public static let embeddings = Kind(rawValue: "embeddings")
        public static let retrieval = Kind(rawValue: "retrieval")
        public static let executeTool = Kind(rawValue: "execute_tool")
        public static let createAgent = Kind(rawValue: "create_agent")
        public static let invokeAgent = Kind(rawValue: "invoke_agent")
        public static let invokeWorkflow = Kind(rawValue: "invoke_workflow")
    }

    /// What a request asks of the model; what is nil was not asked for.
    public struct Settings: Sendable, Hashable {
        public var maximumTokens: Int?
        /// The number of candidates; one goes without saying.
        public var choiceCount: Int?
        public var temperature: Double?
        public var topP: Double?
        public var topK: Double?
        public var frequencyPenalty: Double?
        public var presencePenalty: Double?
        public var stopSequences: [String] = []
        public var seed: Int?
        /// `text`, `json`, `image` or `speech`.
        public var outputType: String?
        /// The formats in which embeddings are wanted.
        public var encodingFormats: [String] = []
        /// The number of dimensions of embeddings.
        public var dimensionCount: Int?

        public init() {}
    }

    /// The tool that an operation executes.
    public struct Tool: Sendable, Hashable {
        public var name: String
        public var callID: String?
        public var description: String?
        /// `function`, `extension` or `datastore`.
        public var type: String?

        public init(_ name: String, callID: String? = nil, description: String? = nil, type: String? = nil) {
            self.name = name
            self.callID = callID
            self.description = description
            self.type = type
        }
    }

    /// The agent that an operation is about.
    public struct Agent: Sendable, Hashable {
        public var name: String?
        public var id: String?
        public var description: String?
        public var version: String?

        public init(_ name: String? = nil, id: String? = nil, description: String? = nil, version: String? = nil) {
            self.name = name
            self.id = id
            self.description = description
            self.version = version
        }
    }

    public var kind: Kind
    /// The provider whose interface is used; nil for tools, and for agents and workflows of one's own.
    ///
    /// All metrics of operations must have it, so that ``GenAIMetrics`` records none without it.
    public var provider: GenAIProvider?
    /// The model that is asked for.
    public var model: String?
    public var settings = Settings()
    /// Whether the response comes in pieces.
    public var isStreaming = false
    public var tool: Tool?
    public var agent: Agent?
    /// The workflow, of several agents or other operations, that an operation invokes.
    public var workflowName: String?
    public var conversationID: String?
    /// The source of data that the agent, the model or the retrieval draws from.
    public var dataSourceID: String?
    /// Whether it runs in this process, as a model of its own or an agent of a framework: its span is internal then.
    ///
    /// The spans of tools and workflows are internal without it.
    public var isLocal = false
    public var serverAddress: String?
    public var serverPort: Int?

    public init(
        _ kind: Kind, provider: GenAIProvider? = nil, model: String? = nil, agent: Agent? = nil, isStreaming: Bool = false,
        serverAddress: String? = nil, serverPort: Int? = nil
    ) {
        self.kind = kind
        self.provider = provider
        self.model = model
        self.agent = agent
        self.isStreaming = isStreaming
        self.serverAddress = serverAddress
        self.serverPort = serverPort
    }

    /// The execution of a tool.
    public init(executing tool: Tool) {
        self.init(.executeTool)
        self.tool = tool
    }

    /// The name of the span: the operation and its tool, agent, workflow or source of data, or else its model.
    public var spanName: String {
        let target =
            switch kind {
            case .executeTool: tool?.name
            case .createAgent, .invokeAgent: agent?.name
            case .invokeWorkflow: workflowName
            case .retrieval: dataSourceID
            default: model
            }
        return target.map { "\(kind.rawValue) \($0)" } ?? kind.rawValue
    }

    /// The kind of the span.
    public var spanKind: SpanKind { isLocal || kind == .executeTool || kind == .invokeWorkflow ? .internal : .client }

    /// The attributes at the start of the span, which samplers see.
    public var attributes: Attributes {
        var attributes = metricAttributes
        addSettings(to: &attributes)
        if isStreaming { attributes[SemanticAttributes.GenAI.requestStream] = true }
        attributes[SemanticAttributes.GenAI.conversationID] = conversationID.map { .string($0) }
        attributes[SemanticAttributes.GenAI.workflowName] = workflowName.map { .string($0) }
        attributes[SemanticAttributes.GenAI.dataSourceID] = dataSourceID.map { .string($0) }
        if let tool {
            attributes[SemanticAttributes.GenAI.toolName] = .string(tool.name)
            attributes[SemanticAttributes.GenAI.toolCallID] = tool.callID.map { .string($0) }
            attributes[SemanticAttributes.GenAI.toolDescription] = tool.description.map { .string($0) }
            attributes[SemanticAttributes.GenAI.toolType] = tool.type.map { .string($0) }
        }
        if let agent {
            attributes[SemanticAttributes.GenAI.agentName] = agent.name.map { .string($0) }
            attributes[SemanticAttributes.GenAI.agentID] = agent.id.map { .string($0) }
            attributes[SemanticAttributes.GenAI.agentDescription] = agent.description.map { .string($0) }
            attributes[SemanticAttributes.GenAI.agentVersion] = agent.version.map { .string($0) }
        }
        return attributes
    }

    private func addSettings(to attributes: inout Attributes) {
        attributes[SemanticAttributes.GenAI.requestMaxTokens] = settings.maximumTokens.map { AttributeValue($0) }
        if settings.choiceCount != 1 {
            attributes[SemanticAttributes.GenAI.requestChoiceCount] = settings.choiceCount.map { AttributeValue($0) }
        }
        attributes[SemanticAttributes.GenAI.requestTemperature] = settings.temperature.map { .double($0) }
        attributes[SemanticAttributes.GenAI.requestTopP] = settings.topP.map { .double($0) }
        attributes[SemanticAttributes.GenAI.requestTopK] = settings.topK.map { .double($0) }
        attributes[SemanticAttributes.GenAI.requestFrequencyPenalty] = settings.frequencyPenalty.map { .double($0) }
        attributes[SemanticAttributes.GenAI.requestPresencePenalty] = settings.presencePenalty.map { .double($0) }
        if !settings.stopSequences.isEmpty {
            attributes[SemanticAttributes.GenAI.requestStopSequences] = AttributeValue(settings.stopSequences)
        }
        attributes[SemanticAttributes.GenAI.requestSeed] = settings.seed.map { AttributeValue($0) }
        attributes[SemanticAttributes.GenAI.outputType] = settings.outputType.map { .string($0) }
        if !settings.encodingFormats.isEmpty {
            attributes[SemanticAttributes.GenAI.requestEncodingFormats] = AttributeValue(settings.encodingFormats)
        }
        attributes[SemanticAttributes.GenAI.embeddingsDimensionCount] = settings.dimensionCount.map { AttributeValue($0) }
    }

    /// The attributes that all metrics of the operation have, which have few values.
    var metricAttributes: Attributes {
        var attributes: Attributes = [SemanticAttributes.GenAI.operationName: .string(kind.rawValue)]
        attributes[SemanticAttributes.GenAI.providerName] = provider.map { .string($0.rawValue) }
        attributes[SemanticAttributes.GenAI.requestModel] = model.map { .string($0) }
        attributes[SemanticAttributes.Server.address] = serverAddress.map { .string($0) }
        if serverAddress != nil { attributes[SemanticAttributes.Server.port] = serverPort.map { AttributeValue($0) } }
        return attributes
    }
}
