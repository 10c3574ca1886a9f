// Details of an export that only its exporter knows.

import Synchronization

/// What only the exporter knows about the export in progress; nil if exports are not observed.
final class ExportNotes: Sendable {
    /// The notes of the export that the running task is part of.
    @TaskLocal static var current: ExportNotes?

    /// Zero for no answer.
    private let lastStatus = Atomic(0)
    private let lastCallStatus = Locked<String?>(nil)

    /// Notes the status of the last answer; nil if there was none.
    func note(httpStatus: Int?) { lastStatus.store(httpStatus ?? 0, ordering: .relaxed) }

    /// Notes the name of the status of the last call; nil if there was none.
    func note(callStatus: String?) { lastCallStatus.withLock { $0 = callStatus } }

    var callStatus: String? { lastCallStatus.withLock { $0 } }

    var httpStatus: Int? {
        let status = lastStatus.load(ordering: .relaxed)
        return status == 0 ? nil : status
    }
}
