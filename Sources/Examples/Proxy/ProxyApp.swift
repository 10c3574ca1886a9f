// The proxy: hands requests on to the album store, so that a trace runs through two services.

import ExampleSupport
import Telemetry

@main struct ProxyApp {
    static func main() async {
        await ServiceProcess.run("proxy-service", defaultPort: 9070) { environment in
            let storeURL = try environment.url("ALBUM_STORE_URL", default: "http://localhost:9080")
            let telemetry = try environment.startTelemetry(for: "proxy-service")
            let application = Self.application(telemetry, transport: SocketTransport(), storeURL: storeURL)
            return RunningService(
                respond: { await application.respond(to: $0) }, log: telemetry.log, maximumRequestBytes: maximumAlbumBytes,
                stop: { await telemetry.stop(within: $0) })
        }
    }

    static func application(_ telemetry: ServiceTelemetry, transport: any Transport, storeURL: String) -> TracedApplication {
        let store = TracedClient(telemetry, transport: transport)
        return TracedApplication(telemetry, router: ProxyRoutes(store: store, storeURL: storeURL, log: telemetry.log).router)
    }
}
