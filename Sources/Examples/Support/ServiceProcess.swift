// The life of a service: start, answer until asked to end, drain, flush, end.

import Glibc
package import Telemetry

/// A service once it is started: how it answers, and how it ends.
package struct RunningService: Sendable {
    package let respond: Handler
    /// Takes what the service has to say; without it that goes to standard output as it is.
    let log: TelemetryLogger?
    /// The largest body of a request that it takes, unless `MAXIMUM_REQUEST_BYTES` says something else.
    let maximumRequestBytes: Int
    /// Ends what the service does besides answering, within the given time; false when something was lost.
    package let stop: @Sendable (Duration) async -> Bool

    package init(
        respond: @escaping Handler, log: TelemetryLogger? = nil, maximumRequestBytes: Int = 8 << 20,
        stop: @escaping @Sendable (Duration) async -> Bool
    ) {
        self.respond = respond
        self.log = log
        self.maximumRequestBytes = maximumRequestBytes
        self.stop = stop
    }
}

extension RunningService {
    /// Says something about the service itself.
    fileprivate func say(_ name: String, _ text: String) {
        guard let log else { return Output.standard.line("\(name): \(text)") }
        log.info(text)
    }
}

/// The life of a service as a process.
package enum ServiceProcess {
    /// How long ending may take altogether, in milliseconds, unless `STOP_TIMEOUT` says something else.
    private static let stopMilliseconds = 500

    /// Runs a service until the process is asked to end, and ends the process.
    ///
    /// `HOST` and `PORT` say where it listens, `MAXIMUM_REQUEST_BYTES` how large a request may be and `MAXIMUM_HELD_BYTES` what all of them
    /// may take together with their answers, `STOP_TIMEOUT` how many milliseconds ending may take, and with
    /// `STOP_WITH_STANDARD_INPUT=1` it ends when its standard input does.
    ///
    /// - Parameters:
    ///   - defaultHost: where it listens unless `HOST` says something else.
    ///   - refusal: makes the answer to requests that are refused before they were read whole; without it that is plain text.
    package static func run(
        _ name: String, defaultHost: String = "0.0.0.0", defaultPort: Int,
        refusal: (@Sendable (HTTPRequest, HTTPParseError) -> HTTPResponse?)? = nil,
        _ start: (ServiceEnvironment) async throws -> RunningService
    ) async -> Never {
        let environment = ServiceEnvironment.process
        Output.keepClosedStreamsClosed()
        do {
            let endsWithInput = try environment.choice("STOP_WITH_STANDARD_INPUT", "1", or: "0", default: false)
            StopSignal.arm(parentPipe: endsWithInput ? STDIN_FILENO : nil)
            guard CommandLine.arguments.count == 1 else {
                throw StartFailure(.usage, "There are no arguments; environment variables such as PORT configure it.")
            }
            let port = try environment.port(default: defaultPort)
            let stopBudget = Duration.milliseconds(
                try environment.number("STOP_TIMEOUT", default: stopMilliseconds, in: 1...3_600_000))
            let service = try await start(environment)
            var options = try serverOptions(environment, maximumRequestBytes: service.maximumRequestBytes)
            options.refusal = refusal
            let listener = try ServiceListener.start(
                host: environment["HOST"] ?? defaultHost, port: port, options: options, service.respond)
            service.say(name, "listening on port \(listener.port)")
            await StopSignal.wait()
            exit(await stop(name, listener, service, within: stopBudget))
        } catch {
            let status = (error as? StartFailure)?.kind ?? .configuration
            Output.error.line("\(name): \(error)")
            exit(status.rawValue)
        }
    }

    /// What connections may hold. The budget has room for two of the largest requests, or one could never come in whole.
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

    /// Lets requests finish, then delivers what they recorded.
    private static func stop(_ name: String, _ listener: ServiceListener, _ service: RunningService, within stopBudget: Duration) async
        -> Int32
    {
        let deadline = ContinuousClock.now + stopBudget
        // Most of the time is for delivering: what is recorded is wanted, a request that hangs is not.
        await listener.stop(within: stopBudget / 4)
        service.log?.info("stopping")
        let isComplete = await service.stop(max(.zero, ContinuousClock.now.duration(to: deadline)))
        if !isComplete { Output.error.line("\(name): not everything recorded could be delivered in time") }
        if service.log == nil { Output.standard.line("\(name): stopped") }
        return 0
    }
}
