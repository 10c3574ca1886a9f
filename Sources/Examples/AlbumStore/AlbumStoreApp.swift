// Starts the album store: a list of albums behind HTTP.

import ExampleSupport
import Telemetry

@main struct AlbumStoreApp {
    private static let name = "album-store"

    let application: TracedApplication
    private let worker: JobWorker
    /// Nil if the albums are in memory.
    private let database: Database?

    static func main() async {
        await ServiceProcess.run(name, defaultPort: 9080) { environment in
            let store = try await AlbumStoreApp(environment, try environment.startTelemetry(for: name))
            return RunningService(
                store.application, maximumRequestBytes: maximumAlbumBytes,
                // Without a database no handler ever waits.
                handlerThread: store.database == nil ? .serverUntilSuspension : .server, stop: { await store.stop(within: $0) })
        }
    }

    /// Creates a store as the environment says.
    ///
    /// `ALBUM_STORE` is `memory` or `database`, the latter unless it is set where `DATABASE_URL` or `DATABASE_FILE` is. `SEED_ALBUMS` is
    /// the number of albums that a new store has. `REQUESTS_PER_SECOND`, `REQUEST_BURST` and `MAXIMUM_CONCURRENT_REQUESTS` limit the
    /// requests, `JOB_QUEUE` and `JOB_HISTORY` the jobs.
    init(_ environment: ServiceEnvironment, _ telemetry: ServiceTelemetry) async throws {
        let namesDatabase = environment["DATABASE_URL"] != nil || environment["DATABASE_FILE"] != nil
        let isInDatabase = try environment.choice("ALBUM_STORE", "database", or: "memory", default: namesDatabase)
        let albums = AlbumBuilder.albums(
            try environment.number("SEED_ALBUMS", default: Album.seeds.count, in: Album.seeds.count...Album.identifiers.upperBound))
        let limits = try JobLimits(environment)
        guard isInDatabase else {
            let shelf = MemoryShelf(albums)
            self.init(telemetry, shelf, MemoryJobs(shelf, limits), layers: try Self.layers(environment, telemetry))
            return
        }
        let database = try await Database.open(environment, defaultFile: "albums.sqlite", telemetry, migrations: AlbumSchema.migrations)
        let layers = try Self.layers(environment, telemetry, database)
        let shelf = try await Context.root.suppressed.run {
            let shelf = try await DatabaseShelf(database)
            try await shelf.add(Array(albums.dropFirst(Album.seeds.count)))
            return shelf
        }
        self.init(telemetry, shelf, DatabaseJobs(database: database, shelf: shelf, limits: limits), database: database, layers: layers)
    }

    /// Returns the limits that the environment sets.
    private static func layers(
        _ environment: ServiceEnvironment, _ telemetry: ServiceTelemetry, _ database: Database? = nil
    ) throws(StartFailure) -> [any RequestLayer] {
        let layers: [(any RequestLayer)?] = [
            try TokenBucketLimit(environment, telemetry, for: name, sharing: database), try ConcurrencyLimit(environment, telemetry),
        ]
        return layers.compactMap(\.self)
    }

    init(
        _ telemetry: ServiceTelemetry, _ shelf: any AlbumShelf, _ jobs: any AlbumJobs, database: Database? = nil,
        layers: [any RequestLayer] = []
    ) {
        let intake = AlbumIntake(telemetry)
        worker = JobWorker(jobs, intake, telemetry)
        let routes = AlbumRoutes(shelf, intake, JobRoutes(jobs, worker, telemetry), telemetry)
        application = TracedApplication(telemetry, router: routes.router, contract: AlbumRoutes.contract, layers: layers)
        self.database = database
    }

    /// Creates a store in memory.
    static func application(_ telemetry: ServiceTelemetry, shelf: MemoryShelf = MemoryShelf()) -> TracedApplication {
        AlbumStoreApp(telemetry, shelf, MemoryJobs(shelf)).application
    }

    /// Does the jobs that wait, and exports what was recorded; returns false if something was lost.
    func stop(within duration: Duration) async -> Bool {
        let deadline = ContinuousClock.now + duration
        let isDone = await worker.stop(within: duration / 3)
        await database?.close(within: duration / 3)
        let isExported = await application.telemetry.stop(within: max(.zero, ContinuousClock.now.duration(to: deadline)))
        return (isDone || database != nil) && isExported
    }
}
