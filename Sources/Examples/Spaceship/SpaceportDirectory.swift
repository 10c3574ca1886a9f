// Where the spaceports are that requests name.

import ExampleSupport
import Telemetry

/// Finds spaceports by name: by those that the environment lists, as a cluster's name service would, and else by the name itself.
struct SpaceportDirectory: Sendable {
    private let locations: [String: String]

    /// Reads `SPACEPORTS`: `pontus-spaceport=127.0.0.1:32500,zura-spaceport=127.0.0.1:32501`.
    init(_ environment: ServiceEnvironment) throws(StartFailure) {
        var locations: [String: String] = [:]
        for entry in (environment["SPACEPORTS"] ?? "").split(separator: ",") {
            let sides = entry.split(separator: "=", maxSplits: 1).map { String($0.filter { !$0.isWhitespace }) }
            guard sides.count == 2, Self.isLocation(sides[1]) else {
                throw StartFailure(
                    .configuration, "SPACEPORTS has \"\(entry)\"; it must be names with hosts and ports, as \"pontus=127.0.0.1:32500,…\".")
            }
            locations[sides[0]] = sides[1]
        }
        self.locations = locations
    }

    /// Returns the base of the URLs of a spaceport; nil for a text that is no host, with a port or without.
    func url(of spaceport: String) -> String? {
        let location = locations[spaceport] ?? spaceport
        return Self.isLocation(location) ? "http://\(location)" : nil
    }

    /// A location from outside must not lead to another path, nor carry credentials.
    private static func isLocation(_ text: String) -> Bool {
        guard text.utf8.allSatisfy({ !"/?#@\\".utf8.contains($0) }), let url = HTTPURL("http://\(text)") else { return false }
        return url.target == "/" && url.userInformation == nil
    }
}
