// Whether the texts of conversations are recorded.

/// The choice whether spans have the contents of operations: messages, instructions, arguments and results of tools.
///
/// They are large and may be private, so that the default records none.
public struct GenAIContents: Sendable, Hashable {
    let areRecorded: Bool

    /// Records no contents.
    public static let none = GenAIContents(areRecorded: false)
    /// Records contents as attributes of spans.
    public static let onSpans = GenAIContents(areRecorded: true)
    /// What `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT` says: `true`, `span_only` and `span_and_event` are for contents on spans.
    public static let standard = GenAIContents(.process)

    private init(areRecorded: Bool) {
        self.areRecorded = areRecorded
    }

    /// What the settings of a system say.
    static func of(_ settings: InstrumentationSettings) -> GenAIContents {
        settings.recordsMessages.map { $0 ? .onSpans : .none } ?? .standard
    }

    init(_ environment: EnvironmentReader) {
        let word = environment.text("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT")?.lowercased() ?? ""
        self.init(areRecorded: ["true", "span_only", "span_and_event"].contains(word))
    }
}
