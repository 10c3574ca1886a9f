// The metrics of operations of generative models: written by Documentation/Conventions/generate.py.

extension SemanticMetrics {
    /// The metrics `gen_ai.*`.
    public enum GenAI {
        /// The tokens of the inputs and outputs of operations. (Histogram in `{token}`, development.)
        @inlinable public static var clientTokenUsage: String { "gen_ai.client.token.usage" }

        /// How long operations took. (Histogram in `s`, development.)
        @inlinable public static var clientOperationDuration: String { "gen_ai.client.operation.duration" }

        /// How long streamed responses took to begin. (Histogram in `s`, development.)
        @inlinable public static var clientOperationTimeToFirstChunk: String { "gen_ai.client.operation.time_to_first_chunk" }

        /// The times between the pieces of streamed responses. (Histogram in `s`, development.)
        @inlinable public static var clientOperationTimePerOutputChunk: String { "gen_ai.client.operation.time_per_output_chunk" }
    }
}
