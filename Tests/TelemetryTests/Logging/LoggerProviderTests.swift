// Loggers by scope, and shutdown.

import Testing

@testable import Telemetry

struct LoggerProviderTests {
    private static func provider(_ processors: any LogProcessor...) -> LoggerProvider {
        LoggerProvider(resource: LogRecording.resource, processors: processors)
    }

    @Test func scopesAreEqualOnlyIfAllFourPartsAre() {
        let provider = Self.provider(InMemoryLogExporter())
        func scope(_ name: String = "a", _ version: String = "1", _ url: String = "u", _ attributes: Attributes = ["x": 1, "y": 2])
            -> InstrumentationScope
        { InstrumentationScope(name: name, version: version, schemaURL: url, attributes: attributes) }
        let log = provider.logger(scope())
        #expect(provider.logger(scope()) === log && provider.logger(scope("a", "1", "u", ["y": 2, "x": 1])) === log)
        let others = [scope("b"), scope("a", "2"), scope("a", "1", "v"), scope("a", "1", "u", ["x": 1]), scope("a", "1", "u", [:])]
        let distinct = Set(others.map { ObjectIdentifier(provider.logger($0)) } + [ObjectIdentifier(log)])
        #expect(distinct.count == 6)
        #expect(others.allSatisfy { provider.logger($0).instrumentationScope == $0 })
    }

    @Test func scopeNameVersionSchemaAndAttributesAreExported() throws {
        let memory = InMemoryLogExporter()
        let scope = InstrumentationScope(
            name: "album-store", version: "2", schemaURL: "https://example.com/1", attributes: ["team": "jazz"])
        Self.provider(memory).logger(scope).info("x")
        let record = try memory.finishedRecords.first.unwrapped()
        #expect(record.instrumentationScope == scope && record.instrumentationScope.attributes == ["team": "jazz"])
    }

    @Test func loggerWithAnEmptyNameWorks() {
        let memory = InMemoryLogExporter()
        Self.provider(memory).logger(InstrumentationScope(name: "")).info("x")
        #expect(memory.finishedRecords.map(\.instrumentationScope.name) == [""])
    }

    @Test func concurrentCallsReturnTheSameLogger() async {
        let provider = Self.provider(InMemoryLogExporter())
        let seen = Journal<ObjectIdentifier>()
        await onThreads(2) { _ in
            for index in 0..<200 { seen.note(ObjectIdentifier(provider.logger(InstrumentationScope(name: "scope \(index)")))) }
        }
        #expect(seen.entries.count == 400 && Set(seen.entries).count == 200)
    }

    @Test(arguments: LogPath.allCases)
    func loggersRecordNothingAfterShutdown(path: LogPath) async {
        let recording = LogRecording(path)
        recording.log.info("before")
        #expect(await recording.provider.shutdown(deadline: .after(.seconds(300))) == .completed)
        let late = recording.provider.logger(InstrumentationScope(name: "late"))
        for log in [recording.log, late] {
            #expect(!log.isEnabled(.fatal))
            log.fatal("after")
            log.emit(LogRecord("after"))
        }
        recording.provider.update(.enablingAll)
        #expect(!recording.log.isEnabled(.fatal))
        recording.log.fatal("after")
        #expect(recording.memory.finishedRecords.map(\.body) == ["before"])
    }

    @Test func providerIsSafeUnderConcurrentCalls() async {
        for _ in 0..<20 {
            let recording = LogRecording(.queue)
            let provider = recording.provider
            await onThreads(2) { thread in
                for index in 0..<50 {
                    let log = provider.logger(InstrumentationScope(name: "scope \(index % 5)"))
                    log.info("x", ["thread": AttributeValue(thread)])
                    if index == 10 { _ = provider.requests(isShutdown: false, .after(.seconds(300))) }
                    if index == 40, thread == 1 { _ = provider.requests(isShutdown: true, .after(.seconds(300))) }
                    _ = provider.health
                }
            }
            _ = await provider.shutdown(deadline: .after(.seconds(300)))
            #expect(await eventually { provider.health.allSatisfy { $0.waiting == 0 } })
            #expect(provider.health.allSatisfy { $0.accepted == $0.exported + $0.droppedCount })
        }
    }
}
