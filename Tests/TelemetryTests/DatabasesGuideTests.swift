// The guide to databases: each of its examples stands here word for word and is run.

import Testing

@testable import Telemetry

struct DatabasesGuideTests {
    @Test func everyExampleOfTheGuideStandsHere() throws {
        let examples = try GuideExamples("Databases.md")
        #expect(examples.blocks.count == 5)
        #expect(try examples.missing(in: #filePath) == [])
    }

    private struct DriverError: Error {
        let code: String?
    }

    private struct Driver {
        func query(_ text: String, _ value: String) async throws(DriverError) -> Int {
            if value.isEmpty { throw DriverError(code: "22023") }
            return 2
        }
    }

    @Test func statementIsASpanAndAMeasurement() async throws {
        let (spans, driver) = (InMemorySpanExporter(), Driver())
        let telemetry = try TelemetrySystem.start(spans: [spans], metrics: [], logs: [], environment: [:])
        let tracer = telemetry.tracer("tweets")
        let tweets = DatabaseEndpoint(.postgresql, namespace: "tweets|public", serverAddress: "db.internal", serverPort: 5432)
        let metrics = DatabaseClientMetrics(telemetry.meter("tweets"))
        for author in ["ada", ""] {
            do {
                let query = DatabaseOperation(sql: "SELECT * FROM tweets WHERE author = $1", isParameterized: true, at: tweets)
                let rows = try await tracer.withDatabaseClientSpan(query, metrics: metrics, statusCode: \DriverError.code) {
                    _ throws(DriverError) in
                    try await driver.query("SELECT * FROM tweets WHERE author = $1", author)
                }
                #expect(rows == 2)
            } catch {
                #expect(author.isEmpty)
            }
        }
        let find = DatabaseOperation("find", collectionName: "albums", at: DatabaseEndpoint(.mongodb, namespace: "shop"))
        let span = tracer.startDatabaseClientSpan(find, metrics: metrics)
        span.finish(returnedRows: 3)
        await telemetry.forceFlush()
        #expect(spans.finishedSpans.map(\.name) == ["SELECT tweets", "SELECT tweets", "find albums"])
        #expect(spans.finishedSpans.map { $0.attributes["error.type"] } == [nil, "22023", nil])
        await telemetry.shutdown()
    }

    @Test func statementIsShownWithoutItsValues() {
        let statement = SQLStatement("SELECT * FROM tweets WHERE author = 'ada' AND id IN (1, 2, 3)", dialect: .postgresql)
        #expect(statement.sanitizedText == "SELECT * FROM tweets WHERE author = ? AND id IN (?)")
        #expect(statement.summary == "SELECT tweets")
    }

    @Test func poolIsMeasured() async throws {
        let memory = InMemoryMetricExporter()
        let telemetry = try TelemetrySystem.start(spans: [], metrics: [.periodic(memory)], logs: [], environment: [:])
        let tweets = DatabaseEndpoint(.postgresql, namespace: "tweets", serverAddress: "db.internal")
        let pool = DatabasePoolMetrics(telemetry.meter("tweets"), of: tweets, maximum: 20) {
            DatabasePoolMetrics.Usage(idle: 3, used: 5, pendingRequests: 0)
        }
        pool.recordWait(.milliseconds(2))
        await telemetry.forceFlush()
        let name = "db.client.connection.pool.name"
        #expect(memory.value(of: "db.client.connection.max", [name: "db.internal/tweets"]) == 20)
        #expect(memory.value(of: "db.client.connection.count", [name: "db.internal/tweets", "db.client.connection.state": "used"]) == 5)
        await telemetry.shutdown()
    }
}
