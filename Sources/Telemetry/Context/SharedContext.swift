// The bridge between the context and the `ServiceContext` of swift-distributed-tracing.

#if SwiftTracing

    public import ServiceContextModule
    import Synchronization

    extension ServiceContext {
        /// The context that Telemetry keeps in this one: the span, the baggage and the values of the host.
        ///
        /// For instruments and metadata providers that get a `ServiceContext`; empty if Telemetry keeps nothing in it.
        public var telemetryContext: Context {
            get { self[TelemetryContextKey.self] ?? .root }
            set { self[TelemetryContextKey.self] = newValue.node == nil ? nil : newValue }
        }
    }

    private enum TelemetryContextKey: ServiceContextKey {
        typealias Value = Context

        static var nameOverride: String? { "telemetry" }
    }

    /// Decides whether the current context is bound in the task-local `ServiceContext.current` or in the SDK's own.
    ///
    /// With two task-locals it would be unknown which was bound last: a copy of an older `ServiceContext` may be bound at any time, and a
    /// `Task` copies both. Therefore only one is used: once a tracer of swift-distributed-tracing exists, all contexts are bound there, and
    /// earlier bindings remain until their scopes end.
    @usableFromInline
    enum SharedContext {
        // Relaxed: nothing else depends on it, and a thread that reads it late does not have the tracer yet.
        private static let shared = Atomic(false)

        @usableFromInline
        static var isShared: Bool { shared.load(ordering: .relaxed) }

        /// Binds contexts in `ServiceContext.current` from now on, for the life of the process.
        static func share() { shared.store(true, ordering: .relaxed) }

        /// The node that the running task has bound there: `.some(nil)` if Telemetry keeps nothing in it, nil if nothing is bound.
        static var node: ContextNode?? {
            guard isShared, let current = ServiceContext.current else { return nil }
            return .some(current.telemetryContext.node)
        }

        /// Returns the current `ServiceContext` with the given context in it; values of other packages are kept.
        @usableFromInline
        static func serviceContext(holding context: Context) -> ServiceContext {
            var service = ServiceContext.current ?? .topLevel
            service.telemetryContext = context
            return service
        }
    }

#endif
