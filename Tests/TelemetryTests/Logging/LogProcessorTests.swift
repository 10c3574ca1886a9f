// Processors see every record in order, may change it, and keep what they copy.

import Synchronization
import Testing

@testable import Telemetry

struct LogProcessorTests {
    private static func log(_ processors: any LogProcessor...) -> TelemetryLogger {
        LoggerProvider(resource: LogRecording.resource, processors: processors).logger(InstrumentationScope(name: "x"))
    }

    @Test func processorsRunInOrderAndSeeEarlierChanges() async throws {
        let journal = Journal<String>()
        func processor(_ name: String) -> CustomLogProcessor {
            CustomLogProcessor(emit: { record in
                journal.note("\(name) saw \(record.body?.stringValue ?? "")")
                record.body = .string(name)
                record.attributes[name] = true
            })
        }
        let recording = LogRecording(processors: [processor("first"), processor("second")])
        recording.log.info("original")
        #expect(journal.entries == ["first saw original", "second saw first"])
        let record = try await recording.record()
        #expect(record.body == "second" && record.attributes == ["first": true, "second": true])
    }

    @Test(arguments: [true, false])
    func changesOfAProcessorAreExported(exportsInBatches: Bool) async throws {
        let change = CustomLogProcessor(emit: { record in
            record.body = ["changed": true]
            record.severity = .fatal3
            record.severityText = "changed"
            record.timestamp = Timestamp(nanosecondsSinceEpoch: 1)
            record.observedTimestamp = Timestamp(nanosecondsSinceEpoch: 2)
            record.eventName = "changed"
            record.attributes = ["changed": 1]
            record.traceID = TraceID(high: 3, low: 4)
            record.spanID = SpanID(5)
            record.traceFlags = [.sampled, .random]
        })
        let recording = LogRecording(exportsInBatches ? .queue : .processors, processors: [change])
        recording.log.emit(LogRecord("original", severity: .info, attributes: ["original": 1], context: .madeUp()))
        let record = try await recording.record()
        #expect(record.body == ["changed": true] && record.severity == .fatal3 && record.severityText == "changed")
        #expect(record.timestamp?.nanosecondsSinceEpoch == 1 && record.observedTimestamp.nanosecondsSinceEpoch == 2)
        #expect(record.eventName == "changed" && record.attributes == ["changed": 1])
        #expect(record.traceID == TraceID(high: 3, low: 4) && record.spanID == SpanID(5) && record.traceFlags == [.sampled, .random])
    }

