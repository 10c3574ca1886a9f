// A callback that runs at most once at a time.

import Synchronization

/// A registered callback, and the instruments that it may observe.
final class RegisteredCallback: Sendable {
    let instruments: [ObservableCore]
    let body: @Sendable (ObservationBatch) throws -> Void
    /// True while the callback runs.
    ///
    /// A callback that outlasted an earlier round is not called again before it returns.
    private let isRunning = Atomic(false)

    init(_ instruments: [ObservableCore], _ body: @escaping @Sendable (ObservationBatch) throws -> Void) {
        self.instruments = instruments
        self.body = body
    }

    func begin() -> Bool { !isRunning.exchange(true, ordering: .acquiring) }

    func end() { isRunning.store(false, ordering: .releasing) }

    /// The name of the first instrument, for diagnostics.
    var name: String { "\"\(instruments.first?.descriptor.name ?? "")\"" }
}
