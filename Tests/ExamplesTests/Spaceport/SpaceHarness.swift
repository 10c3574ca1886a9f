// Runs spaceports and spaceships on loopback, with telemetry that tests can look into.

import ExampleSupport
import Telemetry
import Testing

@testable import Spaceport
@testable import Spaceship

/// A spaceport or a spaceship that listens, and what it has recorded.
struct RunningSpaceService: Sendable {
    let url: String
    let spans: InMemorySpanExporter
    let logs: InMemoryLogExporter

    /// The host and port, as a spaceship is given them.
    var location: String { String(url.dropFirst("http://".count)) }

    func send(_ method: String, _ path: String, _ body: String = "") async throws -> ServiceResponse {
        var headers: HTTPHeaders = [:]
        if !body.isEmpty { headers["Content-Type"] = "application/json" }
        return try await SocketTransport(timeout: ServiceHarness.patience).send(
            method, url + path, headers: headers, body: Array(body.utf8))
    }

    /// Asks for a code and returns it.
    func code(_ action: String, _ ship: String) async throws -> String {
        let answer = try await send("GET", "/request_\(action == "dock" ? "docking" : "separation")/\(ship)")
        #expect(answer.status == 200)
        return try #require(try JSONValue(parsing: answer.body)["authorization_code"]?.stringValue)
    }

    /// Asks for a code and uses it; returns status and body.
    func act(_ action: String, _ ship: String, passengers: Int = 7) async throws -> String {
        let code = try await code(action, ship)
        return try await use(action, ship, code, passengers: passengers)
    }

    func use(_ action: String, _ ship: String, _ code: String, passengers: Int = 7) async throws -> String {
        let answer = try await send("POST", "/\(action)", #"{"id":"\#(ship)","authorization_code":"\#(code)","passengers":\#(passengers)}"#)
        return "\(answer.status) \(answer.text)"
    }

    /// The finished server span of that name; any other number than one fails the test.
    func serverSpan(_ name: String) throws -> ReadableSpan {
        let found = spans.finishedSpans.filter { $0.kind == .server && $0.name == name }
        #expect(found.count == 1)
        return try #require(found.first)
    }

    /// The messages of the log and their attributes, but for the lines of requests.
    var lines: [String] {
        logs.finishedRecords.filter { $0.body.map { "\($0)".contains("HTTP/1.1") } != true }.map { record in
            "\(record.severityText?.lowercased() ?? "") \(record.body ?? "")"
                + record.attributes.map { " \($0.key)=\($0.value)" }.joined()
        }
    }

    func forget() {
        spans.reset()
        logs.reset()
    }
}

/// Starts spaceports and spaceships for the duration of a closure.
enum SpaceHarness {
    static func spaceport(
        _ variables: [String: String] = [:], limit: Int = 3, feed: Bool = false, _ body: (RunningSpaceService) async throws -> Void
    ) async throws {
        try await running("spaceport", variables) { service, telemetry in
            let ledger = feed ? try LedgerFeed(ServiceEnvironment(variables), service) : nil
            return (SpaceportRoutes(service, limit: limit, telemetry, feed: ledger).router, { _ = await ledger?.stop(within: $0) })
        } _: {
            try await body($0)
        }
    }

    /// Runs a closure while a number of spaceports answer, all with a feed and with names of their own.
    static func spaceports(
        _ count: Int, _ variables: [String: String], _ body: ([RunningSpaceService]) async throws -> Void
    ) async throws {
        try await spaceports(count, variables, started: [], body)
    }

    private static func spaceports(
        _ count: Int, _ variables: [String: String], started: [RunningSpaceService], _ body: ([RunningSpaceService]) async throws -> Void
    ) async throws {
        guard started.count < count else { return try await body(started) }
        try await spaceport(variables.merging(["INSTANCE_NAME": "port-\(started.count)"]) { $1 }, feed: true) { port in
            try await spaceports(count, variables, started: started + [port], body)
        }
    }

    static func spaceship(
        _ id: String = "endeavour", _ variables: [String: String] = [:], _ body: (RunningSpaceService) async throws -> Void
    ) async throws {
        try await running("spaceship", variables) { service, telemetry in
            let routes = SpaceshipRoutes(
                service: service, id: id, directory: try SpaceportDirectory(ServiceEnvironment(variables)),
                client: TracedClient(telemetry, transport: SocketTransport(timeout: ServiceHarness.patience), spanPrefix: ""))
            return (routes.router, { _ in })
        } _: {
            try await body($0)
        }
    }

    private static func running(
        _ program: String, _ variables: [String: String],
        _ make: (SpaceService, ServiceTelemetry) throws -> (Router, (Duration) async -> Void),
        _ body: (RunningSpaceService) async throws -> Void
    ) async throws {
        let environment = ServiceEnvironment(["INSTANCE_NAME": "pontus-\(program)"].merging(variables) { $1 })
        let service = try SpaceService(program, environment)
        let (spans, logs) = (InMemorySpanExporter(), InMemoryLogExporter())
        let telemetry = try ServiceHarness.telemetry(program, spans, logs: [logs], logsRequests: false)
        let (router, stop) = try make(service, telemetry)
        let application = service.application(telemetry, router: router)
        let result: Result<Void, any Error>
        do {
            try await ServiceHarness.listening({ await application.respond(to: $0) }) {
                try await body(RunningSpaceService(url: $0, spans: spans, logs: logs))
            }
            result = .success(())
        } catch { result = .failure(error) }
        await stop(ServiceHarness.patience)
        try result.get()
    }
}
