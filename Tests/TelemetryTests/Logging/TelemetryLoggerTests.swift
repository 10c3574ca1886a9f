// Records as loggers emit them.

import Synchronization
import Testing

@testable import Telemetry

struct TelemetryLoggerTests {
    @Test(arguments: LogPath.allCases)
    func everyFieldOfARecordIsExported(path: LogPath) async throws {
        let recording = LogRecording(path)
        recording.log.emit(
            LogRecord(
                ["id": 7], severity: .warn2, severityText: "Warning", timestamp: Timestamp(nanosecondsSinceEpoch: 5),
                observedTimestamp: Timestamp(nanosecondsSinceEpoch: 6), attributes: ["a": 1, "b": "c"], eventName: "album.created",
                context: .madeUp()))
        let record = try await recording.record()
        #expect(record.body == ["id": 7] && record.severity == .warn2 && record.severityText == "Warning")
        #expect(record.timestamp?.nanosecondsSinceEpoch == 5 && record.observedTimestamp.nanosecondsSinceEpoch == 6)
        #expect(record.attributes == ["a": 1, "b": "c"] && record.attributes.map(\.key) == ["a", "b"])
        #expect(record.droppedAttributeCount == 0 && record.eventName == "album.created")
        #expect(record.traceID == SpanContext.madeUp().traceID && record.spanID == SpanContext.madeUp().spanID)
        #expect(record.traceFlags == .sampled)
        #expect(record.instrumentationScope == recording.log.instrumentationScope && record.resource == LogRecording.resource)
    }

