// Starts a spaceship, which docks at the spaceports that requests name.

import ExampleSupport
import Glibc
import Telemetry

@main struct SpaceshipApp {
    static func main() async {
        await ServiceProcess.run("spaceship", defaultPort: 32001) { environment in
            let service = try SpaceService("spaceship", environment)
            let id = try shipID(environment)
            let directory = try SpaceportDirectory(environment)
            let telemetry = try service.startTelemetry(environment)
            let routes = SpaceshipRoutes(
                service: service, id: id, directory: directory,
                client: TracedClient(telemetry, transport: SocketTransport(), spanPrefix: ""))
            return service.running(
                service.application(telemetry, router: routes.router, writesAccessLines: try environment.logsRequests))
        }
    }

    /// Returns `SHIP_ID`, or else the name of the host, which is the ship's in a container.
    static func shipID(_ environment: ServiceEnvironment) throws(StartFailure) -> String {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        let id = environment["SHIP_ID"] ?? String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let isUsable =
            (1...255).contains(id.utf8.count)
            && id.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || "0123456789-_.".unicodeScalars.contains($0))
            }
        guard isUsable else {
            throw StartFailure(
                .configuration, "SHIP_ID is \"\(id)\"; it must be letters, digits, \"-\", \"_\" and \".\", 1 to 255 of them.")
        }
        return id
    }
}
