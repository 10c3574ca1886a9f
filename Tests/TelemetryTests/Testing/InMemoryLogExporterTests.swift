// The in-memory log exporter: order, capacity, shutdown.

import Testing

@testable import Telemetry

struct InMemoryLogExporterTests {
    @Test func processorKeepsRecordsOnEmit() {
        let recording = LogRecording()
        recording.log.info("first")
        #expect(recording.memory.finishedRecords.map(\.body) == ["first"])
        recording.log.info("second")
        #expect(recording.memory.finishedRecords.map(\.body) == ["first", "second"])
    }

    @Test func processorKeepsRecordsAsEarlierProcessorsLeftThem() {
        let change = CustomLogProcessor(emit: { $0.attributes["changed"] = true })
        let (before, after) = (InMemoryLogExporter(), InMemoryLogExporter())
        let provider = LoggerProvider(resource: LogRecording.resource, processors: [before, change, after])
        provider.logger(InstrumentationScope(name: "x")).info("x")
        #expect(before.finishedRecords.map(\.attributes) == [[:]] && after.finishedRecords.map(\.attributes) == [["changed": true]])
    }

    @Test func exporterBehindBatchProcessorKeepsItemsAfterFlush() async {
        let recording = LogRecording(.queue)
        for index in 0..<1000 { recording.log.info("record \(index)", ["index": AttributeValue(index)]) }
        let records = await recording.records()
        #expect(Set(records.map { $0.body?.stringValue ?? "" }).count == 1000)
        #expect(records.allSatisfy { "record \($0.attributes["index"] ?? -1)" == $0.body?.stringValue })
        _ = await recording.provider.shutdown(deadline: .after(.seconds(300)))
    }

    @Test func itemsBeyondCapacityAreDroppedAndCounted() {
        let memory = InMemoryLogExporter(capacity: 2)
        let recording = LogRecording(processors: [memory])
        for index in 0..<5 { recording.log.info("\(index)") }
        #expect(memory.finishedRecords.map(\.body) == ["0", "1"] && memory.droppedCount == 3)
        memory.reset()
        #expect(memory.finishedRecords.isEmpty && memory.droppedCount == 0)
        recording.log.info("again")
        #expect(memory.finishedRecords.map(\.body) == ["again"])
    }

    @Test func shutdownKeepsItemsAndRejectsNewOnes() async throws {
        let memory = InMemoryLogExporter()
        let recording = LogRecording(processors: [memory])
        recording.log.info("before")
        _ = await memory.shutdown(deadline: .after(.seconds(1)))
        recording.log.info("after")
        #expect(memory.finishedRecords.map(\.body) == ["before"])
        let batch = LogBatch(items: ItemBatch())
        await #expect(throws: ExportFailure.shutDown) { try await memory.export(batch, deadline: .after(.seconds(1))) }
    }
}
