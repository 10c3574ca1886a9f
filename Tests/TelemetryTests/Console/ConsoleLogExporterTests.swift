// The console exporter of log records: what reaches the stream, and its end.

import Foundation
import Testing

@testable import Telemetry

@Suite struct ConsoleLogExporterTests {
    @Test func everyRecordOfABatchIsPrintedInOrder() async throws {
        let pipe = Pipe()
        let exporter = ConsoleLogExporter(LogLineStyle(), StandardStream(descriptor: pipe.fileHandleForWriting.fileDescriptor))
        let provider = LoggerProvider(
            resource: LogRecording.resource, processors: [.immediate(exporter)], clock: .manual(ManualClock()))
        let log = provider.logger(InstrumentationScope(name: "x"))
        for index in 0..<3 { log.info("message \(index)", ["n": AttributeValue(index)]) }
        #expect(await provider.shutdown(deadline: .after(.seconds(300))) == .completed)
        try pipe.fileHandleForWriting.close()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        #expect(text == (0..<3).map { "01:46:40.000Z INFO   message \($0)  n=\($0)\n" }.joined())
    }

    @Test func afterShutdownItTakesNothing() async {
        let exporter = ConsoleLogExporter()
        #expect(await exporter.shutdown(deadline: .never) == .completed)
        await #expect(throws: ExportFailure.shutDown) { try await exporter.export(LogBatch(items: ItemBatch()), deadline: .never) }
    }

    @Test func coloursAreForTerminalsUnlessTheEnvironmentSaysOtherwise() {
        let pipe = Pipe()
        let stream = StandardStream(descriptor: pipe.fileHandleForWriting.fileDescriptor)
        func isColored(_ variables: [String: String]) -> Bool { stream.isColored(EnvironmentReader(variables)) }
        #expect(!isColored([:]) && isColored(["FORCE_COLOR": "1"]) && !isColored(["FORCE_COLOR": "0"]))
        #expect(!isColored(["FORCE_COLOR": "1", "NO_COLOR": "1"]) && isColored(["FORCE_COLOR": "1", "NO_COLOR": ""]))
    }
}
