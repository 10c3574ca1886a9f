// Starts the console with a drawing of each trace in the terminal.

import ExampleSupport
import Telemetry
import TelemetryConsole

@main struct CollectorApp {
    private static let defaultPort = 4318

    static func main() async {
        await ServiceProcess.run(
            "collector", defaultHost: "localhost", defaultPort: defaultPort, refusal: { OTLPAnswer.refusal(of: $0, $1) }
        ) { environment in
            var limits = CollectorLimits()
            limits.traces = try environment.number("MAXIMUM_TRACES", default: limits.traces, in: 1...100_000)
            let requestBytes = try environment.number(
                "MAXIMUM_REQUEST_BYTES", default: OTLPIntake.maximumRequestBytes, in: 0...1 << 30)
            let settle = try environment.number("SETTLE_MILLISECONDS", default: 1_000, in: 0...60_000)
            let output = Output.standard
            let style = TraceTreeStyle(width: output.columns, showsOrigin: true, isColored: output.isColored)
            let collection = TraceCollection(
                limits: limits, settle: .milliseconds(settle), style: style, undrawnUserAgent: environment["UNDRAWN_USER_AGENT"]
            ) { output.write($0) }
            let consoleLimits = try ConsoleLimits(environment)
            let archive = try environment["STORE"].map { (path) throws(StartFailure) in
                try RunArchive(path: path, limits: consoleLimits)
            }
            let stores = SignalStores(consoleLimits, run: archive?.run, errorUser: environment["ERROR_USER_ATTRIBUTE"] ?? "user.id")
            try archive?.restore(to: stores)
            let routes = CollectorRoutes(
                collection, stores: stores, access: try ConsoleAccess(environment), maximumRequestBytes: requestBytes, archive: archive,
                logStore: try LogStore.start(environment),
                forwarder: try Forwarder(environment), alerts: try AlertManager.start(environment, stores, archive: archive),
                scraper: try Scraper.start(environment, into: stores.metrics, archive: archive),
                probes: try Probes.configured(environment, stores, archive: archive))
            let httpPort = try environment.port(default: defaultPort)
            let receiverTelemetry = try ReceiverTelemetry.start(environment)
            let grpc = try GRPCReceiver.start(
                environment, for: routes.console, httpPort: httpPort, maximumRequestBytes: requestBytes, telemetry: receiverTelemetry)
            if let problem = grpc.problem { Output.error.line("collector: \(problem)") }
            if let port = grpc.port { Output.standard.line("collector: OTLP over gRPC on port \(port)") }
            let tails = try LogTails(environment) { routes.console.keep(logs: $0) }
            let drawing = Task { await collection.run() }
            // A large request takes long to decode, and the server's thread is for all connections.
            return RunningService(
                respond: { await routes.respond(to: $0) }, maximumRequestBytes: requestBytes, handlerThread: .pool,
                http2Directions:
                    "this port takes OTLP over HTTP; OTLP over gRPC \(grpc.port.map { "goes to port \($0)" } ?? "is not taken here")",
                stop: { duration in
                    let deadline = Deadline.after(duration)
                    tails?.stop()
                    // Before its own receiver ends, which may be where it exports to.
                    await receiverTelemetry?.stop(within: min(duration / 4, .seconds(1)))
                    await grpc.stop(within: duration / 2)
                    drawing.cancel()
                    await drawing.value
                    await routes.console.finish(until: deadline)
                    let left = collection.drawAll(until: deadline)
                    if left > 0 { Output.error.line("collector: \(left) traces were not drawn in the time for stopping") }
                    return left == 0
                })
        }
    }
}
