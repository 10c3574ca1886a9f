// The `main` of every service: start, answer, stop at a signal, export what is left, exit.

import Glibc
package import Telemetry

/// A started service, before it listens.
package struct RunningService: Sendable {
    /// Where handlers run.
    package enum HandlerThread: Sendable {
        /// In the cooperative pool: they may compute for long.
        case pool
        /// On the server's thread until they first suspend, and then in the pool: they compute little before.
        case serverUntilSuspension
        /// On the server's thread, which all connections of the process share: they compute little at all.
        case server
    }

    package let respond: Handler
    /// Logs start and stop; without one they are written to standard output as plain text.
    let log: TelemetryLogger?
    /// The largest request body, unless `MAXIMUM_REQUEST_BYTES` is set.
    let maximumRequestBytes: Int
    let handlerThread: HandlerThread
    /// Said to peers that speak HTTP/2 at once, as gRPC does; nil answers them in HTTP/1.1.
    let http2Directions: String?
    /// Stops everything but the listener within the given time; returns false if something was lost.
    package let stop: @Sendable (Duration) async -> Bool

    package init(
        respond: @escaping Handler, log: TelemetryLogger? = nil, maximumRequestBytes: Int = 8 << 20,
        handlerThread: HandlerThread = .serverUntilSuspension, http2Directions: String? = nil,
        stop: @escaping @Sendable (Duration) async -> Bool
    ) {
        self.http2Directions = http2Directions
        self.respond = respond
        self.log = log
        self.maximumRequestBytes = maximumRequestBytes
        self.handlerThread = handlerThread
        self.stop = stop
    }

    /// Serves an application, whose logger is that of its telemetry.
    package init(
        _ application: TracedApplication, maximumRequestBytes: Int, handlerThread: HandlerThread = .serverUntilSuspension,
        stop: @escaping @Sendable (Duration) async -> Bool
    ) {
        self.init(
            respond: { await application.respond(to: $0) }, log: application.telemetry.log, maximumRequestBytes: maximumRequestBytes,
            handlerThread: handlerThread, stop: stop)
    }
}

extension RunningService {
    /// Writes a line about the service itself.
    fileprivate func report(_ name: String, _ text: String) {
        guard let log else { return Output.standard.line("\(name): \(text)") }
        log.info(text)
    }
}