    @Test(arguments: LogPath.allCases, [true, false])
    func attributesOfTheContextAreAddedToRecords(path: LogPath, isFirst: Bool) async throws {
        let key = ContextKey<Attributes>("fields", default: [:])
        let before = isFirst ? [] : [CustomLogProcessor()]
        let recording = LogRecording(path, processors: before + [ContextLogAttributes(key)])
        recording.log.info("without", ["own": 1])
        Context.root.with(["shared": "of the context", "common": 2], for: key).run {
            recording.log.info("with", ["own": 1, "shared": "of the record"])
            recording.log.warn("alone")
        }
        Context.root.with(baggage: Baggage.empty.setting("a", to: "b")).run { recording.log.info("elsewhere", ["own": 1]) }
        let records = await recording.records()
        #expect(records.map { $0.body } == ["without", "with", "alone", "elsewhere"])
        #expect(
            records.map { $0.attributes } == [
                ["own": 1], ["shared": "of the record", "common": 2, "own": 1], ["shared": "of the context", "common": 2], ["own": 1],
            ])
    }

    @Test func processorReadsAllFieldsOfARecord() throws {
        let seen = Journal<ReadWriteLogRecord>()
        let log = Self.log(CustomLogProcessor(emit: { seen.note($0) }))
        log.emit(
            LogRecord(
                "m", severity: .info, severityText: "own", timestamp: Timestamp(nanosecondsSinceEpoch: 1),
                observedTimestamp: Timestamp(nanosecondsSinceEpoch: 2), attributes: ["a": 1, "": 2, "a": 3], eventName: "e",
                context: .madeUp()))
        let record = try seen.entries.first.unwrapped()
        #expect(record.body == "m" && record.severity == .info && record.severityText == "own" && record.eventName == "e")
        #expect(record.timestamp?.nanosecondsSinceEpoch == 1 && record.observedTimestamp.nanosecondsSinceEpoch == 2)
        #expect(record.attributes.map(\.key) == ["a"] && record.attributes["a"] == 3)
        #expect(
            record.traceID == SpanContext.madeUp().traceID && record.spanID == SpanContext.madeUp().spanID && record.traceFlags == .sampled)
        #expect(
            record.context.spanContext == .madeUp() && record.instrumentationScope.name == "x" && record.resource == LogRecording.resource)
    }

    @Test func limitsApplyAfterProcessors() async throws {
        let seen = Counter()
        let choose = CustomLogProcessor(emit: { record in
            for _ in record.attributes { seen.next() }
            record.attributes = ["c": record.attributes["c"] ?? .empty]
        })
        let recording = LogRecording(limits: LogRecordLimits(attributeCount: 1, attributeValueLength: 2), processors: [choose])
        recording.log.info("x", ["a": 1, "b": 2, "c": "long"])
        let record = try await recording.record()
        #expect(seen.count == 3 && record.attributes == ["c": "lo"] && record.droppedAttributeCount == 0)
    }

    @Test func copiedRecordIsNotChangedByLaterProcessors() throws {
        let kept = Journal<ReadWriteLogRecord>()
        let change = CustomLogProcessor(emit: { record in
            record.body = "changed"
            record.attributes["a"] = 2
        })
        let snapshots = Journal<ReadableLogRecord>()
        let keep = CustomLogProcessor(emit: { record in
            kept.note(record)
            snapshots.note(record.snapshot)
        })
        Self.log(keep, change, keep).info("original", ["a": 1])
        #expect(kept.entries.map(\.body) == ["original", "changed"] && kept.entries.map { $0.attributes["a"] } == [1, 2])
        #expect(snapshots.entries.map(\.body) == ["original", "changed"] && snapshots.entries.map { $0.attributes["a"] } == [1, 2])
    }

    @Test func processorThatLogsIsNotCalledRecursively() async {
        let own = Mutex<TelemetryLogger?>(nil)
        let called = Counter()
        let chatty = CustomLogProcessor(emit: { record in
            guard called.next() < 100, let log = own.withLock({ $0 }) else { return }
            log.info("seen")
            log.emit(LogRecord("seen in the record's context", context: record.context))
            #expect(!log.isEnabled(.fatal), "So that it need not make what is not recorded.")
        })
        let recording = LogRecording(processors: [chatty])
        own.withLock { $0 = recording.log }
        recording.log.info("one")
        Context.madeUp().run { recording.log.info("two") }
        recording.log.emit(LogRecord("three", context: .madeUp()))
        #expect(called.count == 3)
        #expect(await recording.messages() == ["one", "two", "three"])
    }

    @Test func contextIsRestoredAfterTheProcessors() {
        let log = Self.log(CustomLogProcessor(emit: { _ in #expect(Context.current.isSuppressed) }))
        Context.madeUp().run {
            log.info("x")
            #expect(Context.current.spanContext == .madeUp() && !Context.current.isSuppressed)
        }
    }

    /// Records that it was flushed and shut down.
    private struct Ender: LogProcessor {
        let journal: Journal<String>
        var result = FlushResult.completed

        func onEmit(_ record: inout ReadWriteLogRecord) { journal.note("record") }

        func forceFlush(deadline: Deadline) async -> FlushResult {
            journal.note("flush")
            return result
        }

        func shutdown(deadline: Deadline) async -> FlushResult {
            journal.note("shutdown")
            return result
        }
    }

    @Test func flushReachesEveryProcessorAndShutdownOnlyOnce() async {
        let (first, second) = (Journal<String>(), Journal<String>())
        let provider = LoggerProvider(
            resource: LogRecording.resource, processors: [Ender(journal: first, result: .failed), Ender(journal: second)])
        let log = provider.logger(InstrumentationScope(name: "x"))
        #expect(await provider.forceFlush(deadline: .after(.seconds(300))) == .failed, "The worst of the results.")
        #expect(await provider.shutdown(deadline: .after(.seconds(300))) == .failed)
        #expect(await provider.shutdown(deadline: .after(.seconds(300))) == .failed, "A later shutdown gets the answer of the first.")
        log.info("too late")
        log.emit(LogRecord("too late"))
        #expect(first.entries == ["flush", "shutdown"] && second.entries == ["flush", "shutdown"])
    }

    @Test func everyExporterGetsEveryRecordInAnyPosition() async {
        let probes = (0..<3).map { _ in ProbeExporter() }
        let hour = BatchOptions(scheduleDelay: .seconds(3600))
        let changed = CustomLogProcessor(emit: { $0.body = .string("changed " + ($0.body?.stringValue ?? "")) })
        let provider = LoggerProvider(
            resource: LogRecording.resource,
            processors: [.batch(probes[0], options: hour), changed, .simple(probes[1]), .batch(probes[2], options: hour)])
        let log = provider.logger(InstrumentationScope(name: "x"))
        for index in 0..<20 { log.info("\(index)") }
        #expect(await provider.shutdown(deadline: .after(.seconds(300))) == .completed)
        #expect(Set(probes[0].names) == Set((0..<20).map { "\($0)" }))
        for probe in probes.dropFirst() {
            #expect(Set(probe.names) == Set((0..<20).map { "changed \($0)" }) && probe.names.count == 20)
        }
    }

    @Test func twoExportersGetEveryRecordThroughDirectPipelines() async {
        let probes = [ProbeExporter(), ProbeExporter()]
        let provider = LoggerProvider(
            resource: LogRecording.resource, processors: [.batch(probes[0]), .simple(probes[1])])
        #expect(provider.setup.directPipelines?.second != nil)
        let log = provider.logger(InstrumentationScope(name: "x"))
        for index in 0..<100 { log.info("\(index)") }
        #expect(await provider.shutdown(deadline: .after(.seconds(300))) == .completed)
        for probe in probes { #expect(Set(probe.names) == Set((0..<100).map { "\($0)" }) && probe.names.count == 100) }
    }
}
