// The album store: a list of albums behind HTTP, every request a span.

import ExampleSupport
import Telemetry

@main struct AlbumStoreApp {
    static func main() async {
        await ServiceProcess.run("album-store", defaultPort: 9080) { environment in
            let telemetry = try environment.startTelemetry(for: "album-store")
            let application = Self.application(tracer: telemetry.tracer("album-store"), propagator: telemetry.propagator)
            return RunningService(
                respond: { await application.respond(to: $0) },
                stop: { await telemetry.shutdown(within: $0) == .completed })
        }
    }

    static func application(
        tracer: Tracer, propagator: any Propagator, shelf: AlbumShelf = AlbumShelf()
    ) -> TracedApplication {
        TracedApplication(tracer: tracer, propagator: propagator, router: AlbumRoutes(shelf).router)
    }
}
