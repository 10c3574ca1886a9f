// The console as one handler: what comes in, what is asked, and the page.

package import ExampleSupport
package import Telemetry

/// Receives, keeps and answers for all three signals on one port.
package final class Console: Sendable {
    /// Answers a request, or returns nil if it is not its own.
    package typealias Route = @Sendable (ServiceRequest) async -> ServiceResponse?

    package let stores: SignalStores
    /// What came by each protocol.
    package let counts = ReceiverCounts()
    private let intake: ConsoleIntake
    private let data: DataRoutes
    private let jaeger: JaegerRoutes
    private let metrics: MetricRoutes
    private let alerts: AlertManager
    private let alertRoutes: AlertRoutes
    private let errors: ErrorRoutes
    private let conventions: ConventionRoutes
    private let agents: MCPRoutes
    private let page = PageRoutes()
    private let scraper: Scraper?
    private let probes: Probes?
    private let probeRoutes: ProbeRoutes
    private let guardian: AccessGuard
    private let receiving: Router
    private let others: [Route]
    private let archive: RunArchive?
    private let logStore: LogStore?
    private let forwarder: Forwarder?
    private let observers: [ConsoleIntake.Observer]

    /// - Parameters:
    ///   - archive: the file in which requests are kept too.
    ///   - logStore: the file in which log records are found by their words.
    ///   - forwarder: passes requests on.
    ///   - alerts: evaluates rules; nil for a console without rules. It ends with the console.
    ///   - scraper: reads metrics from targets into the store; it ends with the console.
    ///   - probes: probe targets, and end with the console.
    ///   - observers: see the requests that were taken.
    ///   - others: answer what the console does not.
    ///   - queryTime: how long a query looks; then it is answered with what it has found, and in PromQL refused.
    package init(
        _ stores: SignalStores, access: ConsoleAccess = ConsoleAccess(), maximumRequestBytes: Int = OTLPIntake.maximumRequestBytes,
        archive: RunArchive? = nil, logStore: LogStore? = nil, forwarder: Forwarder? = nil, alerts: AlertManager? = nil,
        scraper: Scraper? = nil, probes: Probes? = nil, observers: [ConsoleIntake.Observer] = [], others: [Route] = [],
        queryTime: Duration = .seconds(2)
    ) {
        self.stores = stores
        let alerts = alerts ?? AlertManager(stores, AlertManager.Options())
        self.alerts = alerts
        alertRoutes = AlertRoutes(alerts)
        self.archive = archive
        self.logStore = logStore
        self.forwarder = forwarder
        self.scraper = scraper
        if let archive {
            let errors = stores.errors
            if let document = archive.document("errors") { errors.restore(document) }
            // The document has all groups.
            archive.store(document: "errors", every: .seconds(30)) { errors.changedDocument() }
        }
        self.probes = probes
        probeRoutes = ProbeRoutes(probes)
        var targets: (@Sendable () -> [ScrapeTargetStatus])?
        if scraper != nil || probes != nil { targets = { (scraper?.statuses ?? []) + (probes?.statuses ?? []) } }
        metrics = MetricRoutes(stores.metrics, logs: stores.logs, targets: targets, queryTime: queryTime)
        var observers = observers
        if let archive { observers.append { request, signal, _ in archive.store(request, signal) } }
        if let logStore { observers.append { request, signal, items in if signal == .logs { logStore.store(request, items: items) } } }
        if let forwarder { observers.append { request, signal, items in forwarder.forward(request, signal, items: items) } }
        self.observers = observers
        let sinks = observers
        errors = ErrorRoutes(stores.errors) { Self.keep($0, .logs, stores, sinks) }
        conventions = ConventionRoutes(stores.conventions)
        archive?.store(document: Probes.document, every: .seconds(30)) { probes?.changedDocument() }
        probes?.start(archive: archive) { Self.keep($0, .traces, stores, sinks) }
        let intake = ConsoleIntake(stores, maximumBytes: maximumRequestBytes, counts: counts, observers: observers)
        self.intake = intake
        let queries = QueryRunner(queryTime: queryTime)
        data = DataRoutes(stores, queries, counts, archive: archive, forwarder: forwarder, logStore: logStore)
        agents = MCPRoutes(AgentTools(stores: stores, logStore: logStore), queries)
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

    /// The methods of the services of OTLP, for a server of gRPC.
    package var calls: [String: GRPCServer.Handler] {
        let intake = intake
        return [
            "/opentelemetry.proto.collector.trace.v1.TraceService/Export": { await intake.answer($0, .traces) },
            "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export": { await intake.answer($0, .metrics) },
            "/opentelemetry.proto.collector.logs.v1.LogsService/Export": { await intake.answer($0, .logs) },
        ]
    }

    private func answer(_ request: ServiceRequest) async -> ServiceResponse {
        if request.path.hasPrefix("/v1/") { return await receiving.respond(to: request) }
        if let response = await probeRoutes.respond(to: request) { return response }
        if let response = await alertRoutes.respond(to: request) { return response }
        if let response = await errors.respond(to: request) { return response }
        if let response = await conventions.respond(to: request) { return response }
        if let response = await metrics.respond(to: request) { return response }
        if let response = await data.respond(to: request) { return response }
        if let response = await agents.respond(to: request) { return response }
        if let response = await jaeger.respond(to: request) { return response }
        if let response = page.respond(to: request) { return response }
        for route in others {
            if let response = await route(request) { return response }
        }
        return await receiving.respond(to: request)
    }

    /// Keeps log records that did not come over the network, as a request in protobuf.
    package func keep(logs request: [UInt8]) { Self.keep(request, .logs, stores, observers) }

    private static func keep(
        _ request: [UInt8], _ signal: OTLPReceivedRequest.Signal, _ stores: SignalStores, _ observers: [ConsoleIntake.Observer]
    ) {
        // Lines of files, events of reporters and spans of probes are encoded here, so that they can be read.
        guard let count = try? stores.receive(request, signal, maximumBytes: .max).count else { return }
        for observer in observers { observer(request, signal, count.accepted) }
    }

    /// Ends the streams of events, which would hold up the end of the server.
    package func stop() { data.changes.stop() }

    /// Delivers and stores what waits until the deadline.
    package func finish(until deadline: Deadline) async {
        stop()
        alerts.stop()
        scraper?.stop()
        probes?.stop()
        await forwarder?.stop(until: deadline)
        await archive?.stop(until: deadline)
        await logStore?.stop(until: deadline)
    }
}
