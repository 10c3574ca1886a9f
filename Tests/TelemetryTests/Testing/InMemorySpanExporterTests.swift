// The in-memory span exporter: order, capacity, shutdown.

import Testing

@testable import Telemetry

struct InMemorySpanExporterTests {
    @Test func processorKeepsSpansOnEnd() {
        let recording = Recording()
        #expect(recording.spans.isEmpty)
        let outer = recording.tracer.startSpan("outer", parent: .root)
        recording.tracer.startSpan("inner", parent: Context.root.with(span: outer)).end()
        #expect(recording.spans.map(\.name) == ["inner"])
        outer.end()
        #expect(recording.spans.map(\.name) == ["inner", "outer"])
    }

    @Test func exporterBehindBatchProcessorKeepsItemsAfterFlush() async {
        let exporter = InMemorySpanExporter()
        let recording = Recording(processors: [.batch(exporter)])
        for index in 0..<1000 { recording.tracer.startSpan("span \(index)", parent: .root, ["index": AttributeValue(index)]).end() }
        #expect(await recording.provider.forceFlush(deadline: .after(.seconds(300))) == .completed)
        #expect(Set(exporter.finishedSpans.map(\.name)).count == 1000)
        #expect(exporter.finishedSpans.allSatisfy { "span \($0.attributes["index"] ?? -1)" == $0.name })
        _ = await recording.provider.shutdown(deadline: .after(.seconds(300)))
    }

    @Test func itemsBeyondCapacityAreDroppedAndCounted() {
        let memory = InMemorySpanExporter(capacity: 2)
        let recording = Recording(processors: [memory])
        for index in 0..<5 { recording.tracer.startSpan("span \(index)", parent: .root).end() }
        #expect(memory.finishedSpans.map(\.name) == ["span 0", "span 1"] && memory.droppedCount == 3)
        #expect(memory.finishedSpans(named: "span 1").map(\.name) == ["span 1"] && memory.finishedSpans(named: "span 2").isEmpty)
        memory.reset()
        #expect(memory.finishedSpans.isEmpty && memory.droppedCount == 0)
        recording.tracer.startSpan("again", parent: .root).end()
        #expect(memory.finishedSpans.map(\.name) == ["again"])
    }

    @Test func shutdownKeepsItemsAndRejectsNewOnes() async throws {
        let memory = InMemorySpanExporter()
        let recording = Recording(processors: [memory])
        recording.tracer.startSpan("before", parent: .root).end()
        _ = await memory.shutdown(deadline: .after(.seconds(1)))
        recording.tracer.startSpan("after", parent: .root).end()
        #expect(memory.finishedSpans.map(\.name) == ["before"])
        let batch = SpanBatch(items: ItemBatch())
        await #expect(throws: ExportFailure.shutDown) { try await memory.export(batch, deadline: .after(.seconds(1))) }
    }

    @Test func systemAcceptsItAsProcessor() async throws {
        let memory = InMemorySpanExporter()
        let system = try TelemetrySystem.start(resource: .service("album-store"), spans: [memory], environment: [:])
        system.tracer("tests", version: "2").withSpan("work", parent: .root) { _ in }
        let span = try memory.finishedSpans.first.unwrapped()
        #expect(
            span.name == "work" && span.instrumentationScope.version == "2" && span.resource.attributes["service.name"] == "album-store")
        await system.shutdown(within: .seconds(300))
    }
}
