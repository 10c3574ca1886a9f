// Holds handlers at a point until a test lets them go on.

import Synchronization

/// Lets handlers wait for a test, and a test for handlers.
final class Gate: Sendable {
    private struct State {
        var arrived = 0
        var isOpen = false
    }

    private let state = Mutex(State())

    var arrivals: Int { state.withLock { $0.arrived } }

    func open() { state.withLock { $0.isOpen = true } }

    func arrive() { state.withLock { $0.arrived += 1 } }

    /// Waits until the gate is open, or the patience of a test is over.
    func pass() async {
        arrive()
        _ = await eventually { self.state.withLock { $0.isOpen } }
    }
}
