// Maps failures of standard streams to failures of exports.

extension StandardStream {
    /// Writes the text; throws if the stream is closed or does not accept the text before the deadline.
    func show(_ text: String, deadline: Deadline) throws(ExportFailure) {
        var text = text
        let failure = text.withUTF8 { bytes -> StreamFailure? in
            do throws(StreamFailure) {
                try write(UnsafeRawBufferPointer(bytes), deadline: deadline)
                return nil
            } catch {
                return error
            }
        }
        guard let failure else { return }
        throw failure.cause == .timedOut ? .timedOut() : .rejected(reason: "the console cannot be written to: \(failure)")
    }
}
