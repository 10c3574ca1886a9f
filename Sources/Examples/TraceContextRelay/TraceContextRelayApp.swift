// The relay: calls the addresses that it is told, so that a test suite can look at the headers it sends.

import ExampleSupport
import Telemetry

/// Hands the trace of a request on to whatever it is told to call; the W3C's validation service for trace context asks for that.
@main struct TraceContextRelayApp {
    static func main() async {
        await ServiceProcess.run("trace-context-relay", defaultPort: 5000) { environment in
            let logsRequests = try environment.logsRequests
            let system = try environment.startSystem { variables in
                try TelemetrySystem.start(
                    resource: .service("trace-context-relay"), metrics: [.prometheus(hasEndpoint: false)], logs: [environment.logLines],
                    environment: variables)
            }
            let telemetry = ServiceTelemetry("trace-context-relay", system, logsRequests: logsRequests)
            let application = Self.application(telemetry, transport: SocketTransport())
            return RunningService(
                respond: { await application.respond(to: $0) }, log: telemetry.log, stop: { await telemetry.stop(within: $0) })
        }
    }

    static func application(_ telemetry: ServiceTelemetry, transport: any Transport) -> TracedApplication {
        let client = TracedClient(telemetry, transport: transport)
        return TracedApplication(telemetry, router: RelayRoutes(client).router)
    }
}
