// The services of `Deploy` as processes of this machine, with the variables that the files give them.

import ExampleSupport
import Glibc
import Telemetry
import Testing

/// All services of some systems, on free ports, with stores in a folder of their own.
final class DeployedProcesses: Sendable {
    let services: [DeployedService]
    private let folder: TemporaryDirectory
    private let ports: [String: Int]
    private let children: [ChildProcess]

    /// Starts services with what an operator injects, what `services.json` says, and nothing else but where they listen and keep their data,
    /// and that they wait for one another as long as a busy machine takes.
    ///
    /// - Parameters:
    ///   - receiver: where telemetry goes.
    ///   - changes: variables of a service that are other than in the files.
    init(_ services: [DeployedService], receiver: String, changes: [String: [String: String]] = [:]) async throws {
        self.services = services
        folder = try TemporaryDirectory()
        var ports: [String: Int] = [:]
        for service in services {
            let port: Int = try #require(ScriptedServer.freePort())
            ports[service.name] = port
        }
        self.ports = ports
        var children: [ChildProcess] = []
        for service in services {
            let injected = Self.injected(service, receiver)
            var variables = service.environment.merging(injected) { $1 }
            for (key, value) in variables { variables[key] = Self.local(value, ports) }
            for secret in service.secrets { variables[secret] = "a secret of thirty-two bytes or more" }
            if service.hasDatabase {
                variables["DATABASE_URL"] = "sqlite:\(folder.path)/\(service.system == "tweets" ? "twitter" : service.name)"
            }
            if variables["LEDGER_SPOOL"] != nil { variables["LEDGER_SPOOL"] = "\(folder.path)/spool" }
            let own = [
                "HOST": "127.0.0.1", "PORT": "\(ports[service.name] ?? 0)", "DATABASE_START_TIMEOUT": "60000", "DATABASE_TIMEOUT": "60000",
                "AUTH_TIMEOUT": "60000", "LUNAR_MODULE_TIMEOUT": "60000", "SNS_TIMEOUT": "60000",
            ]
            variables.merge(own.merging(changes[service.name] ?? [:]) { $1 }) { $1 }
            let child = try ChildProcess(service.program, environment: variables)
            children.append(child)
            let output = await child.output(until: "listening on port ")
            try #require(output.contains("listening on port "), "\(service.name) does not listen: \(output)")
        }
        self.children = children
    }

    /// The variables that the OpenTelemetry operator injects, or the files of `Deploy` by the downward API.
    private static func injected(_ service: DeployedService, _ receiver: String) -> [String: String] {
        [
            "OTEL_SERVICE_NAME": service.name, "OTEL_EXPORTER_OTLP_ENDPOINT": receiver, "K8S_POD_NAME": "\(service.name)-0",
            "OTEL_RESOURCE_ATTRIBUTES":
                "service.namespace=\(service.system),service.instance.id=\(service.name)-0,k8s.namespace.name=telemetry",
            "K8S_NODE_NAME": "node-1", "OTEL_BSP_SCHEDULE_DELAY": "50", "OTEL_BLRP_SCHEDULE_DELAY": "50",
        ]
    }

    /// Returns a value with the names of services replaced by their addresses here.
    private static func local(_ value: String, _ ports: [String: Int]) -> String {
        value.replacing(/(http:\/\/|=)([a-z0-9-]+):\d+/) { match in
            let port = ports[String(match.output.2)]
            return port.map { "\(match.output.1)127.0.0.1:\($0)" } ?? String(match.output.0)
        }
    }

    func url(_ name: String) -> String { "http://127.0.0.1:\(ports[name] ?? 1)" }

    /// Sends a request; nil without an answer.
    func send(_ method: String, _ name: String, _ path: String, _ body: String = "", _ headers: HTTPHeaders = [:]) async -> ServiceResponse?
    {
        var headers = headers
        if !body.isEmpty { headers["Content-Type"] = "application/json" }
        return try? await SocketTransport(timeout: ServiceHarness.patience).send(
            method, url(name) + path, headers: headers, body: Array(body.utf8))
    }

    /// Has a program check the service, as the health check of its image does; returns the exit status.
    func check(_ service: DeployedService, port: Int? = nil) async throws -> Int32? {
        let variables = ["HOST": "127.0.0.1", "PORT": "\(port ?? ports[service.name] ?? 0)"]
        return try await ChildProcess(service.program, arguments: ["--check"], environment: variables).exitStatus()
    }

    /// Stops all services; returns the exit status of each.
    func stop() async -> [Int32?] {
        for child in children { kill(child.identifier, SIGTERM) }
        var statuses: [Int32?] = []
        for child in children { statuses.append(await child.exitStatus()) }
        return statuses
    }
}
