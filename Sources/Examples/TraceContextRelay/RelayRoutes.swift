// The one route of the relay, with the bodies that the W3C's test suite sends and expects.

import ExampleSupport
import Telemetry

/// The handler of the relay: makes the calls that a request lists, in order.
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

    /// One element of the request: an address and the body to send there.
    private struct Call {
        let url: String
        let arguments: JSONValue

        init?(_ element: JSONValue) {
            guard let url = element["url"]?.stringValue else { return nil }
            self.url = url
            arguments = element["arguments"] ?? []
        }
    }

    /// Answers an array of `{"url", "arguments"}` with the status of each call; null for one that failed.
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
            // A failure does not prevent the calls after it; the call's own span records the reason.
            let answer = try? await client.send("POST", call.url, json: call.arguments.description)
            answers.append(["url": .string(call.url), "status": answer.map { .integer(Int64($0.status)) } ?? .null])
        }
        return .json(.array(answers))
    }
}
