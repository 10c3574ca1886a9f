// Spans and metrics of database operations, by the tables of the conventions.

import Synchronization
import Testing

@testable import Telemetry

struct DatabaseClientSpanTests {
    private struct Failed: Error {}

    private let memory = InMemorySpanExporter()
    private let reader = PullMetricReader()
    private let clock = ManualClock()
    private let telemetry: TelemetrySystem
    private let tracer: Tracer
    private let postgres = DatabaseEndpoint(.postgresql, namespace: "tweets|public", serverAddress: "db.internal", serverPort: 5432)

    init() throws {
        telemetry = try TelemetrySystem.start(
            sampler: .alwaysOn, spans: [memory], metrics: [reader], logs: [], clock: .manual(clock), environment: [:])
        tracer = telemetry.tracer("database")
    }

    private func metric(_ name: String) throws -> MetricData? { try reader.collect().metrics.first { $0.name == name } }

    /// The attributes of the only finished span.
    private func span() async throws -> ReadableSpan {
        await telemetry.forceFlush()
        #expect(memory.finishedSpans.count == 1)
        return try #require(memory.finishedSpans.first)
    }

    // MARK: Spans

    @Test func statementBecomesAClientSpanNamedByItsSummary() async throws {
        let operation = DatabaseOperation(sql: "SELECT * FROM tweets WHERE author = 'ada'", at: postgres)
        let rows = await tracer.withDatabaseClientSpan(operation) { _ in 3 }
        let span = try await span()
        #expect(rows == 3 && span.name == "SELECT tweets" && span.kind == .client && span.status == .unset)
        #expect(
            span.attributes == [
                "db.system.name": "postgresql", "db.namespace": "tweets|public", "db.query.summary": "SELECT tweets",
                "db.query.text": "SELECT * FROM tweets WHERE author = ?", "server.address": "db.internal",
            ])
    }

    @Test func parameterizedTextIsRecordedAsItIs() {
        let text = "SELECT * FROM tweets  WHERE kind = 'public' AND author = $1 -- latest"
        let operation = DatabaseOperation(sql: text, isParameterized: true, at: postgres)
        #expect(operation.queryText == text && operation.querySummary == "SELECT tweets")
    }

    @Test func portIsRecordedUnlessItIsTheDefault() {
        var endpoint = DatabaseEndpoint(.mysql, serverAddress: "db", serverPort: 3306, peerAddress: "10.0.0.7", peerPort: 3306)
        #expect(DatabaseOperation("PING", at: endpoint).attributes["server.port"] == nil)
        #expect(DatabaseOperation("PING", at: endpoint).attributes["network.peer.port"] == 3306)
        endpoint.serverPort = 3307
        #expect(DatabaseOperation("PING", at: endpoint).attributes["server.port"] == 3307)
        endpoint.serverAddress = nil
        #expect(DatabaseOperation("PING", at: endpoint).attributes["server.port"] == nil)
    }

    @Test func nameIsSummaryThenOperationAndTargetThenTargetThenSystem() {
        func name(_ name: String?, _ collection: String? = nil, _ procedure: String? = nil, at endpoint: DatabaseEndpoint) -> String {
            DatabaseOperation(name, collectionName: collection, storedProcedureName: procedure, at: endpoint).spanName
        }
        let bare = DatabaseEndpoint(.mongodb)
        let server = DatabaseEndpoint(.mongodb, serverAddress: "db", serverPort: 27018)
        #expect(name("find", "albums", at: bare) == "find albums")
        #expect(name("find", nil, "proc", at: bare) == "find proc")
        #expect(name("find", at: DatabaseEndpoint(.mongodb, namespace: "shop")) == "find shop")
        #expect(name("find", at: server) == "find db:27018")
        #expect(name(nil, "albums", at: bare) == "albums")
        #expect(name(nil, at: bare) == "mongodb")
        #expect(name("find", at: bare) == "find" && bare.poolName == "mongodb")
        #expect(name("GET", at: DatabaseEndpoint(.redis, namespace: "3")) == "GET")
        #expect(DatabaseOperation(sql: "SELECT 1 FROM t", summary: "get user by id", at: bare).spanName == "get user by id")
    }

    @Test func batchIsNamedAndCounted() {
        let statements = DatabaseOperation(sql: "INSERT INTO t VALUES ($1)", isParameterized: true, batchSize: 3, at: postgres)
        #expect(statements.spanName == "BATCH INSERT t" && statements.attributes["db.operation.batch.size"] == 3)
        let commands = DatabaseOperation("SET", batchSize: 2, at: DatabaseEndpoint(.redis))
        #expect(commands.spanName == "BATCH SET" && commands.attributes["db.operation.name"] == "BATCH SET")
        let single = DatabaseOperation(sql: "INSERT INTO t VALUES ($1)", batchSize: 1, at: postgres)
        #expect(single.spanName == "INSERT t" && single.attributes["db.operation.batch.size"] == nil)
    }

    @Test func thrownErrorIsRecordedWithItsCode() async throws {
        let operation = DatabaseOperation(sql: "INSERT INTO t VALUES (1)", at: postgres)
        await #expect(throws: Failed.self) {
            try await tracer.withDatabaseClientSpan(operation, statusCode: { (_: Failed) in "23505" }) { _ throws(Failed) in throw Failed()
            }
        }
        let span = try await span()
        #expect(span.attributes["db.response.status_code"] == "23505" && span.attributes["error.type"] == "23505")
        #expect(span.status == .error("Failed()") && span.events.map(\.name) == ["exception"])
    }

    @Test(arguments: [
        (DatabaseSystem.postgresql, "00000", nil), (.postgresql, "01000", nil), (.postgresql, "02000", "02000"),
        (.postgresql, "40001", "40001"),
        (.mysql, "1062", "1062"),
    ])
    func statusCodeDecidesByTheSystemWhetherTheOperationFailed(system: DatabaseSystem, code: String, errorType: String?) {
        let outcome = DatabaseOutcome(statusCode: code, error: nil, of: system)
        #expect(outcome.errorType == errorType && outcome.status == (errorType == nil ? .unset : .error("")))
        #expect(outcome.attributes["db.response.status_code"] == errorType.map { .string($0) })
    }

    @Test func errorWithoutACodeGoesByItsTypeAndCancellationIsNoFailure() {
        #expect(DatabaseOutcome(statusCode: nil, error: Failed(), of: .sqlite).errorType?.hasSuffix("Failed") == true)
        #expect(DatabaseOutcome(statusCode: nil, error: CancellationError(), of: .sqlite).status == .unset)
        #expect(DatabaseOutcome(statusCode: nil, error: nil, of: .sqlite).attributes.isEmpty)
    }

    // MARK: Metrics

    @Test func durationIsThatOfTheSpanAndLeavesTheTextOut() throws {
        let metrics = DatabaseClientMetrics(telemetry.meter("database"), recordsReturnedRows: true)
        let span = tracer.startDatabaseClientSpan(DatabaseOperation(sql: "SELECT * FROM t", at: postgres), parent: .root, metrics: metrics)
        clock.advance(by: .milliseconds(20))
        span.finish(returnedRows: 7)
        span.finish(returnedRows: 8)
        let point = try #require(try metric("db.client.operation.duration")?.points.histograms.first)
        #expect(point.count == 1 && point.sum == 0.02 && point.boundaries == [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10])
        let expected: Attributes = [
            "db.system.name": "postgresql", "db.namespace": "tweets|public", "db.query.summary": "SELECT t",
            "server.address": "db.internal",
        ]
        #expect(point.attributes == expected)
        let rows = DatabaseClientMetrics(telemetry.meter("database"), recordsReturnedRows: true)
        rows.record(DatabaseOperation("GET", at: DatabaseEndpoint(.redis)), duration: .seconds(1), returnedRows: 2)
        let returned = try #require(try metric("db.client.response.returned_rows")?.points.histograms)
        #expect(returned.compactMap(\.sum).sorted() == [2, 7])
    }

    @Test func failureCountsUnderItsType() throws {
        let metrics = DatabaseClientMetrics(telemetry.meter("database"))
        metrics.record(
            DatabaseOperation("GET", at: DatabaseEndpoint(.redis)), duration: .seconds(1), statusCode: "WRONGTYPE", error: Failed())
        let point = try #require(try metric("db.client.operation.duration")?.points.histograms.first)
        #expect(point.attributes["error.type"] == "WRONGTYPE" && point.attributes["db.response.status_code"] == "WRONGTYPE")
        #expect(try metric("db.client.response.returned_rows") == nil)
    }

    @Test func poolIsAskedInEachCollectionUntilItIsGone() throws {
        let usage = Mutex(DatabasePoolMetrics.Usage(idle: 2, used: 3, pendingRequests: 1))
        var pool: DatabasePoolMetrics? = DatabasePoolMetrics(
            telemetry.meter("database"), of: DatabaseEndpoint(.postgresql, namespace: "a", serverAddress: "db", serverPort: 5433),
            maximum: 5,
            minimumIdle: 1
        ) { [value = usage.withLock { $0 }] in value }
        pool?.recordTimeout()
        pool?.recordWait(.milliseconds(2))
        pool?.recordCreation(.milliseconds(4))
        pool?.recordUse(.milliseconds(8))
        let found = try reader.collect().metrics
        let names = found.map { "\($0.name.dropFirst("db.client.connection.".count)) \($0.unit)" }.sorted()
        #expect(
            names == [
                "count {connection}", "create_time s", "idle.min {connection}", "max {connection}", "pending_requests {request}",
                "timeouts {timeout}", "use_time s", "wait_time s",
            ])
        let counts = try #require(found.first { $0.name == "db.client.connection.count" }).points.numbers
        let states: [String] = counts.map { "\($0.attributes["db.client.connection.state"]?.stringValue ?? "") \($0.value)" }
        #expect(Set(states).count == 2)
        let waits = try #require(found.first { $0.name == "db.client.connection.wait_time" }).points.histograms
        #expect(waits.first?.boundaries.first == 0.001, "The default boundaries would put all waits below five seconds into one bucket.")
        #expect(counts.allSatisfy { $0.attributes["db.client.connection.pool.name"] == "db:5433/a" })
        pool = nil
        #expect(try reader.collect().metrics.first { $0.name == "db.client.connection.pending_requests" } == nil)
    }

    // MARK: Operations that are used again

    @Test func operationThatIsUsedAgainIsRecordedAsAtItsFirstUse() async throws {
        let metrics = DatabaseClientMetrics(telemetry.meter("database"), recordsReturnedRows: true)
        let operation = DatabaseOperation(sql: "SELECT * FROM tweets WHERE id = $1", isParameterized: true, at: postgres)
        for (code, rows) in [(nil, 1), (nil, 1), ("23505", nil), (nil, 2), ("23505", nil)] as [(String?, Int?)] {
            tracer.startDatabaseClientSpan(operation, metrics: metrics).finish(
                statusCode: code, returnedRows: rows, error: code == nil ? nil : Failed())
        }
        await telemetry.forceFlush()
        let spans = memory.finishedSpans
        #expect(spans.map(\.name) == Array(repeating: "SELECT tweets", count: 5))
        #expect(spans[1].attributes == operation.attributes && spans[3].attributes == spans[0].attributes)
        #expect(spans[4].attributes == spans[2].attributes && spans[4].attributes["error.type"] == "23505")
        let points = try #require(try metric("db.client.operation.duration")?.points.histograms)
        #expect(points.map(\.count).sorted() == [2, 3])
        #expect(try metric("db.client.response.returned_rows")?.points.histograms.map(\.sum) == [4])
    }

    @Test func changedCopyOfAnOperationIsAnotherOne() async throws {
        let metrics = DatabaseClientMetrics(telemetry.meter("database"))
        let operation = DatabaseOperation("get", collectionName: "tweets", at: postgres)
        for _ in 0..<3 { tracer.startDatabaseClientSpan(operation, metrics: metrics).finish() }
        var other = operation
        other.collectionName = "likes"
        other.endpoint.namespace = "other"
        #expect(other != operation && operation == DatabaseOperation("get", collectionName: "tweets", at: postgres))
        for _ in 0..<3 { tracer.startDatabaseClientSpan(other, metrics: metrics).finish() }
        await telemetry.forceFlush()
        #expect(memory.finishedSpans.map(\.name) == ["get tweets", "get tweets", "get tweets", "get likes", "get likes", "get likes"])
        #expect(memory.finishedSpans.last?.attributes == other.attributes)
        let points = try #require(try metric("db.client.operation.duration")?.points.histograms)
        #expect(points.map(\.count) == [3, 3] && Set(points.map { $0.attributes["db.namespace"] }).count == 2)
    }

    @Test func operationIsMeasuredInTheMetricsThatAreGiven() throws {
        let operation = DatabaseOperation("get", collectionName: "tweets", at: postgres)
        let (first, second) = (telemetry.meter("first"), telemetry.meter("second"))
        for metrics in [DatabaseClientMetrics(first), DatabaseClientMetrics(second)] {
            for _ in 0..<3 { tracer.startDatabaseClientSpan(operation, metrics: metrics).finish() }
        }
        for _ in 0..<3 { tracer.startDatabaseClientSpan(operation).finish() }
        let durations = try reader.collect().metrics.filter { $0.name == "db.client.operation.duration" }
        #expect(durations.map { $0.points.histograms.map(\.count) } == [[3], [3]])
    }
}
