// Starts the proxy, which stands before the album store so that a trace runs through two services.

import ExampleSupport
import Telemetry

@main struct ProxyApp {
    static func main() async {
        await ServiceProcess.main("proxy-service", defaultPort: 9070, maximumRequestBytes: maximumAlbumBytes) { environment in
            let storeURL = try environment.url("ALBUM_STORE_URL", default: "http://localhost:9080")
            let telemetry = try environment.startTelemetry(for: "proxy-service")
            return application(telemetry, transport: SocketTransport(), storeURL: storeURL)
        }
    }

    static func application(_ telemetry: ServiceTelemetry, transport: any Transport, storeURL: String) -> TracedApplication {
        let routes = ProxyRoutes(store: TracedClient(telemetry, transport: transport), storeURL: storeURL)
        return TracedApplication(telemetry, router: routes.router, contract: ProxyRoutes.contract)
    }
}
