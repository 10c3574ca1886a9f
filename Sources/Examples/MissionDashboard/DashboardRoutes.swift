// The routes of the dashboard. Paths, bodies and texts are a public contract.

import ExampleSupport
import Telemetry

/// The handlers of the dashboard: the page, its live fragments, and what its buttons send.
struct DashboardRoutes: Sendable {
    let mission: MissionClient
    let log: TelemetryLogger
    let clock: TelemetryClock
    /// Nil lets everybody in.
    let login: Login?

    var router: Router {
        var router = Router()
        router.on("GET", "/") { await page(for: login?.session(of: $0)) }
        router.on("GET", "/telemetry") { _ in .html(DashboardPage.telemetry(await mission.readings())) }
        router.on("GET", "/events") { _ in .html(DashboardPage.events(await mission.events(), now: CalendarTime(clock.now))) }
        router.on("GET", "/commands") { _ in .html(DashboardPage.commands(await mission.module())) }
        router.on("GET", "/systems") { _ in await systems() }
        router.on("POST", "/command") { request throws(Refusal) in try await command(request) }
        router.on("POST", "/event") { request throws(Refusal) in try await event(request) }
        for file in DashboardAssets.files {
            router.on("GET", "/static/\(file.name)") { _ in
                var response = ServiceResponse.text(file.text, contentType: file.type)
                response.headers["Cache-Control"] = "max-age=60"
                return response
            }
        }
        return router
    }

    private func page(for user: Login.Session?) async -> ServiceResponse {
        async let readings = mission.readings()
        async let events = mission.events()
        async let module = mission.module()
        async let services = mission.services()
        return .html(
            DashboardPage.page(
                user: user?.name, systems: DashboardPage.systems(await module, await services),
                telemetry: DashboardPage.telemetry(await readings),
                events: DashboardPage.events(await events, now: CalendarTime(clock.now)), commands: DashboardPage.commands(await module)))
    }

    private func systems() async -> ServiceResponse {
        async let module = mission.module()
        async let services = mission.services()
        return .html(DashboardPage.systems(await module, await services))
    }

    /// Has the dispatcher send a command, and passes on its answer and its status.
    private func command(_ request: ServiceRequest) async throws(Refusal) -> ServiceResponse {
        let command = try Self.fields(of: request) { $0.text("command", length: 1...50) }
        request.span["mission.command"] = .string(command)
        do {
            let answer = try await mission.dispatch(command)
            log.log(
                answer.status == 200 ? .info : .warn, "command sent", ["command": .string(command), "status": answer.status])
            return .json(["status": .string(answer.text)], status: answer.status)
        } catch {
            throw Refusal(
                ["status": "Failed to send command"], status: 502, reason: "Failed to send command", detail: "\(error)")
        }
    }

    /// Has the timeline store an event, whose time is in UTC.
    private func event(_ request: ServiceRequest) async throws(Refusal) -> ServiceResponse {
        let (name, text) = try Self.fields(of: request) { ($0.text("name", length: 1...200), $0.text("time", length: 1...40)) }
        guard let time = CalendarTime(text, requiresZone: false) else {
            throw Refusal("Field time must be a time in UTC such as 1969-07-20T20:17", status: 500, key: "error")
        }
        let answer: ServiceResponse
        do { answer = try await mission.add(ShownEvent(name: name, time: time)) } catch {
            throw Refusal("The timeline cannot be reached", status: 500, key: "error", detail: "\(error)")
        }
        guard answer.status == 201 else {
            throw Refusal(
                "The timeline has refused the event: \(answer.text.recorded)", status: 500, key: "error",
                detail: "status \(answer.status)")
        }
        return .json(["status": "Event added successfully"])
    }

    /// Reads the fields of a body, JSON or a form.
    private static func fields<Value>(
        of request: ServiceRequest, _ read: (inout JSONFields) -> Value
    ) throws(Refusal) -> Value {
        do throws(JSONBodyError) { return try request.decodedFields("The body", read) } catch {
            switch error {
            case .malformed(let error): throw Refusal("Malformed JSON. \(error)", key: "error")
            case .wrongType(let mismatch): throw Refusal("\(mismatch)", key: "error")
            case .invalid(let errors):
                let text = errors.map { "Field \($0.field): \($0.rule.rawValue)" }.joined(separator: "; ")
                throw Refusal(text, key: "error")
            }
        }
    }
}
