// Runs the auth service on loopback, on a database of its own.

import ExampleSupport
import Telemetry

@testable import Auth

/// An auth service that listens on a free port, and what it has recorded.
struct RunningAuth: Sendable {
    let url: String
    let spans: InMemorySpanExporter
    let logs: InMemoryLogExporter
    let database: Database

    func send(_ method: String, _ path: String, _ body: String = "", headers: HTTPHeaders = [:]) async throws -> ServiceResponse {
        try await SocketTransport(timeout: ServiceHarness.patience).send(method, url + path, headers: headers, body: Array(body.utf8))
    }

    /// Registers a user by a JSON body.
    func register(_ email: String, password: String = "secret", name: String = "Ada") async throws -> ServiceResponse {
        let body: JSONValue = ["name": .string(name), "email": .string(email), "password": .string(password)]
        return try await send("POST", "/auth/register", body.description, headers: ["Content-Type": "application/json"])
    }

    func logIn(_ email: String, password: String = "secret") async throws -> ServiceResponse {
        let body: JSONValue = ["email": .string(email), "password": .string(password)]
        return try await send("POST", "/auth/login", body.description, headers: ["Content-Type": "application/json"])
    }

    func check(_ token: String) async throws -> ServiceResponse {
        try await send("POST", "/auth/token", headers: ["Authorization": token])
    }

    /// Returns the value of a metric on the page for Prometheus: that of its only sample with these labels, else nil.
    func metric(_ name: String, _ labels: [String: String] = [:]) async throws -> Double? {
        let samples = try await send("GET", "/metrics").text.split(separator: "\n").filter { line in
            (line.hasPrefix("\(name){") || line.hasPrefix("\(name) ")) && labels.allSatisfy { line.contains("\($0)=\"\($1)\"") }
        }
        return samples.count == 1 ? samples[0].split(separator: " ").last.flatMap { Double($0) } : nil
    }
}

/// Starts auth services for the duration of a closure.
enum AuthHarness {
    static let secret = "0123456789abcdef0123456789abcdef"
    /// What bcrypt allows: `PasswordHashingTests` tests the usual cost.
    static let leastPasswordCost: UInt = 4

    /// Runs a closure while the service answers on an empty database, with the variables of a test.
    static func auth(
        on kind: DatabaseKind = .sqlite, _ variables: [String: String] = [:], clock: TelemetryClock = .system,
        passwordCost: UInt = leastPasswordCost, _ body: (RunningAuth) async throws -> Void
    ) async throws {
        try await TestDatabase.withURL(kind) { try await auth(at: $0, variables, clock: clock, passwordCost: passwordCost, body) }
    }

    /// Runs a closure while the service answers on the database of that URL.
    static func auth(
        at databaseURL: String, _ variables: [String: String] = [:], clock: TelemetryClock = .system,
        passwordCost: UInt = leastPasswordCost, _ body: (RunningAuth) async throws -> Void
    ) async throws {
        // Other tests may occupy the processors for long.
        let usual = [
            "JWT_SECRET": secret, "RATE_LIMIT": "0", "DATABASE_URL": databaseURL, "DATABASE_TIMEOUT": "60000",
            "DATABASE_START_TIMEOUT": "60000",
        ]
        let environment = ServiceEnvironment(usual.merging(variables) { $1 })
        let (spans, logs) = (InMemorySpanExporter(), InMemoryLogExporter())
        let telemetry = try ServiceHarness.telemetry("auth-service", spans, logs: [.contextFields, logs], plainNames: AuthMetrics.names)
        let database = try await Database.open(environment, defaultFile: "", telemetry, migrations: TwitterSchema.migrations)
        spans.reset()
        let result: Result<Void, any Error>
        do {
            let application = try AuthApp.application(
                telemetry, database, AuthSettings(environment), environment, clock: clock, passwordCost: passwordCost)
            try await ServiceHarness.listening({ await application.respond(to: $0) }) { url in
                try await body(RunningAuth(url: url, spans: spans, logs: logs, database: database))
            }
            result = .success(())
        } catch { result = .failure(error) }
        await database.close()
        try result.get()
    }
}
