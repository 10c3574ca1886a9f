// Errors that leave the operations of spans, on their way to events and log records.

/// An error that has left the operation of a span, as a log record is made of it.
struct SpanException: Sendable {
    let error: any Error
    /// The name of the span.
    let operation: String
    /// True if it left a client or producer span, whose failure the caller is expected to handle.
    let isExpected: Bool
    /// The context with the span.
    let context: Context
    let scope: InstrumentationScope
}

/// How a provider records errors that leave the operations of spans.
struct ExceptionRecording: Sendable {
    var becomeEvents = true
    var report: (@Sendable (SpanException) -> Void)?
}

/// The identity of an error that an inner span has already reported.
struct ThrownError: Sendable, Hashable {
    private let text: String
    private let isExpected: Bool

    init(_ error: any Error, isExpected: Bool) {
        text = "\(ErrorType.name(of: error)): \(error)"
        self.isExpected = isExpected
    }

    /// Returns whether the report of this error covers the other one.
    func includes(_ other: ThrownError) -> Bool {
        text == other.text && (!isExpected || other.isExpected)
    }
}