    @Test(arguments: LogPath.allCases)
    func emptyRecordIsExported(path: LogPath) async throws {
        let recording = LogRecording(path)
        recording.log.emit(LogRecord())
        let record = try await recording.record()
        #expect(record.body == nil && record.severity == .unspecified && record.severityText == nil && record.eventName == nil)
        #expect(record.attributes.isEmpty && !record.traceID.isValid && !record.spanID.isValid && record.traceFlags == [])
        record.withMessage { #expect($0.count == 9, "The observed timestamp alone.") }
    }

    @Test(arguments: LogPath.allCases)
    func observedTimestampDefaultsToNowAndTimestampStaysUnset(path: LogPath) async throws {
        let recording = LogRecording(path)
        recording.clock.advance(by: .seconds(1))
        recording.log.emit(LogRecord("given nothing"))
        recording.log.info("by name")
        let given = Timestamp(nanosecondsSinceEpoch: 42)
        recording.log.emit(LogRecord("noticed earlier", observedTimestamp: given))
        recording.log.emit(LogRecord("happened earlier", timestamp: given))
        // Records are read in the order of their times: one that was noticed earlier may come first.
        let order: [AttributeValue] = ["given nothing", "by name", "noticed earlier", "happened earlier"]
        let unordered = await recording.records()
        let records = order.compactMap { body in unordered.first { $0.body == body } }
        let now = Timestamp(nanosecondsSinceEpoch: 1_000_000_001_000_000_000)
        #expect(records.map(\.observedTimestamp) == [now, now, given, now])
        #expect(records.map(\.timestamp) == [nil, nil, nil, given] && records.map(\.time) == [now, now, given, given])
    }

    @Test func severityMethodsSetNumberAndText() async {
        let recording = LogRecording()
        let log = recording.log
        log.trace("m", ["a": 1], eventName: "e", exception: CardDeclined())
        log.debug("m", ["a": 1], eventName: "e", exception: CardDeclined())
        log.info("m", ["a": 1], eventName: "e", exception: CardDeclined())
        log.warn("m", ["a": 1], eventName: "e", exception: CardDeclined())
        log.error("m", ["a": 1], eventName: "e", exception: CardDeclined())
        log.fatal("m", ["a": 1], eventName: "e", exception: CardDeclined())
        log.log(.error4, "m", ["a": 1], eventName: "e", exception: CardDeclined())
        let records = await recording.records()
        let severities: [LogSeverity] = [.trace, .debug, .info, .warn, .error, .fatal, .error4]
        #expect(records.map(\.severity) == severities && records.map(\.severityText) == severities.map(\.shortName))
        for record in records {
            #expect(record.body == "m" && record.eventName == "e" && record.attributes["a"] == 1)
            #expect(record.attributes["exception.message"] == "the card was declined")
        }
    }

    @Test(arguments: LogPath.allCases)
    func exceptionAttributesDoNotReplaceTheCallersAttributes(path: LogPath) async throws {
        let recording = LogRecording(path)
        let log = recording.log
        log.error("derived", exception: CardDeclined())
        log.error("given", ["exception.message": "mine", "order": 7], exception: CardDeclined())
        log.emit(LogRecord("given", attributes: ["exception.type": "mine", "exception.message": "mine"], exception: CardDeclined()))
        let records = await recording.records().map(\.attributes)
        #expect(records[0] == ["exception.type": "TelemetryTests.CardDeclined", "exception.message": "the card was declined"])
        #expect(records[1] == ["exception.message": "mine", "order": 7, "exception.type": "TelemetryTests.CardDeclined"])
        #expect(records[2] == ["exception.type": "mine", "exception.message": "mine"])
    }

    @Test func attributeLimitDropsExceptionAttributesFirst() async throws {
        let recording = LogRecording(limits: LogRecordLimits(attributeCount: 2))
        recording.log.error("x", ["a": 1, "b": 2], exception: CardDeclined())
        let record = try await recording.record()
        #expect(record.attributes == ["a": 1, "b": 2] && record.droppedAttributeCount == 2)
    }

    @Test(arguments: LogPath.allCases)
    func eventNameIsAFieldAndNoAttribute(path: LogPath) async throws {
        let recording = LogRecording(path)
        recording.log.emit(LogRecord(eventName: "user.login"))
        recording.log.info("hello", eventName: "user.login")
        let records = await recording.records()
        #expect(records.allSatisfy { $0.eventName == "user.login" && $0.attributes.isEmpty })
    }

    @Test(arguments: LogPath.allCases)
    func repeatedKeyKeepsItsLastValueAndEmptyKeyIsDropped(path: LogPath) async throws {
        let recording = LogRecording(path)
        recording.log.info("x", ["a": 1, "": 2, "b": 3, "a": "four"])
        let record = try await recording.record()
        #expect(record.attributes.map(\.key) == ["a", "b"] && record.attributes.map(\.value) == ["four", 3])
        #expect(record.droppedAttributeCount == 0)
        let keys = record.item.withMessage { message in
            var reader = WireReader(message)
            var count = 0
            while let field = try? reader.next() { count += field.number == 6 ? 1 : 0 }
            return count
        }
        #expect(keys == 2, "Receivers see a key once.")
    }

    @Test(arguments: [false, true])
    func messageAndAttributesAreNotEvaluatedIfDisabled(countsRecords: Bool) async {
        let evaluated = Counter()
        func message() -> String { "message \(evaluated.next())" }
        func attributes() -> Attributes { ["n": AttributeValue(evaluated.next())] }
        let disabled: [LogRecording] = [
            LogRecording(configurator: .minimumSeverity(.fatal2), countsRecords: countsRecords),
            LogRecording(configurator: .disabling("tests"), countsRecords: countsRecords),
        ]
        for recording in disabled {
            let log = recording.log
            log.trace(message(), attributes())
            log.debug(message(), attributes())
            log.info(message(), attributes())
            log.warn(message(), attributes())
            log.error(message(), attributes())
            log.fatal(message(), attributes())
            log.log(.error2, message(), attributes())
            #expect(recording.memory.finishedRecords.isEmpty)
        }
        #expect(evaluated.count == 0)
        LogRecording(countsRecords: countsRecords).log.info(message(), attributes())
        #expect(evaluated.count == 2, "Each once.")
    }

    @Test func messageAndAttributesAreNotEvaluatedIfProcessorsRefuse() {
        let evaluated = Counter()
        let no = CustomLogProcessor(enabled: { _, _, _, _ in false })
        let unwanted = LoggerProvider(resource: LogRecording.resource, processors: [no]).logger(InstrumentationScope(name: "x"))
        let idle = LoggerProvider(resource: LogRecording.resource, processors: []).logger(InstrumentationScope(name: "x"))
        for log in [unwanted, idle] { log.fatal("message \(evaluated.next())") }
        for path in LogPath.allCases {
            let log = LogRecording(path).log
            Context.root.suppressed.run { log.fatal("message \(evaluated.next())", ["n": AttributeValue(evaluated.next())]) }
        }
        let traceBased = LogRecording(configurator: .traceBased).log
        Context.madeUp(isSampled: false).run { traceBased.fatal("message \(evaluated.next())") }
        #expect(evaluated.count == 0)
    }

    @Test func createdCounterIncludesFilteredRecordsOfEnabledLoggers() throws {
        let recording = LogRecording(configurator: .minimumSeverity(.warn), countsRecords: true)
        let created = try recording.provider.created.unwrapped()
        recording.log.info("filtered")
        recording.log.emit(LogRecord("filtered", severity: .debug))
        recording.log.warn("kept")
        recording.log.emit(LogRecord("kept"))
        #expect(created.sum(0) == 4 && recording.memory.finishedRecords.count == 2)
        Context.root.suppressed.run {
            recording.log.warn("not recorded")
            recording.log.emit(LogRecord("not recorded"))
        }
        recording.provider.update(.disabling("*"))
        recording.log.warn("disabled")
        #expect(created.sum(0) == 4)
    }
}
