// What the spans of HTTP exchanges and database operations record when they end.

extension TraceSpan {
    /// Records how an operation ended. Must be called before the time of the end is read, so that an exception lies within its span.
    ///
    /// - Parameter status: recorded unless the program has set one, since it knows more about the failure.
    func recordOutcome(_ attributes: @autoclosure () -> Attributes, _ status: SpanStatus, _ error: (any Error)?) {
        guard isRecording else { return }
        setAttributes(attributes())
        guard status != .unset else { return }
        if let error { recorder?.recordThrown(error, below: .root) }
        recorder?.record { state, _ in if state.statusCode == 0 { state.setStatus(status) } }
    }
}
