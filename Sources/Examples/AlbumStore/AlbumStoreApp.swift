// Starts the album store: a list of albums behind HTTP.

import ExampleSupport
import Telemetry

@main struct AlbumStoreApp {
    static func main() async {
        await ServiceProcess.main("album-store", defaultPort: 9080, maximumRequestBytes: maximumAlbumBytes) { environment in
            application(try environment.startTelemetry(for: "album-store"))
        }
    }

    static func application(_ telemetry: ServiceTelemetry, shelf: AlbumShelf = AlbumShelf()) -> TracedApplication {
        TracedApplication(telemetry, router: AlbumRoutes(shelf, telemetry).router, contract: AlbumRoutes.contract)
    }
}
