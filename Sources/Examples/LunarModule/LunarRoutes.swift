// The routes of the lunar module. Paths, bodies and texts are a public contract.

import ExampleSupport
import Telemetry

/// The handlers of the lunar module.
struct LunarRoutes: Sendable {
    /// Commands in the answer to `GET /commands`.
    private static let listed = 50

    let commands: CommandStore
    let module: ModuleStore
    /// Commands that may wait; more are refused.
    let maximumQueue: Int
    let telemetry: ServiceTelemetry
    /// Called after each command that was stored.
    let received: @Sendable () -> Void

    var router: Router {
        var router = Router()
        router.on("GET", "/command") { _ throws(Refusal) in try await nextCommand() }
        router.on("POST", "/command") { request throws(Refusal) in try await save(request) }
        router.on("GET", "/commands") { _ throws(Refusal) in try await list() }
        router.on("GET", "/commands/:id") { request throws(Refusal) in try await command(request) }
        return router
    }

    /// Hands out the oldest command that waits, and marks it as being processed. The answer shows it as it was.
    private func nextCommand() async throws(Refusal) -> ServiceResponse {
        let claimed: [Command]
        do { claimed = try await commands.claim(1) } catch { throw Self.failure("\(error)", error) }
        guard var command = claimed.first else { throw Refusal("No pending commands", status: 404) }
        command.status = .pending
        return .json(.object(JSONObject(command.members)))
    }

    private func save(_ request: ServiceRequest) async throws(Refusal) -> ServiceResponse {
        let command = try NewCommand(request)
        request.span["lunar.command.type"] = .string(command.type)
        guard commands.knownDepth < maximumQueue else {
            var refusal = Refusal("Too many commands are waiting", status: 503, key: "error")
            refusal.headers["Retry-After"] = "1"
            throw refusal
        }
        let id: Int
        do throws(DatabaseError) {
            id = try await telemetry.tracer.withSpan(
                CommandExecutor.sendName, kind: .producer, CommandExecutor.sendAttributes(command.type)
            ) { span async throws(DatabaseError) in
                var carrier: [String: String] = [:]
                W3CTraceContextPropagator().inject(.current, into: &carrier)
                let id = try await commands.save(command, traceParent: carrier["traceparent"] ?? "")
                span["messaging.message.id"] = .string(String(id))
                return id
            }
        } catch { throw Self.failure("Failed to save command", error) }
        received()
        telemetry.log.info("command saved", ["command.id": .int(Int64(id)), "command.type": .string(command.type)])
        var response = ServiceResponse.json(["status": "Command saved"])
        response.headers["Location"] = "/commands/\(id)"
        return response
    }

    private func list() async throws(Refusal) -> ServiceResponse {
        do throws(DatabaseError) {
            let (state, latest) = (try await module.state(), try await commands.latest(Self.listed))
            return .json([
                "state": .string(state.rawValue), "queue_depth": .integer(Int64(commands.knownDepth)),
                "commands": .array(latest.map(\.json)),
            ])
        } catch { throw Self.failure("\(error)", error) }
    }

    private func command(_ request: ServiceRequest) async throws(Refusal) -> ServiceResponse {
        let id = try request.parameter("id", as: Int.self) { _ in
            Refusal("The identifier of a command must be a whole number", key: "error")
        }
        let command: Command?
        do { command = try await commands.command(id) } catch { throw Self.failure("\(error)", error) }
        guard let command else { throw Refusal("Command \(id) not found", status: 404) }
        return .json(command.json)
    }

    private static func failure(_ message: String, _ error: DatabaseError) -> Refusal {
        var refusal = Refusal(message, status: 500, key: "error", detail: "\(error)")
        refusal.headers["Retry-After"] = "1"
        return refusal
    }
}
