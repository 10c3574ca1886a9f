// The routes of the proxy: each asks the album store, and its span tells both answers.

import ExampleSupport
import Telemetry

/// Hands requests on to the album store. The attributes, events and texts are a public contract.
struct ProxyRoutes: Sendable {
    private let store: TracedClient
    /// The base of the store's URLs, without a slash at its end.
    private let storeURL: String
    private let log: TelemetryLogger

    init(store: TracedClient, storeURL: String, log: TelemetryLogger) {
        self.store = store
        self.storeURL = storeURL
        self.log = log
    }

    var router: Router {
        var router = Router()
        router.on("GET", "/albums") { request in
            request.span.updateName("/albums \(request.method)")
            return await forward(request, Call(name: "getAlbums", method: "GET", path: "/albums"))
        }
        router.on("GET", "/albums/:id") { await album($0) }
        router.on("POST", "/albums") { await add($0) }
        return router
    }

    /// One call of the store, by the name that error messages give it.
    private struct Call {
        let name: String
        let method: String
        let path: String
        var body: String?
    }

    private func album(_ request: ServiceRequest) async -> ServiceResponse {
        let text = request.parameters["id"] ?? ""
        request.span.updateName("/albums/:id \(request.method)")
        request.span["proxy-service.request.parameters"] = "ID=\(text)"
        guard let id = Int(text) else { return fail("error invalid ID [\(text)] requested", status: 400, request.span) }
        return await forward(request, Call(name: "getAlbumById", method: "GET", path: "/albums/\(id)"))
    }

    private func add(_ request: ServiceRequest) async -> ServiceResponse {
        request.span.updateName("/albums POST")
        request.span["proxy-service.request.body"] = .string(request.text.recorded)
        guard let album = try? JSONValue(prefixOf: request.body) else {
            return fail("invalid request json body \(request.text)", status: 400, request.span)
        }
        let body = album.withSortedKeys.description
        return await forward(request, Call(name: "postAlbum", method: "POST", path: "/albums", body: body))
    }

    private func forward(_ request: ServiceRequest, _ call: Call) async -> ServiceResponse {
        let span = request.span
        let answer: ServiceResponse
        do {
            answer = try await store.send(call.method, storeURL + call.path, json: call.body)
        } catch {
            return fail("error contacting album-store \(call.name) \(error)", status: 500, span)
        }
        span["album-store.response.code"] = answer.status
        span["album-store.response.body"] = .string(answer.text.recorded)
        guard answer.status == 200 || answer.status == 201 else {
            // The span shows why the store refused; the caller is told only that it did.
            let message = "album-store returned error \(call.name)"
            return fail(message, status: answer.status, recordedBody: answer.text, span)
        }
        guard let json = try? JSONValue(parsing: answer.body) else {
            return fail("error from album-store Malformed JSON returned", status: 500, span)
        }
        let body = json.withSortedKeys.description
        span["proxy-service.response.code"] = answer.status
        span["proxy-service.response.body"] = .string(body.recorded)
        return .json(body, status: answer.status, spanStatus: .ok)
    }

    private func fail(_ message: String, status: Int, recordedBody: String? = nil, _ span: TraceSpan) -> ServiceResponse {
        let json: JSONValue = ["message": .string(message)]
        let body = json.description
        span["proxy-service.response.code"] = status
        span["proxy-service.response.body"] = .string((recordedBody ?? body).recorded)
        span.addEvent(message.recorded)
        let detail: Attributes = recordedBody.map { ["detail": .string($0.recorded)] } ?? [:]
        log.log(status >= 500 ? .error : .warn, message.recorded, detail)
        return .json(body, status: status, spanStatus: .error(message.recorded))
    }
}
