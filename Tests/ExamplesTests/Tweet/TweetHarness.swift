// Runs the tweet service on loopback, before a stand-in of the auth service or the real one.

import ExampleSupport
import Telemetry
import Testing

@testable import Tweet

/// Starts tweet services for the duration of a closure.
enum TweetHarness {
    /// Other tests may occupy the processors for long.
    private static let patient = [
        "RATE_LIMIT": "0", "AUTH_TIMEOUT": "60000", "DATABASE_TIMEOUT": "60000", "DATABASE_START_TIMEOUT": "60000",
    ]

    /// Runs a closure while the service answers, on a database of its own with the users 1 to 5.
    ///
    /// - Parameters:
    ///   - auth: the answers of the auth service.
    ///   - variables: the environment beside that of the database.
    static func running(
        on kind: DatabaseKind = .sqlite, auth: @escaping Handler = AuthStub.respond, _ variables: [String: String] = [:],
        _ body: (RunningTweetService) async throws -> Void
    ) async throws {
        try await ServiceHarness.listening(auth) { authURL in
            try await running(on: kind, authURL: authURL, variables, body)
        }
    }

    /// Runs a closure while the service answers, with the auth service at a URL.
    static func running(
        on kind: DatabaseKind = .sqlite, authURL: String, _ variables: [String: String] = [:],
        _ body: (RunningTweetService) async throws -> Void
    ) async throws {
        try await TestDatabase.withURL(kind) { url in
            try await running(databaseURL: url, authURL: authURL, variables, body)
        }
    }

    /// Runs a closure while the service answers, on an empty database to which the users 1 to 5 are added.
    static func running(databaseURL: String, _ body: (RunningTweetService) async throws -> Void) async throws {
        try await ServiceHarness.listening(AuthStub.respond) { authURL in
            try await running(databaseURL: databaseURL, authURL: authURL, [:], body)
        }
    }

    private static func running(
        databaseURL: String, authURL: String, _ variables: [String: String], _ body: (RunningTweetService) async throws -> Void
    ) async throws {
        try await service(authURL: authURL, ["DATABASE_URL": databaseURL].merging(variables) { $1 }) { service in
            for user in 1...5 { try await service.addUser(user) }
            try await body(service)
        }
    }

    /// Returns telemetry as the services start it, but for what it exports to: trace context and baggage, and log fields.
    static func telemetry(
        _ service: String, _ spans: InMemorySpanExporter, _ logs: InMemoryLogExporter, readers: [any MetricReader] = []
    ) throws -> ServiceTelemetry {
        let system = try TelemetrySystem.start(
            resource: .service(service), detectors: [], sampler: .alwaysOn, spans: [spans], propagators: [.traceContext, .baggage],
            metrics: [.prometheus(hasEndpoint: false, options: .plain(TweetMetrics.names))] + readers, views: TweetApp.views,
            logs: [.contextFields, logs], environment: [:])
        return ServiceTelemetry(service, system)
    }

    /// Runs a closure while one more replica answers, with the database that the environment names.
    static func service(
        authURL: String, _ variables: [String: String], _ body: (RunningTweetService) async throws -> Void
    ) async throws {
        let environment = ServiceEnvironment(patient.merging(variables) { $1 }.merging(["AUTH_URL": authURL]) { $1 })
        let (spans, logs) = (InMemorySpanExporter(), InMemoryLogExporter())
        let report = ExperimentReport(try LikeExperiment(environment))
        let telemetry = try telemetry("tweet-service", spans, logs, readers: [report.reader])
        let database = try await Database.open(environment, defaultFile: "", telemetry, migrations: TwitterSchema.migrations)
        let application = try TweetApp.application(telemetry, database, environment, report)
        try await ServiceHarness.listening({ await application.respond(to: $0) }) { url in
            try await body(
                RunningTweetService(
                    service: RunningTestService(url: url, memory: spans), logs: logs, database: database,
                    telemetry: telemetry))
        }
        await database.close()
    }
}

