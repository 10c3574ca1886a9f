// What the files of `Deploy` say of the services, for tests that hold it against the services themselves.

import ExampleSupport
import Foundation
import Testing

/// A service as `Deploy/services.json` describes it.
struct DeployedService: Sendable, CustomTestStringConvertible {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../Deploy").standardized
    static let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../Sources").standardized

    let system: String
    let name: String
    let program: String
    let port: Int
    /// The paths of its probes.
    let probes: [String]
    let calls: [String]
    let hasDatabase: Bool
    /// Whether an autoscaler adds replicas.
    let scales: Bool
    let secrets: [String]
    /// The variables that all services have, and its own.
    let environment: [String: String]

    var testDescription: String { name }

    /// All services, in the order of the file.
    static func all() throws -> [DeployedService] {
        let data = try json("services.json")
        let shared = texts(data["all"])
        return try members(data["systems"]).flatMap { system in
            try members(system.value["services"]).map { try DeployedService(system.key, $0.key, $0.value, shared) }
        }
    }

    /// Reads a file of the folder.
    static func text(_ path: String) throws -> String { try String(contentsOf: folder.appending(path: path), encoding: .utf8) }

    static func json(_ path: String) throws -> JSONValue { try JSONValue(parsing: try text(path)) }

    static func members(_ value: JSONValue?) -> [JSONObject.Member] { if case .object(let object) = value { object.members } else { [] } }

    private static func texts(_ value: JSONValue?) -> [String: String] {
        Dictionary(uniqueKeysWithValues: members(value).map { ($0.key, $0.value.stringValue ?? "") })
    }

    private init(_ system: String, _ name: String, _ data: JSONValue, _ shared: [String: String]) throws {
        (self.system, self.name) = (system, name)
        program = try #require(data["program"]?.stringValue)
        port = try #require(data["port"]?.integerValue)
        probes = ["live", "ready", "started"].compactMap { data[$0]?.stringValue }
        calls = data["calls"]?.arrayValue?.compactMap(\.stringValue) ?? []
        hasDatabase = data["database"] != nil
        scales = data["scales"] == true
        secrets = Self.members(data["secrets"]).map(\.key)
        environment = shared.merging(Self.texts(data["environment"])) { $1 }
    }

    /// The text of all Swift files of a folder of the sources.
    static func programText(_ folder: String) throws -> String {
        let files = FileManager.default.enumerator(at: sources.appending(path: folder), includingPropertiesForKeys: nil)
        let swift = files?.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" } ?? []
        return try swift.map { try String(contentsOf: $0, encoding: .utf8) }.joined(separator: "\n")
    }
}
