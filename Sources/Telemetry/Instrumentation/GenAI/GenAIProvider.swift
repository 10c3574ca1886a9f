// The providers of generative models that the conventions name.

/// A provider of generative models, by the name that the semantic conventions give it.
///
/// Any name can be given; those that the conventions know are offered by name.
public struct GenAIProvider: RawRepresentable, Sendable, Hashable {
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    public static let anthropic = GenAIProvider(rawValue: "anthropic")
    public static let awsBedrock = GenAIProvider(rawValue: "aws.bedrock")
    public static let azureInference = GenAIProvider(rawValue: "azure.ai.inference")
    public static let azureOpenAI = GenAIProvider(rawValue: "azure.ai.openai")
    public static let cohere = GenAIProvider(rawValue: "cohere")
    public static let deepSeek = GenAIProvider(rawValue: "deepseek")
    /// Google's generative AI, where it is not known which of its interfaces is used.
    public static let googleGenAI = GenAIProvider(rawValue: "gcp.gen_ai")
    public static let gemini = GenAIProvider(rawValue: "gcp.gemini")
    public static let groq = GenAIProvider(rawValue: "groq")
    public static let mistral = GenAIProvider(rawValue: "mistral_ai")
    public static let openAI = GenAIProvider(rawValue: "openai")
    public static let perplexity = GenAIProvider(rawValue: "perplexity")
    public static let vertexAI = GenAIProvider(rawValue: "gcp.vertex_ai")
    public static let watsonx = GenAIProvider(rawValue: "ibm.watsonx.ai")
    public static let xAI = GenAIProvider(rawValue: "x_ai")
}