/// Runs a service as a process.
package enum ServiceProcess {
    /// The time for stopping altogether, in milliseconds, unless `STOP_TIMEOUT` is set.
    private static let stopMilliseconds = 500

    /// Runs a service with telemetry until a signal ends it, exports what it has recorded, and exits.
    ///
    /// - Parameter start: starts the telemetry and returns the routes; an error is printed, and its status is the exit status.
    package static func main(
        _ name: String, defaultPort: Int, maximumRequestBytes: Int = 8 << 20, _ start: (ServiceEnvironment) throws -> TracedApplication
    ) async -> Never {
        await run(name, defaultPort: defaultPort) { environment in
            let application = try start(environment)
            return RunningService(
                application, maximumRequestBytes: maximumRequestBytes, stop: { await application.telemetry.stop(within: $0) })
        }
    }

    /// Runs a service until a signal ends it, and exits.
    ///
    /// `HOST` and `PORT` are where it listens, `MAXIMUM_REQUEST_BYTES` is the largest request, `MAXIMUM_HELD_BYTES` the memory of all
    /// requests and their answers, `STOP_TIMEOUT` the milliseconds that stopping may take. With `STOP_WITH_STANDARD_INPUT=1` the end of
    /// standard input stops it like a signal. The argument `--check` asks a service that runs with the same variables whether it answers, and
    /// exits with 0 if it does, else with 1.
    ///
    /// - Parameters:
    ///   - alternativePort: the variable that counts where `PORT` is not set.
    ///   - defaultHost: where it listens unless `HOST` is set.
    ///   - refusal: makes the answer to requests that the server refuses before they are read whole; nil answers in plain text.
    package static func run(
        _ name: String, defaultHost: String = "0.0.0.0", defaultPort: Int, alternativePort: String = "PORT",
        refusal: (@Sendable (HTTPRequest, HTTPParseError) -> HTTPResponse?)? = nil,
        _ start: (ServiceEnvironment) async throws -> RunningService
    ) async -> Never {
        let environment = ServiceEnvironment.process
        Output.keepClosedStreamsClosed()
        // The runtime opens the descriptors of its timers at the first pause, and traps where no more are to be had by then. A pause that is
        // over before its timer is set leaves one of them for later.
        try? await Task.sleep(for: .milliseconds(20))
        do {
            if CommandLine.arguments.dropFirst() == ["--check"] {
                let port = try environment.port(environment["PORT"] == nil ? alternativePort : "PORT", default: defaultPort)
                let failure = await ServiceCheck.failure(host: environment["HOST"] ?? defaultHost, port: port)
                if let failure { Output.error.line("\(name): \(failure)") }
                exit(failure == nil ? 0 : 1)
            }
            let endsWithInput = try environment.choice("STOP_WITH_STANDARD_INPUT", "1", or: "0", default: false)
            StopSignal.arm(parentPipe: endsWithInput ? STDIN_FILENO : nil)
            guard CommandLine.arguments.count == 1 else {
                throw StartFailure(.usage, "There is no argument but --check; environment variables such as PORT configure it.")
            }
            let port = try environment.port(environment["PORT"] == nil ? alternativePort : "PORT", default: defaultPort)
            let stopBudget = Duration.milliseconds(
                try environment.number("STOP_TIMEOUT", default: stopMilliseconds, in: 1...3_600_000))
            let service = try await start(environment)
            var options = try serverOptions(environment, maximumRequestBytes: service.maximumRequestBytes)
            options.refusal = refusal
            options.http2Directions = service.http2Directions
            options.startsHandlersOnItsThread = service.handlerThread != .pool
            options.runsHandlersOnItsThread = service.handlerThread == .server
            let listener = try ServiceListener.start(
                host: environment["HOST"] ?? defaultHost, port: port, options: options,
                loop: service.handlerThread == .server ? .ofService : nil, service.respond)
            service.report(name, "listening on port \(listener.port)")
            await StopSignal.wait()
            exit(await stop(name, listener, service, within: stopBudget))
        } catch {
            let status = (error as? StartFailure)?.kind ?? .configuration
            Output.error.line("\(name): \(error)")
            exit(status.rawValue)
        }
    }

    /// Returns the limits of the server; its memory has room for two of the largest requests, or none might come in whole.
    static func serverOptions(
        _ environment: ServiceEnvironment, maximumRequestBytes: Int
    ) throws(StartFailure) -> HTTPServerOptions {
        var options = HTTPServerOptions()
        options.limits.body = try environment.number("MAXIMUM_REQUEST_BYTES", default: maximumRequestBytes, in: 0...1 << 30)
        let leastBudget = max(1 << 20, 2 * options.limits.body)
        options.maximumHeldBytes = try environment.number(
            "MAXIMUM_HELD_BYTES", default: max(options.maximumHeldBytes, leastBudget), in: leastBudget...1 << 40)
        return options
    }

    /// Waits for requests in flight, then exports what they recorded; returns the exit status.
    private static func stop(_ name: String, _ listener: ServiceListener, _ service: RunningService, within stopBudget: Duration) async
        -> Int32
    {
        let deadline = ContinuousClock.now + stopBudget
        // Most of the time is for the export: recorded telemetry matters more than a request that hangs.
        await listener.stop(within: stopBudget / 4)
        service.log?.info("stopping")
        let isComplete = await service.stop(max(.zero, ContinuousClock.now.duration(to: deadline)))
        if !isComplete { Output.error.line("\(name): not everything recorded could be delivered in time") }
        if service.log == nil { Output.standard.line("\(name): stopped") }
        return 0
    }
}
