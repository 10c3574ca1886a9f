// The routes of a spaceship. Paths, bodies, texts and log messages are a public contract.

import ExampleSupport
import Telemetry

/// The handlers of a spaceship, each of which calls a spaceport twice: for a code, and to use it.
struct SpaceshipRoutes: Sendable {
    private static let passengers = 2...2000

    let service: SpaceService
    let id: String
    let directory: SpaceportDirectory
    let client: TracedClient

    private var log: TelemetryLogger { client.telemetry.log }

    /// What the ship does, in the words of paths and messages.
    private struct Action {
        let path: String
        let noun: String
        /// What fails, before the name of the spaceport.
        let failure: String
    }

    private static let dock = Action(path: "dock", noun: "docking", failure: "Failed to dock at ")
    private static let separate = Action(path: "separate", noun: "separation", failure: "Failed to separate from ")

    var router: Router {
        var router = Router()
        router.on("POST", "/dock/{spaceport}") { request throws(Refusal) in try await perform(Self.dock, request) }
        router.on("POST", "/separate/{spaceport}") { request throws(Refusal) in try await perform(Self.separate, request) }
        router.add(SpaceshipDocument.self)
        return router
    }

    private func perform(_ action: Action, _ request: ServiceRequest) async throws(Refusal) -> ServiceResponse {
        let spaceport = request.parameters["spaceport"] ?? ""
        service.describe(request, ship: id, spaceport: spaceport)
        guard let url = directory.url(of: spaceport) else { throw Self.noSpaceport(spaceport) }
        log.info(
            String(joining: "Requesting ", action.noun, " at ", spaceport), ["spaceport": .string(spaceport), "ship_id": .string(id)])
        do {
            let authorization = try await client.send("GET", "\(url)/request_\(action.noun)/\(id)")
            guard authorization.status == 200 else {
                return try refused(authorization, "Failed to request authorization code from ", spaceport, request)
            }
            let body: JSONValue = [
                "id": .string(id), "authorization_code": try JSONValue(parsing: authorization.body)["authorization_code"] ?? .null,
                "passengers": .integer(.random(in: Int64(Self.passengers.lowerBound)...Int64(Self.passengers.upperBound))),
            ]
            let answer = try await client.send("POST", "\(url)/\(action.path)", json: body.description)
            guard answer.status == 200 else { return try refused(answer, action.failure, spaceport, request) }
            return .json(try JSONValue(parsing: answer.body))
        } catch { return failed(error, action.failure, spaceport, request) }
    }

    /// Answers with the status of the spaceport, whose whole body is the detail.
    private func refused(
        _ answer: ServiceResponse, _ failure: String, _ spaceport: String, _ request: ServiceRequest
    ) throws -> ServiceResponse {
        let body = try JSONValue(parsing: answer.body)
        log.error(
            String(joining: failure, spaceport),
            ["spaceport": .string(spaceport), "ship_id": .string(id), "detail": .string(body.description.recorded)])
        service.explain(request, refusal: body["detail"]?.stringValue ?? body.description)
        return .json(["detail": body], status: answer.status)
    }

    /// Answers where the spaceport cannot be reached, or answers with no JSON.
    private func failed(_ error: any Error, _ failure: String, _ spaceport: String, _ request: ServiceRequest) -> ServiceResponse {
        let message = String(joining: failure, spaceport)
        log.error(message, ["spaceport": .string(spaceport), "ship_id": .string(id), "detail": .string("\(error)".recorded)])
        service.explain(request, refusal: "\(error)")
        var response = ServiceResponse.text("Internal Server Error", status: 500)
        response.spanStatus = .error("\(message): \(error)".recorded)
        return response
    }

    private static func noSpaceport(_ text: String) -> Refusal {
        let problem: JSONValue = [
            "type": "value_error", "loc": ["path", "spaceport"], "msg": "Value error, expected a host, with a port or without",
            "input": .string(text),
        ]
        return Refusal(["detail": [problem]], status: 422, reason: "invalid spaceport")
    }
}
