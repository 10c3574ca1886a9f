// Starts the mission dashboard: one page that shows the mission and commands it.

import ExampleSupport
import Telemetry

@main struct MissionDashboardApp {
    private static let maximumBodyBytes = 64 << 10

    static func main() async {
        await ServiceProcess.main("mission-dashboard", defaultPort: 3000, maximumRequestBytes: maximumBodyBytes) { environment in
            let telemetry = try environment.startTelemetry(for: "mission-dashboard")
            return try application(environment, telemetry, transport: SocketTransport(timeout: .seconds(3)))
        }
    }

    static func application(
        _ environment: ServiceEnvironment, _ telemetry: ServiceTelemetry, transport: any Transport,
        providerTransport: (any Transport)? = nil,
        clock: TelemetryClock = .system
    ) throws(StartFailure) -> TracedApplication {
        let mission = MissionClient(
            TracedClient(telemetry, transport: transport),
            telemetryURL: try environment.url("TELEMETRY_URL", default: "http://localhost:8000", route: "/data"),
            timelineURL: try environment.url("TIMELINE_URL", default: "http://localhost:8081", route: "/data"),
            dispatcherURL: try environment.url("COMMAND_DISPATCHER_URL", default: "http://localhost:9000", route: "/dispatch"))
        let login = try Login(environment, telemetry, transport: providerTransport, clock: clock)
        var router = DashboardRoutes(mission: mission, log: telemetry.log, clock: clock, login: login).router
        login?.add(to: &router)
        router.addProbes { .text($0) }
        let gates: [any RequestLayer] = login.map { [LoginGate(login: $0)] } ?? []
        return TracedApplication(telemetry, router: router, layers: [PageSecurity()] + gates + [FiberAnswers()])
    }
}
