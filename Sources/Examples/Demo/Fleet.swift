// Any number of spaceships and spaceports on this machine, with one ledger and one collector.

import ExampleSupport
import Glibc

/// The size of a fleet, and what its services are started with.
struct Fleet: Sendable {
    /// A process of the fleet.
    struct Member: Sendable {
        let program: String
        let name: String
        let port: Int
        var variables: [String: String] = [:]

        var url: String { "http://127.0.0.1:\(port)" }
    }

    private static let shipNames = ["enterprise", "voyager", "endeavour", "explorer", "invincible", "avenger", "venture"]
    private static let portNames = ["deepspace9", "pontus", "zura"]
    private static let maximumPorts = 100

    let collector: Member
    let ledger: Member
    let spaceports: [Member]
    let ships: [Member]
    /// How long the ships travel; zero leaves that to requests from elsewhere.
    let duration: Duration

    /// Whether the environment asks for a fleet in place of the demo.
    static func isWanted(_ environment: ServiceEnvironment) -> Bool { environment["SHIPS"] != nil }

    /// Reads `SHIPS`, `PORTS`, `SECONDS`, `VERSIONS`, and `FLEET_PORT`, the first of the ports that the fleet listens on.
    init(_ environment: ServiceEnvironment, folder: String, logFolder: String) throws(StartFailure) {
        // The client that sends the requests keeps connections to 256 hosts.
        let shipCount = try environment.number("SHIPS", default: 5, in: 1...200)
        let portCount = try environment.number("PORTS", default: 2, in: 1...Self.maximumPorts)
        let versions = try environment.words("VERSIONS", among: ["v1", "v2", "v2-correlated"])
        duration = .seconds(try environment.number("SECONDS", default: 0, in: 0...3600))
        let first = try environment.number("FLEET_PORT", default: 20_000, in: 1...60_000)

        func member(_ program: String, _ name: String, _ offset: Int, _ own: [String: String]) -> Member {
            var variables = [
                "HOST": "127.0.0.1", "PORT": "\(first + offset)", "NAMESPACE": "fleet", "INSTANCE_NAME": name,
                "OTEL_LOCATION": "127.0.0.1:\(first)", "LOG_FILE": "\(logFolder)/\(name).jsonl", "STOP_TIMEOUT": "5000",
            ]
            variables.merge(own) { $1 }
            return Member(program: program, name: name, port: first + offset, variables: variables)
        }
        func version(_ index: Int) -> String { versions.isEmpty ? "v2-correlated" : versions[index % versions.count] }
        func name(_ index: Int, _ names: [String], _ kind: String) -> String {
            "\(index < names.count ? names[index] : "\(kind)\(index + 1)")-space\(kind)"
        }
        // Drawing the traces of many ships would take the processors from them; they can be looked up.
        collector = member("Collector", "collector", 0, ["GRPC_PORT": "none", "SETTLE_MILLISECONDS": duration == .zero ? "1000" : "60000"])
        let ledger = member(
            "Ledger", "ledger", 1, ["DATABASE_URL": "sqlite:\(folder)/ledger.db", "DATABASE_TIMEOUT": "10000", "VERSION": ""])
        self.ledger = ledger
        spaceports = (0..<portCount).map { index in
            member(
                "Spaceport", name(index, Self.portNames, "port"), 2 + index,
                ["VERSION": version(index), "LEDGER_URL": ledger.url, "LEDGER_SPOOL": "\(folder)/spool"])
        }
        let directory = spaceports.map { "\($0.name)=127.0.0.1:\($0.port)" }.joined(separator: ",")
        ships = (0..<shipCount).map { index in
            let name = name(index, Self.shipNames, "ship")
            return member(
                "Spaceship", name, 2 + Self.maximumPorts + index,
                ["VERSION": version(index), "SHIP_ID": name, "SPACEPORTS": directory])
        }
    }

    /// All processes in the order of their start.
    var members: [Member] { [collector, ledger] + spaceports + ships }
}
