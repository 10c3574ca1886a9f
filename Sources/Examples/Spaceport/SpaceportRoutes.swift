// The routes of a spaceport. Paths, bodies, texts, metrics and log messages are a public contract.

import ExampleSupport
import Synchronization
import Telemetry

/// The handlers of a spaceport.
final class SpaceportRoutes: Sendable {
    private let service: SpaceService
    private let docks: Mutex<Docks>
    private let feed: LedgerFeed?
    private let metrics: SpaceportMetrics
    private let log: TelemetryLogger

    init(_ service: SpaceService, limit: Int, _ telemetry: ServiceTelemetry, feed: LedgerFeed? = nil) {
        self.service = service
        docks = Mutex(Docks(limit: limit))
        self.feed = feed
        metrics = SpaceportMetrics(telemetry.meter)
        log = telemetry.log
    }

    var router: Router {
        var router = Router()
        router.on("GET", "/request_docking/{ship_id}") { request throws(Refusal) in try self.requestCode(request, for: .dock) }
        router.on("POST", "/dock") { request throws(Refusal) in try self.use(request, for: .dock) }
        router.on("GET", "/request_separation/{ship_id}") { request throws(Refusal) in try self.requestCode(request, for: .separate) }
        router.on("POST", "/separate") { request throws(Refusal) in try self.use(request, for: .separate) }
        router.on("GET", "/docked_ships") { _ in .json(.array(self.docks.withLock { $0.docked }.map { .string($0.id) })) }
        router.on("GET", "/authorization_requests") { _ in
            let (docking, separation) = self.docks.withLock { ($0.dockingRequests.ships, $0.separationRequests.ships) }
            func list(_ ships: [String]) -> JSONValue { .array(ships.map { ["id": .string($0)] }) }
            return .json(["docking_requests": list(docking), "separation_requests": list(separation)])
        }
        router.on("POST", "/clear_lists") { _ in
            for ship in self.docks.withLock({ $0.clear() }) { self.metrics.left(ship) }
            return .json(["message": "All lists cleared"])
        }
        router.add(SpaceportDocument.self)
        return router
    }

    private func requestCode(_ request: ServiceRequest, for action: Docks.Action) throws(Refusal) -> ServiceResponse {
        let ship = request.parameters["ship_id"] ?? ""
        service.describe(request, ship: ship, spaceport: service.name)
        try Self.check(ship, at: ["path", "ship_id"])
        log.info(String(joining: "Requesting ", action.noun, " for ship ", ship), ["ship_id": .string(ship)])
        metrics.issuedCode(for: action)
        let code = docks.withLock { $0.requestCode(for: action, ship: ship) }
        return .json(["authorization_code": .string(code)])
    }

    private func use(_ request: ServiceRequest, for action: Docks.Action) throws(Refusal) -> ServiceResponse {
        let ship: Docks.Ship
        do throws(Refusal) { ship = try Self.ship(of: request) } catch {
            service.explain(request, refusal: error.detail ?? error.reason)
            throw error
        }
        service.describe(request, ship: ship.id, spaceport: service.name)
        do throws(Docks.Refusal) {
            let passengers: Int
            switch action {
            case .dock:
                try docks.withLock { docks throws(Docks.Refusal) in try docks.dock(ship) }
                metrics.docked(ship)
                passengers = ship.passengers
            case .separate:
                let docked = try docks.withLock { docks throws(Docks.Refusal) in try docks.separate(ship) }
                metrics.separated(docked)
                passengers = docked.passengers
            }
            // By its raw value: an enumeration becomes a text by reflection.
            let outcome = action.outcome.rawValue
            log.info(String(joining: "Ship ", ship.id, " ", outcome, " successfully"), ["ship_id": .string(ship.id)])
            feed?.send(SpaceportEvent(action.outcome, action.event, ship: ship.id, port: service.name, passengers: passengers))
            return .json(["message": .string("Ship \(outcome) successfully")])
        } catch { return refused(request, ship, action, error) }
    }

    private func refused(
        _ request: ServiceRequest, _ ship: Docks.Ship, _ action: Docks.Action, _ refusal: Docks.Refusal
    ) -> ServiceResponse {
        let limit = docks.withLock { $0.limit }
        let message =
            switch refusal {
            case .invalidCode: String(joining: "Invalid authorization code for ship ", ship.id)
            case .alreadyDocked: String(joining: "Ship ", ship.id, " already docked")
            case .limitReached: "Docking limit '\(limit)' reached, Dock is full"
            case .notFound: String(joining: "Ship ", ship.id, " not found")
            }
        log.error(message, ["ship_id": .string(ship.id)])
        feed?.send(
            SpaceportEvent(
                .refused, action.event, ship: ship.id, port: service.name, passengers: ship.passengers, reason: refusal.rawValue))
        var response = ServiceResponse.json(["detail": .string(refusal.rawValue)], status: 400)
        service.explain(request, refusal: refusal.rawValue)
        if service.explainsRefusals {
            request.span.recordException(refusal)
            response.spanStatus = .error(refusal.rawValue)
        }
        return response
    }

    private static func ship(of request: ServiceRequest) throws(Refusal) -> Docks.Ship {
        var fields = try ModelFields(request)
        let ship = Docks.Ship(
            id: fields.string("id"), authorizationCode: fields.string("authorization_code"), passengers: fields.integer("passengers"))
        try fields.check()
        try check(ship.id, at: ["body", "id"])
        return ship
    }

    /// Refuses an identifier that the ledger could not keep, whose events would be missing there; a long one could fill the memory as well.
    private static func check(_ ship: String, at location: [JSONValue]) throws(Refusal) {
        let limit = SpaceportEvent.longestText
        let problem: JSONValue
        if ship.utf8.count > limit {
            problem = [
                "type": "string_too_long", "loc": .array(location), "msg": .string("String should have at most \(limit) bytes"),
                "input": .string(ship), "ctx": ["max_length": .integer(Int64(limit))],
            ]
        } else if ship.isEmpty {
            problem = [
                "type": "string_too_short", "loc": .array(location), "msg": "String should have at least 1 character", "input": "",
                "ctx": ["min_length": 1],
            ]
        } else if ship.utf8.contains(0) {
            problem = [
                "type": "value_error", "loc": .array(location), "msg": "Value error, expected a text without the character NUL",
                "input": .string(ship),
            ]
        } else {
            return
        }
        throw Refusal(["detail": [problem]], status: 422, reason: "invalid ship identifier")
    }
}

extension Docks.Action {
    fileprivate var noun: String { self == .dock ? "docking" : "separation" }
    fileprivate var outcome: SpaceportEvent.Outcome { self == .dock ? .docked : .separated }
    fileprivate var event: SpaceportEvent.Action { self == .dock ? .dock : .separate }
}
