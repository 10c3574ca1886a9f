// The console as one handler: what comes in, what is asked, and the page.

package import ExampleSupport
import Telemetry

/// Receives, keeps and answers for all three signals on one port.
package final class Console: Sendable {
    /// Answers a request, or returns nil if it is not its own.
    package typealias Route = @Sendable (ServiceRequest) async -> ServiceResponse?

    package let stores: SignalStores
    private let intake: OTLPIntake
    private let data: DataRoutes
    private let jaeger: JaegerRoutes
    private let page = PageRoutes()
    private let guardian: AccessGuard
    private let receiving: Router
    private let others: [Route]

    /// - Parameters:
    ///   - observers: see the requests that were taken.
    ///   - others: answer what the console does not.
    package init(
        _ stores: SignalStores, access: ConsoleAccess = ConsoleAccess(), maximumRequestBytes: Int = OTLPIntake.maximumRequestBytes,
        observers: [OTLPIntake.Observer] = [], others: [Route] = []
    ) {
        self.stores = stores
        let intake = OTLPIntake(stores, maximumBytes: maximumRequestBytes, observers: observers)
        self.intake = intake
        let queries = QueryRunner()
        data = DataRoutes(stores, queries)
        jaeger = JaegerRoutes(stores, queries)
        guardian = AccessGuard(access)
        // The paths of OTLP are exact: senders are not redirected.
        var receiving = Router(redirectsTrailingSlash: false)
        receiving.on("POST", "/v1/traces") { await intake.answer($0, .traces) }
        receiving.on("POST", "/v1/metrics") { await intake.answer($0, .metrics) }
        receiving.on("POST", "/v1/logs") { await intake.answer($0, .logs) }
        self.receiving = receiving
        self.others = others
    }

    /// Answers a request; the console records no telemetry of its own.
    package func respond(to request: ServiceRequest) async -> ServiceResponse {
        await guardian.respond(to: request) { await self.answer($0) }
    }

    private func answer(_ request: ServiceRequest) async -> ServiceResponse {
        if request.path.hasPrefix("/v1/") { return await receiving.respond(to: request) }
        if let response = await data.respond(to: request) { return response }
        if let response = await jaeger.respond(to: request) { return response }
        if let response = page.respond(to: request) { return response }
        for route in others {
            if let response = await route(request) { return response }
        }
        return await receiving.respond(to: request)
    }

    /// Ends the streams of events, which would hold up the end of the server.
    package func stop() { data.changes.stop() }
}
