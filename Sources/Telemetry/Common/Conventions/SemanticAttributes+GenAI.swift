// The attributes of operations of generative models: written by Documentation/Conventions/generate.py.

extension SemanticAttributes {
    /// The keys `gen_ai.*`.
    public enum GenAI {
        /// The kind of operation (`chat`, `embeddings`, `execute_tool`, `invoke_agent`). (String, development.)
        @inlinable public static var operationName: String { "gen_ai.operation.name" }

        /// The provider whose interface is used (`openai`, `aws.bedrock`). (String, development.)
        @inlinable public static var providerName: String { "gen_ai.provider.name" }

        /// The conversation that the operation is part of. (String, development.)
        @inlinable public static var conversationID: String { "gen_ai.conversation.id" }

        /// The kind of output that was asked for: `text`, `json`, `image` or `speech`. (String, development.)
        @inlinable public static var outputType: String { "gen_ai.output.type" }

        /// The model that was asked for. (String, development.)
        @inlinable public static var requestModel: String { "gen_ai.request.model" }

        /// The largest number of tokens that the model may generate. (Int, development.)
        @inlinable public static var requestMaxTokens: String { "gen_ai.request.max_tokens" }

        /// The number of candidates that were asked for, if it is not one. (Int, development.)
        @inlinable public static var requestChoiceCount: String { "gen_ai.request.choice.count" }

        /// The temperature of the sampling. (Double, development.)
        @inlinable public static var requestTemperature: String { "gen_ai.request.temperature" }

        /// The share of probability that the sampling draws from. (Double, development.)
        @inlinable public static var requestTopP: String { "gen_ai.request.top_p" }

        /// The number of candidates that the sampling draws from. (Double, development.)
        @inlinable public static var requestTopK: String { "gen_ai.request.top_k" }

        /// Texts at which the model stops. ([String], development.)
        @inlinable public static var requestStopSequences: String { "gen_ai.request.stop_sequences" }

        /// The penalty for frequent tokens. (Double, development.)
        @inlinable public static var requestFrequencyPenalty: String { "gen_ai.request.frequency_penalty" }

        /// The penalty for tokens that are there already. (Double, development.)
        @inlinable public static var requestPresencePenalty: String { "gen_ai.request.presence_penalty" }

        /// The formats in which embeddings were asked for. ([String], development.)
        @inlinable public static var requestEncodingFormats: String { "gen_ai.request.encoding_formats" }

        /// The seed with which equal requests have equal results. (Int, development.)
        @inlinable public static var requestSeed: String { "gen_ai.request.seed" }

        /// Whether the response was asked for as a stream. (Bool, development.)
        @inlinable public static var requestStream: String { "gen_ai.request.stream" }

        /// The identifier of the completion. (String, development.)
        @inlinable public static var responseID: String { "gen_ai.response.id" }

        /// The model that answered. (String, development.)
        @inlinable public static var responseModel: String { "gen_ai.response.model" }

        /// Why the model stopped, for each choice. ([String], development.)
        @inlinable public static var responseFinishReasons: String { "gen_ai.response.finish_reasons" }

        /// The seconds from the request to the first piece of a streamed response. (Double, development.)
        @inlinable public static var responseTimeToFirstChunk: String { "gen_ai.response.time_to_first_chunk" }

        /// The tokens of the input, those from a cache included. (Int, development.)
        @inlinable public static var usageInputTokens: String { "gen_ai.usage.input_tokens" }

        /// The tokens of the input that came from the provider's cache. (Int, development.)
        @inlinable public static var usageCacheReadInputTokens: String { "gen_ai.usage.cache_read.input_tokens" }

        /// The tokens of the input that were written to the provider's cache. (Int, development.)
        @inlinable public static var usageCacheCreationInputTokens: String { "gen_ai.usage.cache_creation.input_tokens" }

        /// The tokens of the response. (Int, development.)
        @inlinable public static var usageOutputTokens: String { "gen_ai.usage.output_tokens" }

        /// The tokens of the response that were used for reasoning. (Int, development.)
        @inlinable public static var usageReasoningOutputTokens: String { "gen_ai.usage.reasoning.output_tokens" }

        /// What tokens are counted: `input` or `output`. (String, development.)
        @inlinable public static var tokenType: String { "gen_ai.token.type" }

        /// The identifier of the agent. (String, development.)
        @inlinable public static var agentID: String { "gen_ai.agent.id" }

        /// The agent's name, as the application gives it. (String, development.)
        @inlinable public static var agentName: String { "gen_ai.agent.name" }

        /// What the agent is for. (String, development.)
        @inlinable public static var agentDescription: String { "gen_ai.agent.description" }

        /// The version of the agent. (String, development.)
        @inlinable public static var agentVersion: String { "gen_ai.agent.version" }

        /// The workflow's name, as the application gives it. (String, development.)
        @inlinable public static var workflowName: String { "gen_ai.workflow.name" }

        /// The name of the tool. (String, development.)
        @inlinable public static var toolName: String { "gen_ai.tool.name" }

        /// The identifier of the call of the tool. (String, development.)
        @inlinable public static var toolCallID: String { "gen_ai.tool.call.id" }

        /// What the tool is for. (String, development.)
        @inlinable public static var toolDescription: String { "gen_ai.tool.description" }

        /// Where the tool runs: `function`, `extension` or `datastore`. (String, development.)
        @inlinable public static var toolType: String { "gen_ai.tool.type" }

        /// The arguments of the call; only if contents are recorded. (any value, development.)
        @inlinable public static var toolCallArguments: String { "gen_ai.tool.call.arguments" }

        /// The result of the call; only if contents are recorded. (any value, development.)
        @inlinable public static var toolCallResult: String { "gen_ai.tool.call.result" }

        /// The tools that the model may use; only if contents are recorded. (any value, development.)
        @inlinable public static var toolDefinitions: String { "gen_ai.tool.definitions" }

        /// The instructions beside the history; only if contents are recorded. (any value, development.)
        @inlinable public static var systemInstructions: String { "gen_ai.system_instructions" }

        /// The messages given to the model; only if contents are recorded. (any value, development.)
        @inlinable public static var inputMessages: String { "gen_ai.input.messages" }

        /// The messages of the model; only if contents are recorded. (any value, development.)
        @inlinable public static var outputMessages: String { "gen_ai.output.messages" }

        /// The source of data that the agent or model draws from. (String, development.)
        @inlinable public static var dataSourceID: String { "gen_ai.data_source.id" }

        /// The number of dimensions of the embeddings. (Int, development.)
        @inlinable public static var embeddingsDimensionCount: String { "gen_ai.embeddings.dimension.count" }
    }
}
