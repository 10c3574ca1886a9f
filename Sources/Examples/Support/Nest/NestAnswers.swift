// What NestJS does with requests that no route fits, and the form of its errors.

package import Telemetry

/// Answers requests without a route in Nest's words; another method of a known path has no route either.
package struct NestAnswers: RequestLayer {
    package init() {}

    package func respond(to request: ServiceRequest, next: Handler) async -> ServiceResponse {
        let response = await next(request)
        let isUnknown =
            response.status == 404 && response.body.elementsEqual(Router.notFoundText.utf8)
            || response.status == 405 && response.body.elementsEqual(Router.methodNotAllowedText.utf8)
        return isUnknown ? .json(Refusal.nest(404, "Cannot \(request.method) \(request.target)").body, status: 404) : response
    }
}

extension Refusal {
    private static let errors = [
        400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 409: "Conflict", 500: "Internal Server Error",
        501: "Not Implemented", 503: "Service Unavailable",
    ]

    /// Creates a refusal that is answered with `{"message": …, "error": "Not Found", "statusCode": 404}`.
    package static func nest(_ status: Int, _ message: String, detail: String? = nil) -> Refusal {
        Refusal(body(status, .string(message)), status: status, reason: message, detail: detail)
    }

    /// Creates the refusal of a body: all that is wrong with it.
    package static func nest(invalid problems: [String]) -> Refusal {
        Refusal(body(400, .array(problems.map { .string($0) })), status: 400, reason: problems.joined(separator: "; ").recorded)
    }

    /// The refusal of a request without a token that is valid.
    package static let nestUnauthorized = Refusal(
        ["message": "Unauthorized", "statusCode": 401], status: 401, reason: "Unauthorized")

    /// Creates the refusal of a request that a store did not serve: 503, to be tried again.
    package static func nest(unavailable error: any Error, _ message: String = "The database is unavailable") -> Refusal {
        var refusal = nest(503, message, detail: "\(error)")
        refusal.headers["Retry-After"] = "1"
        return refusal
    }

    private static func body(_ status: Int, _ message: JSONValue) -> JSONValue {
        var members: [JSONObject.Member] = [.init(key: "message", value: message)]
        if let error = errors[status] { members.append(.init(key: "error", value: .string(error))) }
        return .object(JSONObject(members + [.init(key: "statusCode", value: .integer(Int64(status)))]))
    }
}

extension Router {
    /// Adds `/health` and `/metrics`, both below the prefix and without it: probes and Prometheus ask for the bare paths.
    package mutating func addNestProbes(
        _ telemetry: ServiceTelemetry, service: String, version: String, prefix: String, clock: TelemetryClock
    ) {
        let start = ContinuousClock.now
        for prefix in ["", prefix] {
            on("GET", "\(prefix)/health") { _ in
                let uptime = start.duration(to: .now) / .milliseconds(1)
                return .json([
                    "status": "ok", "service": .string(service),
                    "timestamp": .string(CalendarTime(clock.now).rfc3339WithMilliseconds), "uptime": .number(uptime.rounded() / 1000),
                    "version": .string(version),
                ])
            }
            on("GET", "\(prefix)/metrics") { await telemetry.metricsPage(for: $0) }
        }
    }
}
