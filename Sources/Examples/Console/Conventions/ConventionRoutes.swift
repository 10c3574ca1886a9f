// The route of findings, as the page reads them.

import ExampleSupport
import Telemetry

/// Answers `/data/conventions`.
struct ConventionRoutes: Sendable {
    private let router: Router

    init(_ watch: ConventionWatch) {
        var router = Router(redirectsTrailingSlash: false)
        router.on("GET", "/data/conventions") { request throws(Refusal) in
            do throws(APIError) { return .json(try Self.answer(request, watch)) } catch { throw Refusal(error) }
        }
        router.on("DELETE", "/data/conventions") { _ in
            watch.reset()
            return ServiceResponse(status: 204)
        }
        self.router = router
    }

    /// Returns the answer to a request for findings; nil for another.
    func respond(to request: ServiceRequest) async -> ServiceResponse? {
        request.path == "/data/conventions" ? await router.respond(to: request) : nil
    }

    private static func answer(_ request: ServiceRequest, _ watch: ConventionWatch) throws(APIError) -> JSONValue {
        let parameters = try QueryParameters(request, ["service", "level", "rule"], now: .now)
        var level: ConventionFinding.Level?
        if let text = parameters["level"] {
            level = ConventionFinding.Level(rawValue: text)
            if level == nil { throw APIError(message: "level must be violation, improvement or information.") }
        }
        var rule: ConventionFinding.Rule?
        if let text = parameters["rule"] {
            rule = ConventionFinding.Rule(rawValue: text)
            if rule == nil {
                let rules = ConventionFinding.Rule.allCases.map(\.rawValue).joined(separator: ", ")
                throw APIError(message: "rule must be one of \(rules).")
            }
        }
        let (report, skippedRequests) = watch.findings
        let services = report.services.filter { parameters["service"] == nil || $0.key == parameters["service"] }
        let listed = services.sorted { $0.key < $1.key }.map { name, service in
            let findings = service.findings.filter { entry in
                (level ?? entry.finding.level) == entry.finding.level && (rule ?? entry.finding.rule) == entry.finding.rule
            }
            return answer(name, service, findings)
        }
        return [
            "schemaUrl": .string(Resource.semanticConventions), "services": .array(listed),
            "skippedRequests": .integer(Int64(skippedRequests)), "skippedItems": .integer(Int64(report.skipped)),
            "leftOut": .integer(Int64(report.leftOut)),
        ]
    }

    private static func answer(_ name: String, _ service: ConventionReport.Service, _ findings: [ConventionReport.Entry]) -> JSONValue {
        func count(_ signal: ConventionFinding.Signal) -> JSONValue { .integer(Int64(service.items[signal] ?? 0)) }
        func count(_ level: ConventionFinding.Level) -> JSONValue { .integer(Int64(service.count(level))) }
        return [
            "service": .string(name),
            "checked": ["spans": count(.span), "metrics": count(.metric), "logs": count(.log)],
            "violations": count(.violation), "improvements": count(.improvement), "informations": count(.information),
            "findings": .array(
                findings.map { entry in
                    [
                        "rule": .string(entry.finding.rule.rawValue), "level": .string(entry.finding.level.rawValue),
                        "signal": .string(entry.finding.signal.rawValue), "subject": .string(entry.finding.subject),
                        "message": .string(entry.finding.message), "count": .integer(Int64(entry.count)),
                        "names": .array(entry.names.map { .string($0) }), "traceId": .string(entry.traceID),
                    ]
                }),
        ]
    }
}
