// The routes of the telemetry service. Paths, bodies and texts are a public contract.

import ExampleSupport
import Telemetry

/// The handlers of the telemetry service.
struct ReadingRoutes: Sendable {
    private static let limits = 1...1000
    /// Readings that are read at a time.
    private static let pageLength = 500
    private static let longestKey = 200

    private let archive: ReadingArchive
    private let stored: Counter<Int>
    private let log: TelemetryLogger
    private let clock: TelemetryClock

    init(_ archive: ReadingArchive, _ telemetry: ServiceTelemetry, clock: TelemetryClock) {
        self.archive = archive
        self.clock = clock
        log = telemetry.log
        stored = telemetry.meter.counter(
            "readings_received", unit: "{reading}", description: "Readings that were stored, and repeated ones.")
    }

    var router: Router {
        var router = Router()
        router.on("POST", "/input") { request throws(Refusal) in try await add(request) }
        router.on("GET", "/data") { request throws(Refusal) in try await list(request) }
        return router
    }

    private func add(_ request: ServiceRequest) async throws(Refusal) -> ServiceResponse {
        var fields = try ModelFields(request)
        let (text, position, speed, status) = (
            fields.string("timestamp"), fields.number("position"), fields.number("speed"), fields.string("status")
        )
        try fields.check()
        guard let timestamp = CalendarTime(text, requiresZone: false) else {
            throw Self.invalid("timestamp", "datetime_parsing", "Input should be a valid datetime, such as 1969-07-20T20:17:40Z", text)
        }
        // PostgreSQL's texts cannot hold the character.
        guard !status.utf8.contains(0) else {
            throw Self.invalid("status", "string_type", "Input should be a valid string without the character U+0000", status)
        }
        let key = request.headers["Idempotency-Key"]
        guard (key ?? "").utf8.count <= Self.longestKey else {
            throw Refusal("Idempotency-Key must have at most \(Self.longestKey) bytes", key: "detail")
        }
        let reading = ReceivedReading(
            timestamp: timestamp, position: position, speed: speed, status: status, received: CalendarTime(clock.now))
        do throws(DatabaseError) {
            let isNew = try await archive.add(reading, key: key)
            stored.add(1, ["repeated": !isNew])
        } catch { return failure(error) }
        return .json(["status": "ok"])
    }

    /// Answers with all readings, or with the newest ones if the query has `limit`.
    private func list(_ request: ServiceRequest) async throws(Refusal) -> ServiceResponse {
        let limit = try Self.limit(request)
        do throws(DatabaseError) {
            guard let limit else {
                return try await .jsonArray(opening: #"{"data":["#, closing: "]}") {
                    [archive] (position: Int?) async throws(DatabaseError) in
                    let page = try await archive.readings(before: position, limit: Self.pageLength)
                    return JSONPage(page.readings.map(\.json), next: page.next)
                }
            }
            return .json(["data": .array(try await archive.readings(before: nil, limit: limit).readings.map(\.json))])
        } catch { return failure(error) }
    }

    private static func limit(_ request: ServiceRequest) throws(Refusal) -> Int? {
        guard let text = request.queryParameter("limit") else { return nil }
        guard let limit = Int(text), limits.contains(limit) else {
            throw invalid(
                "limit", in: "query", "int_parsing",
                "Input should be a valid integer from \(limits.lowerBound) to \(limits.upperBound)", text)
        }
        return limit
    }

    private static func invalid(
        _ field: String, in place: String = "body", _ type: String, _ message: String, _ input: String
    ) -> Refusal {
        let problem: JSONValue = [
            "type": .string(type), "loc": [.string(place), .string(field)], "msg": .string(message), "input": .string(input),
        ]
        return Refusal(["detail": [problem]], status: 422, reason: "invalid request", detail: "\(place).\(field): \(message)")
    }

    private func failure(_ error: DatabaseError) -> ServiceResponse {
        log.error("database does not answer", ["detail": .string("\(error)")])
        var response = ServiceResponse.text("Internal Server Error", status: 500)
        response.headers["Retry-After"] = "1"
        return response
    }
}
