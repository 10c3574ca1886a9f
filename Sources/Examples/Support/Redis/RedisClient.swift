// The client of Redis that services use.

import Telemetry

/// Sends commands to a Redis, from version 6 on, over one connection that is made when it is needed and anew when it breaks.
///
/// Commands of many tasks are sent without waiting for each other's answers. Each is a client span, and counts in
/// `db.client.operation.duration`; neither has an argument of a command.
package final class RedisClient: Sendable {
    private let settings: RedisSettings
    private let loop: EventLoop
    private let connection: RedisConnection
    private let endpoint: DatabaseEndpoint
    private let tracer: Tracer
    private let metrics: DatabaseClientMetrics

    package init(_ settings: RedisSettings, _ telemetry: ServiceTelemetry) throws(StartFailure) {
        guard let loop = EventLoop(named: "redis") else {
            throw StartFailure(.unavailable, "The system gives no more threads or descriptors.")
        }
        self.settings = settings
        self.loop = loop
        connection = RedisConnection(settings, loop)
        endpoint = DatabaseEndpoint(
            .redis, namespace: "\(settings.database)", serverAddress: settings.host, serverPort: settings.port)
        tracer = telemetry.tracer
        metrics = DatabaseClientMetrics(telemetry.meter)
    }

    deinit {
        close()
    }

    /// Sends a command and returns the answer; an error of the server is thrown.
    package func send(_ words: String...) async throws(RedisError) -> RESPValue {
        try await send(words.map { Array($0.utf8) })
    }

    /// Sends a command of any bytes and returns the answer; an error of the server is thrown.
    package func send(_ words: [[UInt8]]) async throws(RedisError) -> RESPValue {
        precondition(!words.isEmpty, "A command has a name.")
        let name = String(decoding: words[0], as: UTF8.self).uppercased()
        var operation = DatabaseOperation(name, at: endpoint)
        operation.queryText = ([name] + words.dropFirst().prefix(16).map { _ in "?" }).joined(separator: " ")
        let client = tracer.startDatabaseClientSpan(operation, metrics: metrics)
        let job = RedisJob(words, until: .after(settings.timeout))
        do throws(RedisError) {
            let value = try await job.answer { [loop, connection] job in
                if !loop.execute({ connection.submit(job) }) { job.finish(.failure(.unavailable("the client was closed"))) }
            }
            client.finish()
            return value
        } catch {
            // Cancelling on purpose is no failure.
            client.finish(statusCode: error.statusCode, error: error == .cancelled ? CancellationError() : error)
            throw error
        }
    }

    /// Closes the connection; commands without an answer fail.
    package func close() {
        loop.execute { [connection] in connection.close() }
        loop.end()
    }
}
