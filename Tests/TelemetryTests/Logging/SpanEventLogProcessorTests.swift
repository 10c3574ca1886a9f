// Logged events as span events.

import Testing

@testable import Telemetry

struct SpanEventLogProcessorTests {
    private let spans = InMemorySpanExporter()
    private let records = InMemoryLogExporter()
    private let tracer: Tracer
    private let log: TelemetryLogger

    init() throws {
        let telemetry = try TelemetrySystem.start(
            sampler: .parentBased(.alwaysOn), spans: [spans], metrics: [], logs: [.spanEvents, records], environment: [:])
        tracer = telemetry.tracer("tests")
        log = telemetry.logger("tests")
    }

    private func events() -> [SpanEvent] { spans.finishedSpans.flatMap(\.events) }

    @Test func eventIsAddedToTheCurrentSpanAndStillExportedAsARecord() {
        let time = Timestamp(nanosecondsSinceEpoch: 42)
        tracer.withSpan("lend") { _ in
            log.emit(LogRecord("lent", timestamp: time, attributes: ["album.id": 7], eventName: "album.lent"))
        }
        #expect(events().map(\.name) == ["album.lent"])
        #expect(events().first?.time == time)
        #expect(events().first?.attributes == ["album.id": 7])
        #expect(records.finishedRecords.map(\.eventName) == ["album.lent"])
    }

    @Test func observedTimestampIsTheTimeOfTheSpanEventByDefault() {
        let time = Timestamp(nanosecondsSinceEpoch: 43)
        tracer.withSpan("lend") { _ in log.emit(LogRecord(observedTimestamp: time, eventName: "album.lent")) }
        #expect(events().map(\.time) == [time])
    }

    @Test(arguments: [-3600, 3600]) func eventLoggedAfterAWallClockStepLiesWithinItsSpan(step: Int) throws {
        let recording = Recording()
        let clock = recording.clock
        let log = LoggerProvider(resource: .empty, processors: [SpanEventLogProcessor(), records], clock: .manual(clock))
            .logger(InstrumentationScope(name: "tests"))
        recording.tracer.withSpan("lend", parent: .root) { _ in
            clock.stepWallClock(by: .seconds(step))
            clock.advance(by: .milliseconds(25))
            log.info("lent", eventName: "album.lent")
        }
        let span = try recording.spans.first.unwrapped()
        #expect(span.duration == .milliseconds(25) && span.events.map(\.time) == [span.endTime])
        #expect(records.finishedRecords.map(\.observedTimestamp) == [TelemetryClock.manual(clock).now], "A record has wall time.")
    }

    @Test func exceptionAttributesAreAddedToTheSpanEvent() {
        tracer.withSpan("lend") { _ in log.error("x", eventName: "album.lost", exception: CardDeclined()) }
        #expect(events().first?.attributes["exception.message"] == "the card was declined")
    }

    @Test func recordWithoutAnEventNameAddsNoSpanEvent() {
        tracer.withSpan("lend") { _ in log.info("lent") }
        #expect(events().isEmpty && records.finishedRecords.count == 1)
    }

    @Test func eventWithoutASpanIsOnlyARecord() {
        log.info("lent", eventName: "album.lent")
        Context.madeUp().run { log.info("lent", eventName: "album.lent") }
        Context.madeUp(isSampled: false).run { tracer.withSpan("lend") { _ in log.info("lent", eventName: "album.lent") } }
        #expect(events().isEmpty && records.finishedRecords.count == 3)
    }

    @Test func endedSpanGetsNoEvent() {
        tracer.withSpan("lend") { span in
            span.end()
            log.info("lent", eventName: "album.lent")
        }
        #expect(events().isEmpty && records.finishedRecords.count == 1)
    }

    @Test(
        arguments: [
            { $0.spanID = SpanID(7) }, { $0.traceID = TraceID(high: 7, low: 7) }, { $0.spanID = .invalid }, { $0.traceID = .invalid },
        ] as [@Sendable (inout ReadWriteLogRecord) -> Void])
    func recordWithOtherIdentifiersAddsNoSpanEvent(change: @escaping @Sendable (inout ReadWriteLogRecord) -> Void) throws {
        let (spans, records) = (InMemorySpanExporter(), InMemoryLogExporter())
        let telemetry = try TelemetrySystem.start(
            sampler: .alwaysOn, spans: [spans], metrics: [], logs: [CustomLogProcessor(emit: change), .spanEvents, records],
            environment: [:])
        telemetry.tracer("tests").withSpan("lend") { _ in telemetry.logger("tests").info("lent", eventName: "album.lent") }
        let (span, record) = (try #require(spans.finishedSpans.first), try #require(records.finishedRecords.first))
        #expect(span.events.isEmpty)
        #expect(record.spanID != span.spanID || record.traceID != span.traceID)
    }

    @Test func eventIsAddedToTheSpanOfTheRecordsContext() {
        let span = tracer.startSpan("lend", parent: .root)
        log.emit(LogRecord("lent", eventName: "album.lent", context: Context.root.with(span: span)))
        span.end()
        #expect(events().map(\.name) == ["album.lent"])
    }

    @Test func isEnabledOnlyForEventsInsideRecordingSpans() throws {
        let telemetry = try TelemetrySystem.start(
            sampler: .alwaysOn, spans: [spans], metrics: [], logs: [.spanEvents], environment: [:])
        let log = telemetry.logger("tests")
        #expect(!log.isEnabled(.error, eventName: "album.lent"))
        telemetry.tracer("tests").withSpan("lend") { _ in
            #expect(log.isEnabled(.error, eventName: "album.lent"))
            #expect(!log.isEnabled(.error))
        }
    }
}
