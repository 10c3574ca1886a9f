// The route of the relay: one call after the other, each in its own span, then an answer.

import ExampleSupport
import Telemetry

/// Makes the calls that a request lists.
struct RelayRoutes: Sendable {
    private let client: TracedClient

    init(_ client: TracedClient) {
        self.client = client
    }

    var router: Router {
        var router = Router()
        router.on("POST", "/test") { await relay($0) }
        return router
    }

    /// One element of the request: what is to be sent where.
    private struct Call {
        let url: String
        let arguments: JSONValue

        init?(_ element: JSONValue) {
            guard let url = element["url"]?.stringValue else { return nil }
            self.url = url
            arguments = element["arguments"] ?? []
        }
    }

    /// Takes an array of `{"url", "arguments"}`, and answers with the status of each call; null for one that failed.
    private func relay(_ request: ServiceRequest) async -> ServiceResponse {
        guard let elements = (try? JSONValue(parsing: request.body))?.arrayValue else {
            return .json(["message": "the body must be a JSON array"], status: 400)
        }
        let calls = elements.compactMap(Call.init)
        guard calls.count == elements.count else {
            return .json(["message": "each element must be an object with a url"], status: 400)
        }
        var answers: [JSONValue] = []
        for call in calls {
            // One that fails does not keep the others from being made; its span tells why it failed.
            let answer = try? await client.send("POST", call.url, json: call.arguments.description)
            answers.append(["url": .string(call.url), "status": answer.map { .integer(Int64($0.status)) } ?? .null])
        }
        return .json(.array(answers))
    }
}
