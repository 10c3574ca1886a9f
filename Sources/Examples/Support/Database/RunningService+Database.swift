// Services that keep what they know in a database.

extension RunningService {
    /// Serves an application, and closes its database when the service stops; half of the time for that is left to export telemetry.
    ///
    /// Handlers run on the thread of the service's connections, which those of the database share, unless it says otherwise.
    package init(
        _ application: TracedApplication, _ database: Database, maximumRequestBytes: Int, handlerThread: HandlerThread = .server
    ) {
        self.init(
            application, maximumRequestBytes: maximumRequestBytes, handlerThread: handlerThread,
            stop: { duration in
                let deadline = ContinuousClock.now + duration
                await database.close(within: duration / 2)
                return await application.telemetry.stop(within: max(.zero, ContinuousClock.now.duration(to: deadline)))
            })
    }
}
