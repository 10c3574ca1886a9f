// The routes of the album store. Answers, span names, attributes, events and texts are a public contract.

import ExampleSupport
import Telemetry

/// The handlers of the album store, and its metrics.
struct AlbumRoutes: Sendable {
    static let contract = ContractSpan(prefix: "album-store")

    private let shelf: any AlbumShelf
    private let intake: AlbumIntake
    private let jobs: JobRoutes

    init(_ shelf: any AlbumShelf, _ intake: AlbumIntake, _ jobs: JobRoutes, _ telemetry: ServiceTelemetry) {
        self.shelf = shelf
        self.intake = intake
        self.jobs = jobs
        telemetry.meter.observableUpDownCounter("albums.stored", unit: "{album}", description: "Albums on the shelf.") { observer in
            observer.observe(shelf.knownCount)
        }
    }

    var router: Router {
        var router = Router(spanNames: .patternThenMethod)
        let listing = AlbumListing(shelf: shelf)
        router.on("GET", "/albums") { request throws(Refusal) in try await listing.response(to: request) }
        router.on("GET", "/albums/:id") { request throws(Refusal) in try await album(request) }
        router.on("POST", "/albums") { request throws(Refusal) in try await add(request) }
        router.on("GET", "/jobs/:id") { request throws(Refusal) in try await jobs.job(request) }
        let page = APIDocument.page()
        router.on("GET", "/v3/api-docs/", spanName: .conventional) { _ in .html(page) }
        router.on("GET", "/v3/api-docs/openapi.json", spanName: .conventional) { _ in .json(APIDocument.json) }
        return router
    }

    private func album(_ request: ServiceRequest) async throws(Refusal) -> ServiceResponse {
        Self.contract.recordParameter(.id, of: request)
        let id = try request.parameter("id", as: Int.self) {
            Refusal("Album [\($0)] not found, invalid request", recordsBody: false)
        }
        let album: Album?
        do { album = try await shelf.album(id) } catch { throw .albumsUnavailable(error) }
        guard let album else { throw Refusal("Album [\(id)] not found", recordsBody: false) }
        return Self.contract.response(album.json, to: request)
    }

    private func add(_ request: ServiceRequest) async throws(Refusal) -> ServiceResponse {
        Self.contract.recordBody(of: request)
        let isAsynchronous = try JobRoutes.isWanted(by: request)
        let album = try intake.album(of: request)
        if isAsynchronous { return try await jobs.enqueue(album, request) }
        let isAdded: Bool
        do { isAdded = try await shelf.add(album) } catch { throw .albumsUnavailable(error) }
        guard isAdded else { throw AlbumIntake.refusal(of: .invalid([AlbumIntake.identifierIsTaken])) }
        intake.record(album)
        return Self.contract.response(album.json, status: 201, to: request)
    }
}
