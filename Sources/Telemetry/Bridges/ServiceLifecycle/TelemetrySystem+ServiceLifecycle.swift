// Telemetry in a group of services.

#if ServiceLifecycle
    public import ServiceLifecycle

    extension TelemetrySystem: Service {
        /// Waits for graceful shutdown or cancellation, then delivers what was recorded and shuts down within five seconds.
        ///
        /// ```swift
        /// let group = ServiceGroup(
        ///     services: [telemetry, database, server], gracefulShutdownSignals: [.sigterm, .sigint], logger: Logger(label: "shop"))
        /// try await group.run()
        /// ```
        ///
        /// A group shuts services down in reverse order: listed first, telemetry ends last and delivers what the others record while they
        /// end. When a service throws, a group cancels all of them at once, unless the service has `.gracefullyShutdownGroup` as its
        /// `failureTerminationBehavior`.
        ///
        /// What could not be delivered is reported by ``Diagnostics`` and counted in ``health``. It is no reason for a group to fail, so that
        /// nothing is thrown. Outside of a group only cancellation ends the wait.
        public func run() async {
            // Throws only when the task is cancelled, which ends the wait as graceful shutdown does.
            try? await gracefulShutdown()
            await shutdown()
        }
    }
#endif
