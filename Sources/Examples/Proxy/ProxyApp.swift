// The proxy: hands requests on to the album store, so that a trace runs through two services.

import ExampleSupport
import Telemetry

@main struct ProxyApp {
    static func main() async {
        await ServiceProcess.run("proxy-service", defaultPort: 9070) { environment in
            let storeURL = try environment.url("ALBUM_STORE_URL", default: "http://localhost:9080")
            let telemetry = try environment.startTelemetry(for: "proxy-service")
            let application = Self.application(
                tracer: telemetry.tracer("proxy-service"), propagator: telemetry.propagator, transport: SocketTransport(),
                storeURL: storeURL)
            return RunningService(
                respond: { await application.respond(to: $0) },
                stop: { await telemetry.shutdown(within: $0) == .completed })
        }
    }

    static func application(
        tracer: Tracer, propagator: any Propagator, transport: any Transport, storeURL: String
    ) -> TracedApplication {
        let store = TracedClient(tracer: tracer, propagator: propagator, transport: transport)
        return TracedApplication(
            tracer: tracer, propagator: propagator, router: ProxyRoutes(store: store, storeURL: storeURL).router)
    }
}
