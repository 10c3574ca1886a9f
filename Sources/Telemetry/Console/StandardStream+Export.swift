// Writes what exporters show to a standard stream, and tells what became of it.

extension StandardStream {
    /// Writes the text; a stream that is closed, or that takes it too slowly, is a failure of the export.
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
