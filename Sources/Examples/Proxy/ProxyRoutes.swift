// The routes of the proxy. Answers, span names, attributes, events and texts are a public contract.

import ExampleSupport
import Telemetry

/// The handlers of the proxy: each calls the album store, and its span records both answers.
struct ProxyRoutes: Sendable {
    static let contract = ContractSpan(prefix: "proxy-service")
    private static let storeContract = ContractSpan(prefix: "album-store")

    let store: TracedClient
    /// The base of the store's URLs, without a slash at its end.
    let storeURL: String

    var router: Router {
        var router = Router(spanNames: .patternThenMethod)
        router.on("GET", "/albums") { request throws(Refusal) in try await forward(request, Call(name: "getAlbums", path: "/albums")) }
        router.on("GET", "/albums/:id") { request throws(Refusal) in try await album(request) }
        router.on("POST", "/albums") { request throws(Refusal) in try await add(request) }
        return router
    }

    /// One call of the store, with the name that error messages have for it.
    private struct Call {
        let name: String
        var method = "GET"
        let path: String
        var body: String?
    }

    private func album(_ request: ServiceRequest) async throws(Refusal) -> ServiceResponse {
        Self.contract.recordParameter(.id, of: request)
        let id = try request.parameter("id", as: Int.self) { Self.refusal("error invalid ID [\($0)] requested") }
        return try await forward(request, Call(name: "getAlbumById", path: "/albums/\(id)"))
    }

    private func add(_ request: ServiceRequest) async throws(Refusal) -> ServiceResponse {
        Self.contract.recordBody(of: request)
        guard let album = try? JSONValue(prefixOf: request.body) else {
            throw Self.refusal("invalid request json body \(request.text)")
        }
        return try await forward(
            request, Call(name: "postAlbum", method: "POST", path: "/albums", body: album.withSortedKeys.description))
    }

    private func forward(_ request: ServiceRequest, _ call: Call) async throws(Refusal) -> ServiceResponse {
        let answer: ServiceResponse
        do { answer = try await store.send(call.method, storeURL + call.path, json: call.body) } catch {
            throw Self.refusal("error contacting album-store \(call.name) \(error)", status: 500)
        }
        Self.storeContract.recordResponse(answer.status, body: answer.text, to: request)
        guard answer.status == 200 || answer.status == 201 else {
            // The span records why the store refused; the caller learns only that it did.
            throw Self.refusal("album-store returned error \(call.name)", status: answer.status, storeBody: answer.text)
        }
        guard let json = try? JSONValue(parsing: answer.body) else {
            throw Self.refusal("error from album-store Malformed JSON returned", status: 500)
        }
        return Self.contract.response(json.withSortedKeys, status: answer.status, to: request)
    }

    /// Messages hold texts of any length, from requests and from the store: what is recorded of them is cut.
    private static func refusal(_ message: String, status: Int = 400, storeBody: String? = nil) -> Refusal {
        var refusal = Refusal(message, status: status)
        (refusal.reason, refusal.event) = (message.recorded, message.recorded)
        refusal.detail = storeBody?.recorded
        if let storeBody { refusal.recordedBody = storeBody }
        return refusal
    }
}
