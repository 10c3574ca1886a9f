// Details of an export that only its exporter knows.

import Synchronization

/// What only the exporter knows about the export in progress; nil if exports are not observed.
final class ExportNotes: Sendable {
    /// The notes of the export that the running task is part of.
    @TaskLocal static var current: ExportNotes?

    /// Zero for no answer.
    private let lastStatus = Atomic(0)

    /// Notes the status of the last answer; nil if there was none.
    func note(httpStatus: Int?) { lastStatus.store(httpStatus ?? 0, ordering: .relaxed) }

    var httpStatus: Int? {
        let status = lastStatus.load(ordering: .relaxed)
        return status == 0 ? nil : status
    }
}
