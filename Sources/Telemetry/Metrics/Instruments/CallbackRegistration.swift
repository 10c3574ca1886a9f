// The handle that unregisters a callback.

/// A callback that was registered.
public final class CallbackRegistration: Sendable {
    private let action: Locked<(@Sendable () -> Void)?>

    init(_ action: @escaping @Sendable () -> Void) {
        self.action = Locked(action)
    }

    /// Has the callback not called any more; one that is running is not waited for.
    public func unregister() {
        let action = action.withLock { action in
            defer { action = nil }
            return action
        }
        action?()
    }
}

/// Registers callbacks for the instruments that it has made: the meter, as its instruments know it.
protocol CallbackRegistrar: Sendable {
    /// Registers a callback that observes the instruments given.
    func register(
        observing cores: [ObservableCore], _ body: @escaping @Sendable (ObservationBatch) throws -> Void
    ) -> CallbackRegistration
}
