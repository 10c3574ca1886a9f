// The album store: a list of albums behind HTTP, every request a span.

import ExampleSupport
import Telemetry

@main struct AlbumStoreApp {
    static func main() async {
        await ServiceProcess.run("album-store", defaultPort: 9080) { environment in
            let telemetry = try environment.startTelemetry(for: "album-store")
            let application = Self.application(telemetry)
            return RunningService(
                respond: { await application.respond(to: $0) }, log: telemetry.log, maximumRequestBytes: maximumAlbumBytes,
                stop: { await telemetry.stop(within: $0) })
        }
    }

    static func application(_ telemetry: ServiceTelemetry, shelf: AlbumShelf = AlbumShelf()) -> TracedApplication {
        TracedApplication(telemetry, router: AlbumRoutes(shelf, telemetry).router)
    }
}
