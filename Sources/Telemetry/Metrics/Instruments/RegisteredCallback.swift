// A registered callback, which runs at most once at a time.

import Synchronization

/// A callback, and the instruments that it may observe.
final class RegisteredCallback: Sendable {
    let instruments: [ObservableCore]
    let body: @Sendable (ObservationBatch) throws -> Void
    /// Whether it is running: one that was given up in an earlier round is not called again before it is through.
    private let isRunning = Atomic(false)

    init(_ instruments: [ObservableCore], _ body: @escaping @Sendable (ObservationBatch) throws -> Void) {
        self.instruments = instruments
        self.body = body
    }

    func begin() -> Bool { !isRunning.exchange(true, ordering: .acquiring) }

    func end() { isRunning.store(false, ordering: .releasing) }

    /// For people.
    var name: String { "\"\(instruments.first?.descriptor.name ?? "")\"" }
}
