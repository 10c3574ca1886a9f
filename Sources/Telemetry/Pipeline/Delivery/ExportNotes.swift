// What an exporter reports about the export under way.

import Synchronization

/// What happens in an export that its exporter alone can tell; there is none where nobody wants to know.
final class ExportNotes: Sendable {
    /// The notes of the export that the running task is part of.
    @TaskLocal static var current: ExportNotes?

    /// Zero for no answer.
    private let lastStatus = Atomic(0)

    /// Notes how the last request was answered; nil when it was not.
    func note(httpStatus: Int?) { lastStatus.store(httpStatus ?? 0, ordering: .relaxed) }

    var httpStatus: Int? {
        let status = lastStatus.load(ordering: .relaxed)
        return status == 0 ? nil : status
    }
}
