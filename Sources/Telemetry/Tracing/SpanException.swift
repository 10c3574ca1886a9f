// Where errors go that leave the operations of spans.

/// An error that has left the operation of a span, for those who make a log record of it.
struct SpanException: Sendable {
    let error: any Error
    /// The name of the span.
    let operation: String
    /// Whether it left a call to somebody else, whose failure the caller is expected to handle.
    let isExpected: Bool
    /// The context with the span.
    let context: Context
    let scope: InstrumentationScope
}

/// What a provider does with errors that leave the operations of spans.
struct ExceptionRecording: Sendable {
    var becomeEvents = true
    var report: (@Sendable (SpanException) -> Void)?
}

/// What a span remembers of an error that a span inside of it has told of.
struct ThrownError: Sendable, Hashable {
    private let text: String
    private let isExpected: Bool

    init(_ error: any Error, isExpected: Bool) {
        text = "\(ErrorType.name(of: error)): \(error)"
        self.isExpected = isExpected
    }

    /// Whether having told of this error makes telling of the other one needless.
    func includes(_ other: ThrownError) -> Bool {
        text == other.text && (!isExpected || other.isExpected)
    }
}
