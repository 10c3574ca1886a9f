// The routes of the dispatcher. Paths, bodies and texts are a public contract.

import ExampleSupport
import Telemetry

/// The handlers of the dispatcher: each calls the lunar module and passes on its answer and its status.
struct DispatchRoutes: Sendable {
    let module: TracedClient
    /// The base of the lunar module's URLs, without a slash at its end.
    let moduleURL: String
    let log: TelemetryLogger

    var router: Router {
        var router = Router()
        router.on("POST", "/dispatch") { request throws(Refusal) in try await dispatch(request) }
        router.on("GET", "/commands") { _ in await call("GET", "/commands", Self.repeated) }
        router.on("GET", "/commands/{id}") { request throws(Refusal) in
            let id = try request.parameter("id", as: Int.self) {
                Refusal("\($0) is no identifier of a command", status: 422, key: "detail")
            }
            return await call("GET", "/commands/\(id)", template: "/commands/{id}", Self.repeated)
        }
        return router
    }

    private func dispatch(_ request: ServiceRequest) async throws(Refusal) -> ServiceResponse {
        let command = try Self.command(request)
        let type = command["command_type"]?.stringValue ?? ""
        request.span["lunar.command.type"] = .string(type)
        log.info("received command", ["command.type": .string(type)])
        var headers: HTTPHeaders = [:]
        headers["Idempotency-Key"] = request.headers["Idempotency-Key"]
        return await call("POST", "/command", headers: headers, body: command) { answer in
            log.info("lunar module answered", ["status": .int(Int64(answer.status)), "text": .string(answer.text.recorded)])
            guard let json = try? JSONValue(parsing: answer.body) else { return nil }
            var response = ServiceResponse.json(
                ["status": answer.status == 200 ? "relayed" : "rejected", "lunar_module_response": json], status: answer.status)
            response.headers["Location"] = answer.headers["Location"]
            response.headers["Retry-After"] = answer.headers["Retry-After"]
            return response
        }
    }

    /// Answers with a JSON answer of the lunar module.
    private static func repeated(_ answer: ServiceResponse) -> ServiceResponse? {
        (try? JSONValue(parsing: answer.body)).map { .json($0, status: answer.status) }
    }

    /// Reads a command; fields that are missing or null are left out.
    private static func command(_ request: ServiceRequest) throws(Refusal) -> JSONValue {
        var fields = try ModelFields(request)
        var members: [JSONObject.Member] = [.init(key: "command_type", value: .string(fields.string("command_type")))]
        if fields.optional("id") != nil { members.append(.init(key: "id", value: .integer(Int64(fields.integer("id"))))) }
        for name in ["timestamp", "status"] where fields.optional(name) != nil {
            members.append(.init(key: name, value: .string(fields.string(name))))
        }
        if let parameters = fields.optional("parameters") { members.append(.init(key: "parameters", value: parameters)) }
        try fields.check()
        return .object(JSONObject(members))
    }

    /// Calls the lunar module and answers with what is made of its answer; 500 where it has none, or one that cannot be used.
    private func call(
        _ method: String, _ path: String, template: String? = nil, headers: HTTPHeaders = [:], body: JSONValue? = nil,
        _ response: (ServiceResponse) -> ServiceResponse?
    ) async -> ServiceResponse {
        let problem: String
        do {
            let answer = try await module.send(
                method, moduleURL + path, template: template ?? path, headers: headers, json: body?.description)
            if let response = response(answer) { return response }
            problem = "its answer is no JSON: status \(answer.status), \(answer.text.recorded)"
        } catch { problem = "\(error)" }
        log.error("lunar module has no answer", ["detail": .string(problem)])
        return .text("Internal Server Error", status: 500)
    }
}
