// Ends callbacks, and makes them known to their meter.

/// A registered callback, which can be unregistered.
public final class CallbackRegistration: Sendable {
    private let action: Locked<(@Sendable () -> Void)?>

    init(_ action: @escaping @Sendable () -> Void) {
        self.action = Locked(action)
    }

    /// Stops further calls of the callback; does not wait for one that is running.
    public func unregister() {
        let action = action.withLock { action in
            defer { action = nil }
            return action
        }
        action?()
    }
}

/// Registers callbacks for instruments: a ``Meter``, as its observable instruments know it.
protocol CallbackRegistrar: Sendable {
    /// Registers a callback that observes the given instruments.
    func register(
        observing cores: [ObservableCore], _ body: @escaping @Sendable (ObservationBatch) throws -> Void
    ) -> CallbackRegistration
}