/// A tweet service under test: its answers to users, and what it has recorded.
struct RunningTweetService: Sendable {
    let service: RunningTestService
    let logs: InMemoryLogExporter
    let database: Database
    let telemetry: ServiceTelemetry

    private static let insertUser: DatabaseStatement = """
        INSERT INTO "User" ("id", "email", "password") VALUES ($1, $2, '')
        """
    private static let insertTweet: DatabaseStatement = """
        INSERT INTO "Tweet" ("content", "published", "authorId") VALUES ($1, false, $2) RETURNING "id"
        """

    /// Sends a request of a user; nil sends no token.
    func send(
        _ method: String, _ path: String, _ body: String = "", as user: Int? = 1, headers: HTTPHeaders = [:]
    ) async throws -> ServiceResponse {
        var headers = headers
        if let user { headers["Authorization"] = AuthStub.token(of: user) }
        return try await service.send(method, path, body, headers: headers)
    }

    /// Creates a tweet by the route, and returns its identifier.
    func tweet(_ text: String = "first", as user: Int = 1) async throws -> Int {
        let answer = try await send("POST", "/tweet", JSONValue(dictionaryLiteral: ("text", .string(text))).description, as: user)
        #expect(answer.status == 201, "\(answer.text)")
        return try #require(JSONValue(parsing: answer.body)["id"]?.integerValue)
    }

    func addUser(_ id: Int) async throws {
        _ = try await database.rows(Self.insertUser, DatabaseValue(id), .text("\(id)@example.org"))
    }

    /// Adds a tweet without the service.
    func addTweet(_ text: String, by user: Int) async throws -> Int {
        try #require(try await database.rows(Self.insertTweet, .text(text), DatabaseValue(user)).first).integer(0)
    }

    /// The spans that have ended since they were last forgotten, of all names or of one.
    func spans(_ name: String? = nil) -> [ReadableSpan] {
        service.memory.finishedSpans.filter { name == nil || $0.name == name }
    }

    /// The log records with that message.
    func records(_ message: String) -> [ReadableLogRecord] { logs.finishedRecords.filter { $0.body == .string(message) } }

    func forget() {
        service.memory.reset()
        logs.reset()
    }

    /// The page for Prometheus, without comments.
    func metrics() async throws -> [Substring] {
        try await service.send("GET", "/metrics").text.split(separator: "\n").filter { !$0.hasPrefix("#") }
    }

    /// Returns the value of the only sample with that name and those labels; nil for any other number of samples.
    func metric(_ name: String, _ labels: [String: String] = [:]) async throws -> Double? {
        let samples = try await metrics().filter { line in
            (line.hasPrefix("\(name){") || line.hasPrefix("\(name) ")) && labels.allSatisfy { line.contains("\($0)=\"\($1)\"") }
        }
        return samples.count == 1 ? samples[0].split(separator: " ").last.flatMap { Double($0) } : nil
    }
}

/// The stand-in of the auth service: it accepts the tokens that it makes.
enum AuthStub {
    /// Returns a token in the form of a real one, whose signature nothing checks.
    static func token(of user: Int, signature: String = "valid") -> String {
        "\(base64URL(#"{"alg":"HS256","typ":"JWT"}"#)).\(base64URL(#"{"id":\#(user),"iat":1,"exp":2}"#)).\(signature)"
    }

    static let respond: Handler = { request in
        guard request.method == "POST", request.path == "/auth/token" else { return ServiceResponse(status: 404) }
        guard let token = request.headers["Authorization"] else { return .json(#"{"error":"Token is required"}"#, status: 400) }
        guard token.hasSuffix(".valid"), let user = request.claimedUserID else { return .json(#"{"error":"jwt malformed"}"#, status: 400) }
        return .json(#"{"id":\#(user),"iat":1,"exp":2}"#)
    }

    private static func base64URL(_ text: String) -> String { Base64URL.encode(Array(text.utf8)) }
}
