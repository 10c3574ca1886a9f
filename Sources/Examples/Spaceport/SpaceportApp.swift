// Starts a spaceport, at which ships dock that have asked for a code.

import ExampleSupport
import Telemetry

@main struct SpaceportApp {
    static func main() async {
        await ServiceProcess.run("spaceport", defaultPort: 32000) { environment in
            let service = try SpaceService("spaceport", environment)
            let limit = try environment.number("DOCKING_LIMIT", default: 3, in: 0...10_000)
            let telemetry = try service.startTelemetry(environment)
            let feed = try LedgerFeed(environment, service)
            let routes = SpaceportRoutes(service, limit: limit, telemetry, feed: feed)
            let application = service.application(
                telemetry, router: routes.router, writesAccessLines: try environment.logsRequests)
            return service.running(application) { await feed?.stop(within: $0) ?? true }
        }
    }
}
