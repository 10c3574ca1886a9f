// The console log exporter: output, deadlines, shutdown.

import Foundation
import Testing

@testable import Telemetry

struct ConsoleLogExporterTests {
    @Test func everyRecordOfABatchIsPrintedInOrder() async throws {
        let pipe = Pipe()
        let exporter = ConsoleLogExporter(LogLineStyle(), StandardStream(descriptor: pipe.fileHandleForWriting.fileDescriptor))
        let clock = ManualClock()
        let provider = LoggerProvider(resource: LogRecording.resource, processors: [.simple(exporter)], clock: .manual(clock))
        let log = provider.logger(InstrumentationScope(name: "x"))
        for index in 0..<3 {
            log.info("message \(index)", ["n": AttributeValue(index)])
            clock.advance(by: .milliseconds(1))
        }
        #expect(await provider.shutdown(deadline: .after(.seconds(300))) == .completed)
        try pipe.fileHandleForWriting.close()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        #expect(text == (0..<3).map { "01:46:40.00\($0)Z INFO   message \($0)  n=\($0)\n" }.joined())
    }

    @Test func recordsOnUnreadPipeAreDroppedAtTheDeadlineAndCounted() async throws {
        let pipe = Pipe()
        let exporter = ConsoleLogExporter(LogLineStyle(), StandardStream(descriptor: pipe.fileHandleForWriting.fileDescriptor))
        let processor = SimpleLogProcessor(exporter, exportTimeout: .milliseconds(50))
        let log = LoggerProvider(resource: LogRecording.resource, processors: [processor]).logger(InstrumentationScope(name: "x"))
        // More than a pipe holds.
        for _ in 0..<100 { log.info("\(String(repeating: "x", count: 10_000))") }
        #expect(await processor.forceFlush(deadline: .after(.seconds(300))) == .failed)
        let health = processor.health
        #expect(health.waiting == 0 && health.exported < 10 && health.exported + health.droppedCount == 100)
        try pipe.fileHandleForReading.close()
        log.info("a closed pipe")
        #expect(await processor.shutdown(deadline: .after(.seconds(300))) == .failed)
        #expect(processor.health.exported == health.exported && processor.health.droppedCount == health.droppedCount + 1)
        #expect(processor.health.lastFailure?.message.hasPrefix("the console cannot be written to") == true)
    }

    @Test func exportAfterShutdownIsRejected() async {
        let exporter = ConsoleLogExporter()
        #expect(await exporter.shutdown(deadline: .never) == .completed)
        await #expect(throws: ExportFailure.shutDown) { try await exporter.export(LogBatch(items: ItemBatch()), deadline: .never) }
    }

    @Test func coloursFollowTerminalAndEnvironment() {
        let pipe = Pipe()
        let stream = StandardStream(descriptor: pipe.fileHandleForWriting.fileDescriptor)
        func isColored(_ variables: [String: String]) -> Bool { stream.isColored(EnvironmentReader(variables)) }
        #expect(!isColored([:]) && isColored(["FORCE_COLOR": "1"]) && !isColored(["FORCE_COLOR": "0"]))
        #expect(!isColored(["FORCE_COLOR": "1", "NO_COLOR": "1"]) && isColored(["FORCE_COLOR": "1", "NO_COLOR": ""]))
    }
}
