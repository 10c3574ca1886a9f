// Starts the command dispatcher, which passes commands on to the lunar module.

import ExampleSupport
import Telemetry

@main struct CommandDispatcherApp {
    private static let name = "command-dispatcher"
    private static let maximumBodyBytes = 64 << 10

    static func main() async {
        await ServiceProcess.main(name, defaultPort: 9000, maximumRequestBytes: maximumBodyBytes) { environment in
            let timeout = try environment.number("LUNAR_MODULE_TIMEOUT", default: 5000, in: 1...60_000)
            return try application(
                environment, try environment.startTelemetry(for: name), transport: SocketTransport(timeout: .milliseconds(timeout)))
        }
    }

    static func application(
        _ environment: ServiceEnvironment, _ telemetry: ServiceTelemetry, transport: any Transport
    ) throws(StartFailure) -> TracedApplication {
        let url = try environment.url("LUNAR_MODULE_URL", default: "http://localhost:8080/command", route: "/command")
        var router = DispatchRoutes(module: TracedClient(telemetry, transport: transport), moduleURL: url, log: telemetry.log).router
        router.addProbes { .json(["status": .string($0)]) }
        return TracedApplication(telemetry, router: router, layers: [FastAPIAnswers()])
    }
}
