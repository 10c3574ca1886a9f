// Two services of which one is deployed again and again while they are used.

import ExampleSupport
import Synchronization
import Telemetry

/// A port's handler, which can be put there and replaced after the port is open.
final class Door: Sendable {
    private let handler = Mutex<Handler?>(nil)

    func open(_ handler: @escaping Handler) { self.handler.withLock { $0 = handler } }

    func respond(_ request: ServiceRequest) async -> ServiceResponse {
        guard let handler = handler.withLock({ $0 }) else { return .text("nothing is deployed", status: 503) }
        return await handler(request)
    }
}

/// A shop that asks a service for orders; both export by the SDK to an OTLP endpoint, switched on by variables alone.
///
/// A statement takes its time on the manual clock, which the telemetry has too.
final class OrdersSystem: Sendable {
    /// A build of the service for orders.
    struct Release: Sendable {
        let version: String
        var statement = "SELECT * FROM orders WHERE id = ?"
        var queryTime = Duration.zero
        /// Each statement of this number fails; 0 for none.
        var failsEvery = 0

        static let good = Release(version: "1.4.0")

        /// A build with a statement that no index serves.
        static func slow(_ version: String) -> Release {
            Release(
                version: version, statement: "SELECT * FROM orders WHERE lower(id) = lower(?)", queryTime: .milliseconds(1_200),
                failsEvery: 3)
        }
    }

    struct QueryTimeout: Error, CustomStringConvertible {
        var description: String { "canceling statement due to statement timeout" }
    }

    private struct State {
        /// The telemetry of what is deployed.
        var systems: [String: TelemetrySystem] = [:]
        var statements = 0
    }

    private let clock: ManualClock
    private let endpoint: String
    private let state: Mutex<State>
    private let listeners: [ServiceListener]
    /// The address of an order in the shop.
    let url: String

    private let deployed = Door()

    init(_ clock: ManualClock, endpoint: String) throws {
        self.clock = clock
        self.endpoint = endpoint
        let deployed = deployed
        let orders = try ServiceListener.start(host: "127.0.0.1", port: 0, options: .patient) { await deployed.respond($0) }
        let system = try Self.telemetry("shop", "2.0.1", clock, endpoint)
        let shop = Self.shop(ServiceTelemetry("shop", system), ordersURL: "http://127.0.0.1:\(orders.port)")
        let listener = try ServiceListener.start(host: "127.0.0.1", port: 0, options: .patient) { await shop.respond(to: $0) }
        listeners = [listener, orders]
        state = Mutex(State(systems: ["shop": system]))
        url = "http://127.0.0.1:\(listener.port)/orders/7"
    }

    private static func telemetry(
        _ service: String, _ version: String, _ clock: ManualClock, _ endpoint: String
    ) throws -> TelemetrySystem {
        try TelemetrySystem.start(
            clock: .manual(clock),
            environment: [
                "OTEL_SERVICE_NAME": service, "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_METRIC_EXPORT_INTERVAL": "86400000",
                "OTEL_RESOURCE_ATTRIBUTES": "service.version=\(version),deployment.environment.name=production",
                "OTEL_EXPORTER_OTLP_TIMEOUT": "60000",
            ])
    }

    private static func shop(_ telemetry: ServiceTelemetry, ordersURL: String) -> TracedApplication {
        let client = TracedClient(telemetry, transport: SocketTransport(timeout: ServiceHarness.patience))
        var router = Router()
        router.on("GET", "/orders/:id") { request async throws(Refusal) in
            let id = request.parameters["id"] ?? ""
            guard let answer = try? await client.send("GET", "\(ordersURL)/orders/\(id)", template: "/orders/:id") else {
                throw Refusal("orders cannot be reached", status: 502)
            }
            guard answer.status == 200 else { throw Refusal("orders answered with status \(answer.status)", status: 502) }
            return .json(["id": .string(id)])
        }
        return TracedApplication(telemetry, router: router)
    }

    /// Puts a build in the place of the one that runs.
    func deploy(_ release: Release) async throws {
        let system = try Self.telemetry("orders", release.version, clock, endpoint)
        let telemetry = ServiceTelemetry("orders", system)
        var router = Router()
        router.on("GET", "/orders/:id") { [weak self] request throws(Refusal) in
            let id = request.parameters["id"] ?? ""
            do {
                try telemetry.tracer.withSpan(
                    "SELECT orders", kind: .client,
                    ["db.system.name": "postgresql", "db.namespace": "orders", "db.query.text": .string(release.statement)]
                ) { _ in try self?.query(release) }
            } catch { throw Refusal("\(error)", status: 500) }
            return .json(["id": .string(id)])
        }
        let application = TracedApplication(telemetry, router: router)
        deployed.open { await application.respond(to: $0) }
        let replaced = state.withLock { $0.systems.updateValue(system, forKey: "orders") }
        _ = await replaced?.shutdown(within: ServiceHarness.patience)
    }

    private func query(_ release: Release) throws {
        clock.advance(by: release.queryTime)
        let number = state.withLock { state in
            state.statements += 1
            return state.statements
        }
        if release.failsEvery > 0, number % release.failsEvery == 0 { throw QueryTimeout() }
    }

    /// Requests orders as people do.
    func use(times: Int) async throws {
        let client = SocketTransport(timeout: ServiceHarness.patience)
        for _ in 0..<times { _ = try await client.send("GET", url, headers: [:], body: []) }
    }

    /// Exports what was recorded; returns false if something was lost.
    func export() async -> Bool {
        var isComplete = true
        for system in state.withLock({ Array($0.systems.values) }) {
            let result = await system.forceFlush(within: ServiceHarness.patience)
            isComplete = isComplete && result == .completed
        }
        return isComplete
    }

    func stop() async {
        for listener in listeners { await listener.stop(within: .seconds(2)) }
        for system in state.withLock({ Array($0.systems.values) }) { _ = await system.shutdown(within: .seconds(2)) }
    }
}
