// Whether the texts of conversations are recorded.

/// The choice whether spans have the contents of operations: messages, instructions, arguments and results of tools.
///
/// They are large and may be private, so that the default records none.
public struct GenAIContents: Sendable, Hashable {
    /// Nil for what is configured.
    private let areRecorded: Bool?

    /// Records no contents.
    public static let none = GenAIContents(areRecorded: false)
    /// Records contents as attributes of spans.
    public static let onSpans = GenAIContents(areRecorded: true)
    /// What the configuration of the tracer's system, or else `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT`, says: `true`, `span_only` and
    /// `span_and_event` are for contents on spans.
    public static let standard = GenAIContents(areRecorded: nil)

    private static let areRecordedByProcess = areRecorded(by: .process)

    private init(areRecorded: Bool?) {
        self.areRecorded = areRecorded
    }

    /// Whether a system with these settings records contents by this choice.
    func areRecorded(by settings: InstrumentationSettings) -> Bool {
        areRecorded ?? settings.recordsMessages ?? Self.areRecordedByProcess
    }

    /// What the environment says.
    static func areRecorded(by environment: EnvironmentReader) -> Bool {
        let word = environment.text("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT")?.lowercased() ?? ""
        return ["true", "span_only", "span_and_event"].contains(word)
    }
}
