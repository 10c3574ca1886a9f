// What lets a record pass: configuration, severity, trace, processors.

import Synchronization
import Testing

@testable import Telemetry

struct LogFilteringTests {
    private static func provider(_ processors: any LogProcessor..., configurator: LoggerConfigurator = .enablingAll) -> LoggerProvider {
        LoggerProvider(resource: LogRecording.resource, processors: processors, configurator: configurator)
    }

    private static func scope(_ name: String = "x") -> InstrumentationScope { InstrumentationScope(name: name) }

    @Test(arguments: LogPath.allCases, [false, true])
    func minimumSeverityDropsOnlyLowerSeverities(path: LogPath, countsRecords: Bool) async {
        let recording = LogRecording(path, configurator: .minimumSeverity(.warn2), countsRecords: countsRecords)
        for severity in LogSeverity.allCases {
            recording.log.emit(LogRecord("emitted", severity: severity))
            recording.log.log(severity, "by name")
        }
        let kept = [LogSeverity.unspecified] + LogSeverity.allCases.filter { $0 >= .warn2 }
        let records = await recording.records()
        #expect(records.filter { $0.body == "emitted" }.map(\.severity) == kept)
        #expect(records.filter { $0.body == "by name" }.map(\.severity) == kept)
        #expect(LogSeverity.allCases.filter { recording.log.isEnabled($0) } == kept)
    }

    @Test(arguments: LogPath.allCases, [false, true])
    func traceBasedFilteringDropsOnlyRecordsOfUnsampledSpans(path: LogPath, countsRecords: Bool) async {
        let recording = LogRecording(path, configurator: .traceBased, countsRecords: countsRecords)
        let log = recording.log
        let noSpan = Context.root.with(spanContext: SpanContext(traceID: TraceID(high: 1, low: 2), spanID: .invalid))
        let contexts: [(String, Context, Bool)] = [
            ("sampled", .madeUp(), true), ("unsampled", .madeUp(isSampled: false), false), ("no span", .root, true),
            ("trace only", noSpan, true),
        ]
        for (name, context, isKept) in contexts {
            log.emit(LogRecord(.string(name), context: context))
            context.run {
                log.info(name)
                log.emit(LogRecord(.string(name)))
                #expect(log.isEnabled(.info) == isKept)
            }
            #expect(log.isEnabled(.info, context: context) == isKept)
        }
        let kept = contexts.filter(\.2).flatMap { Array(repeating: $0.0, count: 3) }
        #expect(await recording.messages() == kept)
    }

    @Test func recordsOfUnsampledSpansPassByDefault() async throws {
        let recording = LogRecording(.queue)
        recording.log.emit(LogRecord("x", context: .madeUp(isSampled: false)))
        #expect(try await recording.record().spanID == SpanContext.madeUp().spanID)
    }

    @Test(arguments: LogPath.allCases)
    func emitAppliesAllFilters(path: LogPath) async {
        let recording = LogRecording(
            path, configurator: LoggerConfigurator { _ in LoggerConfiguration(minimumSeverity: .warn, isTraceBased: true) })
        for context in [Context.madeUp(), .madeUp(isSampled: false), .root] {
            recording.log.emit(LogRecord("low", severity: .info, context: context))
            recording.log.emit(LogRecord("high", severity: .error, context: context))
        }
        #expect(await recording.messages() == ["high", "high"])
        recording.provider.update(.disabling("*"))
        recording.log.emit(LogRecord("high", severity: .error))
        #expect(await recording.messages() == ["high", "high"])
    }

    @Test func loggerIsDisabledWithoutProcessorsOrByItsConfiguration() async {
        let idle = Self.provider().logger(Self.scope())
        #expect(!idle.isEnabled(.fatal))
        let recording = LogRecording(configurator: .disabling("tests"))
        #expect(!recording.log.isEnabled(.fatal) && !recording.log.isEnabled(.unspecified))
        let off = LoggerProvider(resource: LogRecording.resource, processors: [InMemoryLogExporter()], isOff: true)
        #expect(!off.logger(Self.scope()).isEnabled(.fatal))
        off.update(.enablingAll)
        #expect(!off.logger(Self.scope()).isEnabled(.fatal) && off.logger(Self.scope("a")) === off.logger(Self.scope("b")))
    }

