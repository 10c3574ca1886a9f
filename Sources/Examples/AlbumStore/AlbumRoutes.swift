// The routes of the album store. Answers, span names, attributes, events and texts are a public contract.

import ExampleSupport
import Telemetry

/// The handlers of the album store, and its metrics.
struct AlbumRoutes: Sendable {
    static let contract = ContractSpan(prefix: "album-store")

    private let shelf: AlbumShelf
    private let created: BoundCounter<Int>
    private let log: TelemetryLogger

    init(_ shelf: AlbumShelf, _ telemetry: ServiceTelemetry) {
        self.shelf = shelf
        log = telemetry.log
        created = telemetry.meter.counter("albums.created", unit: "{album}", description: "Albums added since the store was started.")
            .bind()
        telemetry.meter.observableUpDownCounter("albums.stored", unit: "{album}", description: "Albums on the shelf.") { observer in
            observer.observe(shelf.all.count)
        }
    }

    var router: Router {
        var router = Router(spanNames: .patternThenMethod)
        router.on("GET", "/albums") { Self.contract.response(.array(shelf.all.map(\.json)), recordsBody: false, to: $0) }
        router.on("GET", "/albums/:id") { request throws(Refusal) in try album(request) }
        router.on("POST", "/albums") { request throws(Refusal) in try add(request) }
        router.on("GET", "/v3/api-docs/", spanName: .conventional) { _ in .html(APIDocument.page) }
        router.on("GET", "/v3/api-docs/openapi.json", spanName: .conventional) { _ in .json(APIDocument.json) }
        return router
    }

    private func album(_ request: ServiceRequest) throws(Refusal) -> ServiceResponse {
        Self.contract.recordParameter("id", of: request)
        let id = try request.parameter("id", as: Int.self) {
            Refusal("Album [\($0)] not found, invalid request", recordsBody: false)
        }
        guard let album = shelf[id] else { throw Refusal("Album [\(id)] not found", recordsBody: false) }
        return Self.contract.response(album.json, to: request)
    }

    private func add(_ request: ServiceRequest) throws(Refusal) -> ServiceResponse {
        Self.contract.recordBody(of: request)
        let album: Album
        do { album = try request.decoded("The album") { Album(&$0) } } catch { throw Self.refusal(of: error) }
        guard shelf.add(album) else { throw Self.refusal(of: .invalid([FieldError("id", .unique)])) }
        created.add(1)
        log.info("album added", ["album.id": album.id])
        return Self.contract.response(album.json, status: 201, to: request)
    }

    private static func refusal(of error: JSONBodyError) -> Refusal {
        Refusal(error, malformed: "Malformed JSON. Not valid for Album", invalid: "Album JSON field validation failed")
    }
}
