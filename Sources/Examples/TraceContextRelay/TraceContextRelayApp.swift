// Starts the relay, which a test suite drives to look at the headers that the SDK sends.

import ExampleSupport
import Telemetry

/// Calls the addresses in a request within its trace, as the W3C's validation service for trace context demands.
@main struct TraceContextRelayApp {
    static func main() async {
        await ServiceProcess.main("trace-context-relay", defaultPort: 5000) { environment in
            let logsRequests = try environment.logsRequests
            let system = try environment.startSystem { variables in
                try TelemetrySystem.start(
                    resource: .service("trace-context-relay"), metrics: [.prometheus(hasEndpoint: false)], logs: [environment.logLines],
                    environment: variables)
            }
            let telemetry = ServiceTelemetry("trace-context-relay", system, logsRequests: logsRequests)
            return application(telemetry, transport: SocketTransport())
        }
    }

    static func application(_ telemetry: ServiceTelemetry, transport: any Transport) -> TracedApplication {
        let client = TracedClient(telemetry, transport: transport)
        return TracedApplication(telemetry, router: RelayRoutes(client).router)
    }
}