    @Test func loggerIsEnabledUnlessAllProcessorsRefuse() {
        let no = CustomLogProcessor(enabled: { _, _, _, _ in false })
        let yes = CustomLogProcessor(enabled: { _, _, _, _ in true })
        #expect(!Self.provider(no).logger(Self.scope()).isEnabled(.fatal))
        #expect(!Self.provider(no, no).logger(Self.scope()).isEnabled(.fatal))
        #expect(Self.provider(no, yes, no).logger(Self.scope()).isEnabled(.trace))
        #expect(
            Self.provider(no, InMemoryLogExporter()).logger(Self.scope()).isEnabled(.trace),
            "A processor without isEnabled accepts every record.")
        #expect(
            Self.provider(no, .batch(ProbeExporter())).logger(Self.scope()).isEnabled(.trace),
            "A processor that exports accepts every record.")
        #expect(Self.provider(.simple(ProbeExporter()), no).logger(Self.scope()).isEnabled(.trace))
    }

    @Test func isEnabledIsEvaluatedAtEachCall() {
        let isWanted = Atomic(false)
        let log = Self.provider(CustomLogProcessor(enabled: { _, _, _, _ in isWanted.load(ordering: .relaxed) })).logger(Self.scope())
        #expect(!log.isEnabled(.info))
        isWanted.store(true, ordering: .relaxed)
        #expect(log.isEnabled(.info))
    }

    @Test func isEnabledPassesSeverityEventNameContextAndScopeToProcessors() {
        let asked = Journal<String>()
        let processor = CustomLogProcessor(enabled: { severity, eventName, context, scope in
            asked.note("\(severity) \(eventName) \(context.spanContext.spanID) \(scope.name)")
            return true
        })
        let log = Self.provider(processor).logger(Self.scope("album-store"))
        #expect(log.isEnabled(.warn, eventName: "user.login", context: .madeUp()))
        Context.madeUp().run { #expect(log.isEnabled()) }
        log.info("x", eventName: "e")
        #expect(
            asked.entries == [
                "WARN user.login 00000000000000c3 album-store", "unspecified  00000000000000c3 album-store",
                "INFO e 0000000000000000 album-store",
            ])
    }

    @Test func emittedRecordReachesProcessorsThatRefuseIt() {
        let seen = Counter()
        let no = CustomLogProcessor(enabled: { _, _, _, _ in false }, emit: { _ in seen.next() })
        let log = Self.provider(no).logger(Self.scope())
        log.emit(LogRecord("x", severity: .info))
        #expect(seen.count == 1)
        log.info("x")
        #expect(seen.count == 1, "Methods named after severities call isEnabled first.")
        let other = Self.provider(no, InMemoryLogExporter()).logger(Self.scope())
        other.info("x")
        #expect(seen.count == 2, "Another processor accepts it.")
    }

    @Test func newConfiguratorAppliesToExistingLoggers() {
        let provider = Self.provider(InMemoryLogExporter())
        let (a, b) = (provider.logger(Self.scope("a")), provider.logger(Self.scope("b")))
        #expect(a.isEnabled(.trace) && b.isEnabled(.trace))
        provider.update(.minimumSeverity(.error, for: "a*", "c"))
        #expect(!a.isEnabled(.warn) && a.isEnabled(.error) && b.isEnabled(.trace) && !provider.logger(Self.scope("c")).isEnabled(.warn))
        provider.update(.enablingOnly("a"))
        #expect(a.isEnabled(.trace) && !b.isEnabled(.fatal))
        provider.update(.enablingAll)
        #expect(a.isEnabled(.trace) && b.isEnabled(.trace))
    }

    @Test(arguments: LogPath.allCases)
    func lastConfiguratorAppliesAfterChangesUnderContention(path: LogPath) async {
        let recording = LogRecording(path)
        let (provider, log) = (recording.provider, recording.log)
        let isOver = Atomic(false)
        async let changes: Void = onThreads(2) { thread in
            for round in 0..<300 {
                switch (round + thread) % 4 {
                case 0: provider.update(.disabling("*"))
                case 1: provider.update(.minimumSeverity(.error))
                case 2: provider.update(.traceBased)
                default: provider.update(.enablingAll)
                }
            }
            isOver.store(true, ordering: .relaxed)
        }
        await onThreads(2) { thread in
            while !isOver.load(ordering: .relaxed) {
                log.info("noise", ["thread": AttributeValue(thread)])
                log.error("noise")
                _ = log.isEnabled(.info)
            }
        }
        await changes
        provider.update(.minimumSeverity(.error))
        _ = await recording.records()
        recording.memory.reset()
        await onThreads(2) { _ in
            for _ in 0..<100 {
                log.info("low")
                log.error("high")
            }
        }
        let messages = await recording.messages()
        #expect(messages.count == 200 && messages.allSatisfy { $0 == "high" })
    }

    @Test(arguments: LogPath.allCases)
    func suppressedContextRecordsNothing(path: LogPath) async {
        let recording = LogRecording(path)
        let log = recording.log
        Context.madeUp().suppressed.run {
            log.info("x")
            log.emit(LogRecord("x"))
            log.emit(LogRecord("x", context: .madeUp()))
            #expect(!log.isEnabled(.fatal) && !log.isEnabled(.fatal, context: .madeUp()))
        }
        log.emit(LogRecord("x", context: Context.madeUp().suppressed))
        #expect(!log.isEnabled(.fatal, context: Context.madeUp().suppressed) && log.isEnabled(.fatal))
        #expect(await recording.records().isEmpty)
    }
}
