// The routes of the album store, and what the span of each request tells.

import ExampleSupport
import Telemetry

/// Answers requests for albums. The attributes, events and texts are a public contract.
struct AlbumRoutes: Sendable {
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
        var router = Router()
        router.on("GET", "/albums") { list($0) }
        router.on("GET", "/albums/:id") { album($0) }
        router.on("POST", "/albums") { add($0) }
        router.on("GET", "/v3/api-docs/") { _ in .html(APIDocument.page) }
        router.on("GET", "/v3/api-docs/openapi.json") { _ in .json(APIDocument.json) }
        return router
    }

    private func list(_ request: ServiceRequest) -> ServiceResponse {
        request.span.updateName("/albums \(request.method)")
        request.span["album-store.response.code"] = 200
        return .json(.array(shelf.all.map(\.json)), spanStatus: .ok)
    }

    private func album(_ request: ServiceRequest) -> ServiceResponse {
        let text = request.parameters["id"] ?? ""
        request.span.updateName("/albums/:id \(request.method)")
        request.span["album-store.request.parameters"] = "ID=\(text)"
        guard let id = Int(text) else { return refuse("Album [\(text)] not found, invalid request", request.span) }
        guard let album = shelf[id] else { return refuse("Album [\(id)] not found", request.span) }
        return succeed(album, status: 200, request.span)
    }

    private func add(_ request: ServiceRequest) -> ServiceResponse {
        let span = request.span
        span.updateName("/albums POST")
        span["album-store.request.body"] = .string(request.text.recorded)
        let album: Album
        do {
            album = try Album(JSONValue(prefixOf: request.body))
        } catch let error as JSONError {
            let message = "Malformed JSON. Not valid for Album"
            return refuse(message, event: "Malformed JSON. \(error)", showsBody: true, span)
        } catch {
            return refuse("\(error)", showsBody: true, span)
        }
        let errors = album.fieldErrors
        guard errors.isEmpty else { return refuse(errors, span) }
        guard shelf.add(album) else { return refuse([FieldError(field: "id", message: FieldError.exists)], span) }
        created.add(1)
        log.info("album added", ["album.id": album.id])
        return succeed(album, status: 201, span)
    }

    private func succeed(_ album: Album, status: Int, _ span: TraceSpan) -> ServiceResponse {
        let body = album.json.description
        span["album-store.response.code"] = status
        span["album-store.response.body"] = .string(body.recorded)
        return .json(body, status: status, spanStatus: .ok)
    }

    /// Refuses with a message; only requests that have a body show the answer's body in the span.
    private func refuse(_ message: String, event: String? = nil, showsBody: Bool = false, _ span: TraceSpan) -> ServiceResponse {
        let body: JSONValue = ["message": .string(message)]
        return refuse(body, reason: message, event: event ?? message, showsBody: showsBody, span)
    }

    private func refuse(_ errors: [FieldError], _ span: TraceSpan) -> ServiceResponse {
        let list = JSONValue.array(errors.map(\.json))
        return refuse(
            ["errors": list], reason: "Album JSON field validation failed", event: list.description, showsBody: true, span)
    }

    private func refuse(_ json: JSONValue, reason: String, event: String, showsBody: Bool, _ span: TraceSpan) -> ServiceResponse {
        let body = json.description
        span["album-store.response.code"] = 400
        if showsBody { span["album-store.response.body"] = .string(body.recorded) }
        span.addEvent(event)
        log.warn(reason, event == reason ? [:] : ["detail": .string(event)])
        return .json(body, status: 400, spanStatus: .error(reason))
    }
}
