// The routes of the timeline. Paths, bodies and texts are a public contract.

import ExampleSupport
import Telemetry

/// The handlers of the timeline.
struct TimelineRoutes: Sendable {
    private static let limits = 1...1000
    private static let longestName = 200

    let events: EventStore
    let log: TelemetryLogger
    /// Called after each event that was added.
    let added: @Sendable () -> Void

    var router: Router {
        var router = Router()
        router.on("GET", "/data") { request throws(Refusal) in try await list(request) }
        router.on("POST", "/input") { request throws(Refusal) in try await add(request) }
        return router
    }

    /// Answers with all events in the order of their times, or with the last of them if the query has `limit`.
    private func list(_ request: ServiceRequest) async throws(Refusal) -> ServiceResponse {
        let limit = try Self.limit(request)
        do throws(DatabaseError) {
            guard let limit else {
                return try await .jsonArray { [events] (after: MissionEvent?) async throws(DatabaseError) in
                    let page = try await events.page(after: after)
                    return JSONPage(page.events.map(\.json), next: page.next)
                }
            }
            return .json(.array(try await events.last(limit).map(\.json)))
        } catch { throw Self.failure(error) }
    }

    private func add(_ request: ServiceRequest) async throws(Refusal) -> ServiceResponse {
        let fields: (name: String, time: String?)
        do throws(JSONBodyError) {
            fields = try request.decodedFields("The body") { ($0.text("name", length: 1...Self.longestName), $0.optionalText("time")) }
        } catch {
            switch error {
            case .malformed(let error): throw Refusal("Malformed JSON. \(error)", key: "error")
            case .wrongType(let mismatch): throw Refusal("\(mismatch)", key: "error")
            case .invalid(let errors):
                let rule = "must have 1 to \(Self.longestName) characters, and none that is U+0000"
                throw Refusal("Field \(errors[0].field) \(rule)", key: "error")
            }
        }
        var time: CalendarTime?
        if let text = fields.time {
            time = CalendarTime(text)
            if time == nil { throw Refusal("Field time must be a time such as 1969-07-20T20:17:40Z", key: "error") }
        }
        var carrier: [String: String] = [:]
        W3CTraceContextPropagator().inject(.current, into: &carrier)
        let event: MissionEvent
        do { event = try await events.add(fields.name, at: time, traceParent: carrier["traceparent"] ?? "") } catch {
            throw Self.failure(error)
        }
        request.span["timeline.event.id"] = .string(event.id.text)
        log.info("event added", ["timeline.event.id": .string(event.id.text), "timeline.event.name": .string(event.name.recorded)])
        added()
        return .json(event.json, status: 201)
    }

    private static func limit(_ request: ServiceRequest) throws(Refusal) -> Int? {
        guard let text = request.queryParameter("limit") else { return nil }
        guard let limit = Int(text), limits.contains(limit) else {
            throw Refusal("Query parameter limit must be a whole number from \(limits.lowerBound) to \(limits.upperBound)", key: "error")
        }
        return limit
    }

    private static func failure(_ error: DatabaseError) -> Refusal {
        var refusal = Refusal("\(error)", status: 500, key: "error", detail: "\(error)")
        refusal.headers["Retry-After"] = "1"
        return refusal
    }
}
