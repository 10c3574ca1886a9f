// Runs the accounts service on loopback, and the books service behind it.

import ExampleSupport
import Telemetry
import Testing

@testable import Accounts
@testable import Books

/// A service that listens, and what it has recorded.
struct RunningNestService: Sendable {
    let url: String
    let spans: InMemorySpanExporter
    let logs: InMemoryLogExporter

    func send(
        _ method: String, _ path: String, _ body: JSONValue? = nil, token: String? = nil, headers: HTTPHeaders = [:]
    ) async throws -> ServiceResponse {
        var headers = headers
        if let token { headers["Authorization"] = "Bearer \(token)" }
        if body != nil { headers["Content-Type"] = "application/json" }
        return try await SocketTransport(timeout: ServiceHarness.patience).send(
            method, url + "/api/v1" + path, headers: headers, body: Array((body?.description ?? "").utf8))
    }

    /// Registers a user, and returns the answer's JSON.
    func register(_ email: String, password: String = "secret") async throws -> JSONValue {
        let answer = try await send(
            "POST", "/auth/register",
            ["email": .string(email), "password": .string(password), "firstName": "Ada", "lastName": "Lovelace"])
        #expect(answer.status == 201, "\(answer.text)")
        return try JSONValue(parsing: answer.body)
    }

    /// Returns the access token of a new user.
    func token(of email: String) async throws -> String { try #require(try await register(email)["accessToken"]?.stringValue) }

    /// The value of the only sample of a metric with these labels.
    func metric(_ name: String, _ labels: [String: String] = [:]) async throws -> Double? {
        let page = try await SocketTransport(timeout: ServiceHarness.patience).send("GET", url + "/metrics", headers: [:], body: []).text
        let samples = page.split(separator: "\n").filter { line in
            (line.hasPrefix("\(name){") || line.hasPrefix("\(name) ")) && labels.allSatisfy { line.contains("\($0)=\"\($1)\"") }
        }
        return samples.count == 1 ? samples[0].split(separator: " ").last.flatMap { Double($0) } : nil
    }
}

enum AccountsHarness {
    static let variables = [
        "JWT_SECRET": "0123456789abcdef0123456789abcdef", "DATABASE_TIMEOUT": "60000", "DATABASE_START_TIMEOUT": "60000",
    ]

    /// Runs a closure while the accounts service answers on an empty database.
    static func accounts(
        on kind: DatabaseKind = .sqlite, _ changes: [String: String] = [:], clock: TelemetryClock = .system,
        _ body: (RunningNestService) async throws -> Void
    ) async throws {
        try await TestDatabase.withURL(kind) { database in
            let environment = ServiceEnvironment(variables.merging(["DATABASE_URL": database]) { $1 }.merging(changes) { $1 })
            let (spans, logs) = (InMemorySpanExporter(), InMemoryLogExporter())
            let telemetry = try ServiceHarness.telemetry("app-auth", spans, logs: [logs], plainNames: AccountsApp.metricNames)
            let service = try await AccountsApp(environment, telemetry, clock: clock, passwordCost: AuthHarness.leastPasswordCost)
            try await running(service.application, spans, logs, body) { _ = await service.stop(within: ServiceHarness.patience) }
        }
    }

    /// Runs a closure while the books service answers on an empty database.
    static func books(
        on kind: DatabaseKind = .sqlite, accountsURL: String, _ changes: [String: String] = [:],
        _ body: (RunningNestService) async throws -> Void
    ) async throws {
        try await TestDatabase.withURL(kind) { database in
            let own = ["DATABASE_URL": database, "AUTH_SERVICE_URL": accountsURL, "AUTH_TIMEOUT": "60000"]
            let environment = ServiceEnvironment(variables.merging(own) { $1 }.merging(changes) { $1 })
            let (spans, logs) = (InMemorySpanExporter(), InMemoryLogExporter())
            let telemetry = try ServiceHarness.telemetry("app-books", spans, logs: [logs], plainNames: BooksApp.metricNames)
            let service = try await BooksApp(environment, telemetry)
            try await running(service.application, spans, logs, body) { _ = await service.stop(within: ServiceHarness.patience) }
        }
    }

    private static func running(
        _ application: TracedApplication, _ spans: InMemorySpanExporter, _ logs: InMemoryLogExporter,
        _ body: (RunningNestService) async throws -> Void, end: () async -> Void
    ) async throws {
        let result: Result<Void, any Error>
        do {
            try await ServiceHarness.listening({ await application.respond(to: $0) }) { url in
                try await body(RunningNestService(url: url, spans: spans, logs: logs))
            }
            result = .success(())
        } catch { result = .failure(error) }
        await end()
        try result.get()
    }
}
