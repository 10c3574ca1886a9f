// The routes of alerts: Prometheus' and Alertmanager's APIs, and the JSON that the page reads.

import ExampleSupport
import Telemetry

/// Answers `/api/v1/alerts`, `/api/v1/rules`, `/api/v2/…` and `/data/alerts`.
struct AlertRoutes: Sendable {
    private static let maximumBodyBytes = 64 << 10

    private let router: Router

    init(_ manager: AlertManager) {
        let started = manager.now
        var router = Router(redirectsTrailingSlash: false)
        router.on("GET", "/api/v1/alerts") { _ in .json(AlertAnswer.alerts(manager.snapshot)) }
        router.on("GET", "/api/v1/rules") { _ in .json(AlertAnswer.rules(manager.snapshot)) }
        router.on("GET", "/data/alerts") { _ in .json(AlertAnswer.page(manager.snapshot, manager.sender.counts, at: manager.now)) }
        router.on("GET", "/api/v2/status") { _ in
            .json(AlertAnswer.status(manager.snapshot, version: SDK.version, started: started))
        }
        router.on("GET", "/api/v2/receivers") { _ in
            .json(.array(manager.snapshot.dispatcher.routing.receivers.keys.sorted().map { ["name": .string($0)] }))
        }
        router.on("GET", "/api/v2/alerts") { request throws(Refusal) in
            .json(AlertAnswer.sentAlerts(manager.snapshot, matching: try Self.filter(request), at: manager.now))
        }
        router.on("GET", "/api/v2/silences") { request throws(Refusal) in
            let matchers = try Self.filter(request).map(\.description)
            let listed = AlertAnswer.silences(manager.snapshot, at: manager.now).filter { silence in
                let own = (silence["matchers"]?.arrayValue ?? []).map {
                    "\($0["name"]?.stringValue ?? "")=\"\($0["value"]?.stringValue ?? "")\""
                }
                return matchers.allSatisfy(own.contains)
            }
            return .json(.array(listed))
        }
        router.on("POST", "/api/v2/silences") { request throws(Refusal) in
            let type = (request.headers["content-type"] ?? "").prefix { $0 != ";" }
            guard type.lowercased() == "application/json" else {
                throw Self.refusal("the content type is \"\(type.prefix(80))\"; it must be application/json", status: 415)
            }
            guard request.body.count <= Self.maximumBodyBytes else {
                throw Self.refusal("a silence has at most \(Self.maximumBodyBytes) bytes", status: 413)
            }
            do throws(SilenceList.Failure) {
                let (silence, id) = try SilenceJSON.posted(request.body, at: manager.now)
                return .json(["silenceID": .string(try manager.setSilence(silence, replacing: id))])
            } catch { throw Self.refusal(error.message, status: error.message.hasSuffix("not found") ? 404 : 400) }
        }
        router.on("GET", "/api/v2/silence/:id") { request throws(Refusal) in
            let id = request.parameters["id"] ?? ""
            guard let silence = manager.snapshot.silences.all.first(where: { $0.id == id }) else {
                throw Self.refusal("silence \(id.prefix(80)) not found", status: 404)
            }
            return .json(SilenceJSON.listed(silence, at: manager.now))
        }
        router.on("DELETE", "/api/v2/silence/:id") { request throws(Refusal) in
            let id = request.parameters["id"] ?? ""
            guard manager.expireSilence(id) else { throw Self.refusal("silence \(id.prefix(80)) not found", status: 404) }
            return ServiceResponse(status: 200)
        }
        self.router = router
    }

    /// Returns the answer to a request for alerts; nil for another.
    func respond(to request: ServiceRequest) async -> ServiceResponse? {
        let path = request.path
        guard path == "/api/v1/alerts" || path == "/api/v1/rules" || path == "/data/alerts" || path.hasPrefix("/api/v2/") else {
            return nil
        }
        return await router.respond(to: request)
    }

    /// Returns the matchers of `filter=` parameters.
    private static func filter(_ request: ServiceRequest) throws(Refusal) -> [AlertMatcher] {
        var matchers: [AlertMatcher] = []
        for pair in ServiceRequest.pairs(of: request.query) where pair.name == "filter" {
            do throws(AlertMatcher.SyntaxError) { matchers += try AlertMatcher.parse(pair.value) } catch {
                throw refusal("bad filter: \(error.reason)", status: 400)
            }
        }
        return matchers
    }

    /// Returns a refusal as Alertmanager answers it: the message as a JSON text.
    private static func refusal(_ message: String, status: Int) -> Refusal {
        Refusal(.string(message), status: status, reason: message)
    }
}
