// The examples of the guide to logs, word for word: all are compiled, most are run.

import Testing

@testable import Telemetry

struct LogsGuideTests {
    @Test func everyExampleOfTheGuideStandsHere() throws {
        let examples = try GuideExamples("Logs.md")
        #expect(examples.blocks.count == 13)
        #expect(try examples.missing(in: #filePath) == [])
    }

    // MARK: Declarations that the examples use

    private struct Album { var title = "Blue Train" }
    private struct NoRoom: Error {}
    private struct Store {
        func album(_ id: Int) async throws -> Album { Album() }
        func save(_ album: Album) async throws { throw NoRoom() }
    }
    private struct Query {
        var start = Timestamp(nanosecondsSinceEpoch: 1)
        var context = Context.root
    }
    private let store = Store()
    private let shelf = [Album()]
    private let query = Query()

    private func memory() throws -> (telemetry: TelemetrySystem, records: InMemoryLogExporter) {
        let memory = InMemoryLogExporter()
        return (try TelemetrySystem.start(spans: [], metrics: [], logs: [memory], environment: [:]), memory)
    }

    // MARK: Examples that start the telemetry of the process: compiled, and not run

    private func firstLine() throws {
        let telemetry = try TelemetrySystem.start(
            resource: .service("album-store"), logs: [.simple(.jsonLines(.standardOutput, format: .flat))])
        let log = telemetry.logger("album-store")

        log.info("album created", ["album.id": 42, "genre": "jazz"])
    }

    private func exceptions() throws {
        let telemetry = try TelemetrySystem.start(spanOptions: SpanOptions(exceptions: .logs))
        _ = telemetry
    }

    private func files() throws {
        let telemetry = try TelemetrySystem.start(
            logs: [
                .batch(.otlp()),
                .simple(.jsonLines(.file("/var/log/album-store.jsonl", rotation: FileRotation(maximumSize: 50_000_000)))),
            ])
        _ = telemetry
    }

    private func lastWords(_ telemetry: TelemetrySystem, _ log: TelemetryLogger) async {
        log.fatal("no shelf left")
        await telemetry.shutdown()
    }

    private func filters() throws {
        let telemetry = try TelemetrySystem.start(logOptions: LogOptions(configurator: .minimumSeverity(.info)))

        telemetry.updateLoggerConfigurator(.minimumSeverity(.debug, for: "album-store.*"))
        telemetry.updateLoggerConfigurator(
            LoggerConfigurator { scope in
                scope.name == "chatty-library" ? LoggerConfiguration(minimumSeverity: .error, isTraceBased: true) : nil
            })
    }

    private func redaction() throws {
        struct Redaction: LogProcessor {
            func onEmit(_ record: inout ReadWriteLogRecord) {
                if record.attributes["user.email"] != nil { record.attributes["user.email"] = "removed" }
            }
        }

        let telemetry = try TelemetrySystem.start(logs: [Redaction(), .batch(.otlp())])
        _ = telemetry
    }

    // MARK: Examples that are run

    @Test func aRecordInsideASpanCarriesItsIdentifiers() async throws {
        let (telemetry, memory) = try memory()
        let (tracer, log) = (telemetry.tracer("album-store"), telemetry.logger("album-store"))
        let album = try await tracer.withSpan("find album") { _ in
            log.debug("looking into the cache", ["album.id": 42])
            return try await store.album(42)
        }
        #expect(album.title == "Blue Train")
        let record = try #require(memory.finishedRecords.first)
        #expect(record.traceID.isValid && record.spanID.isValid)
        #expect(record.severity == .debug)
    }

    @Test func anErrorIsDescribedByAttributes() async throws {
        let (telemetry, memory) = try memory()
        let (log, album) = (telemetry.logger("album-store"), Album())
        do {
            try await store.save(album)
        } catch {
            log.error("album not saved", ["album.id": 42], exception: error)
        }
        #expect(memory.finishedRecords.first?.attributes["exception.message"] == "NoRoom()")
    }

    @Test func eventsAndRecordsWithEverything() throws {
        let (telemetry, memory) = try memory()
        let log = telemetry.logger("album-store")
        log.info("album lent", ["album.id": 42, "reader.id": 7], eventName: "album.lent")
        log.emit(
            LogRecord(
                ["rows": 3, "tables": ["albums", "artists"]], severity: .warn2, severityText: "slow", timestamp: query.start,
                attributes: ["db.system.name": "postgresql"], eventName: "db.query.slow", context: query.context))
        if log.isEnabled(.debug) { log.debug("the whole shelf", ["shelf": .array(shelf.map { .string($0.title) })]) }
        #expect(memory.finishedRecords.map(\.eventName) == ["album.lent", "db.query.slow", nil])
        #expect(memory.finishedRecords[1].body == ["rows": 3, "tables": ["albums", "artists"]])
    }

    @Test func aFormatIsAListOfFields() {
        let format: JSONLineFormat = [
            .time("ts", .secondsSinceEpoch(fractionDigits: 3)), .level("lvl", .lowercase), .body("msg"), .traceID("trace"), .attributes,
        ]
        #expect(format.fields.count == 5)
    }

    @Test func recordsInMemory() throws {
        let memory = InMemoryLogExporter()
        let telemetry = try TelemetrySystem.start(spans: [], metrics: [], logs: [memory])
        telemetry.logger("album-store").warn("album not found", ["album.id": 666])

        #expect(memory.finishedRecords.map(\.body) == ["album not found"])
        #expect(memory.finishedRecords.first?.attributes == ["album.id": 666])
    }
}
