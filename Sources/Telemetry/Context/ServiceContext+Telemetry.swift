// Keeps the context in the `ServiceContext` of other packages once these have a tracer, so that both always agree.

#if SwiftTracing

    public import ServiceContextModule
    import Synchronization

    extension ServiceContext {
        /// What Telemetry keeps in this context: the span, the baggage and the values of the host.
        ///
        /// For instruments and metadata providers that are handed a `ServiceContext`; empty where it holds nothing of Telemetry's.
        public var telemetryContext: Context {
            get { self[TelemetryContextKey.self] ?? .root }
            set { self[TelemetryContextKey.self] = newValue.node == nil ? nil : newValue }
        }
    }

    private enum TelemetryContextKey: ServiceContextKey {
        typealias Value = Context

        static var nameOverride: String? { "telemetry" }
    }

    /// Whether the current context lives in the task-local `ServiceContext.current`, or in our own.
    ///
    /// Two task-locals cannot be told which of them was bound last: a copy of an older `ServiceContext` may be bound anew at any time, and
    /// a `Task` copies both. So there is only ever one: from the moment on when a tracer is made for others to use, everything that is made
    /// current is bound there, and what was found before stays until its scope ends.
    @usableFromInline
    enum SharedContext {
        // Relaxed: nothing else depends on it, and who sees it late has not been handed the tracer yet.
        private static let shared = Atomic(false)

        @usableFromInline
        static var isShared: Bool { shared.load(ordering: .relaxed) }

        /// Binds contexts in `ServiceContext.current` from now on, for the life of the process.
        static func share() { shared.store(true, ordering: .relaxed) }

        /// What the running task has bound there: `.some(nil)` for a context without anything of ours, nil when nothing is bound.
        static var node: ContextNode?? {
            guard isShared, let current = ServiceContext.current else { return nil }
            return .some(current.telemetryContext.node)
        }

        /// The current `ServiceContext` with our context in it; what others keep there stays.
        @usableFromInline
        static func serviceContext(holding context: Context) -> ServiceContext {
            var service = ServiceContext.current ?? .topLevel
            service.telemetryContext = context
            return service
        }
    }

#endif
