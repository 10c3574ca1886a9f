// The relay: calls the addresses that it is told, so that a test suite can look at the headers it sends.

import ExampleSupport
import Telemetry

/// Hands the trace of a request on to whatever it is told to call; the W3C's validation service for trace context asks for that.
@main struct TraceContextRelayApp {
    static func main() async {
        await ServiceProcess.run("trace-context-relay", defaultPort: 5000) { _ in
            let telemetry = try TelemetrySystem.start(resource: .service("trace-context-relay"))
            let application = Self.application(
                tracer: telemetry.tracer("trace-context-relay"), propagator: telemetry.propagator, transport: SocketTransport())
            return RunningService(
                respond: { await application.respond(to: $0) },
                stop: { await telemetry.shutdown(within: $0) == .completed })
        }
    }

    static func application(tracer: Tracer, propagator: any Propagator, transport: any Transport) -> TracedApplication {
        let client = TracedClient(tracer: tracer, propagator: propagator, transport: transport)
        return TracedApplication(tracer: tracer, propagator: propagator, router: RelayRoutes(client).router)
    }
}
