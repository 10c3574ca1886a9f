// What waits for the first use of a provider.

import Synchronization

/// Runs actions once something is used for the first time; at once if it has been.
final class FirstUse: Sendable {
    private let hasBegun = Atomic(false)
    private let actions = Locked<[@Sendable () -> Void]>([])

    /// Runs the actions so far, at the first call.
    func begin() {
        if hasBegun.load(ordering: .relaxed) { return }
        let due = actions.withLock { actions in
            hasBegun.store(true, ordering: .relaxed)
            defer { actions = [] }
            return actions
        }
        for action in due { action() }
    }

    /// Runs the action at the first use.
    func whenBegun(_ action: @escaping @Sendable () -> Void) {
        let isDue = actions.withLock { actions in
            if !hasBegun.load(ordering: .relaxed) { actions.append(action) }
            return hasBegun.load(ordering: .relaxed)
        }
        if isDue { action() }
    }
}
