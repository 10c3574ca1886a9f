// Log records as lines of OTLP/JSON in a file.

import Testing

@testable import Telemetry

struct OTLPFileLogExporterTests {
    private func lines(_ directory: TemporaryDirectory) throws -> [JSONValue] {
        let text = String(decoding: try directory.bytes(of: "records.jsonl"), as: UTF8.self)
        #expect(text.hasSuffix("\n"))
        return try text.split(separator: "\n").map { try JSONReader.value(of: Array($0.utf8)) }
    }

    @Test func batchIsAppendedAsOneLineOfLogsData() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/records.jsonl"
        for _ in 0..<2 {
            let outcome = try await LogDelivering.deliver(
                with: OTLPFileLogExporter(.file(path)), records: 20,
                batch: BatchOptions(maxExportBatchSize: 10, scheduleDelay: .seconds(3600)))
            #expect(outcome.result == .completed && outcome.health.exported == 20 && outcome.health.destination == path)
        }
        let counts = try lines(directory).map { line in
            let scopes = line["resourceLogs"]?.elements?.first?["scopeLogs"]?.elements ?? []
            return scopes.reduce(0) { $0 + ($1["logRecords"]?.elements?.count ?? 0) }
        }
        #expect(counts == [10, 10, 10, 10])
        #expect(try directory.permissions(of: "records.jsonl") == 0o600, "Only the owner may read records.")
    }

    @Test func lineFeedInBodyIsEscaped() async throws {
        let directory = try TemporaryDirectory()
        let exporter = OTLPFileLogExporter(.file(directory.path + "/records.jsonl"))
        let processor = SimpleLogProcessor(exporter)
        try processor.configure(EnvironmentReader([:]))
        let provider = LoggerProvider(resource: .empty, processors: [processor])
        let text = "first\nsecond\r\n\u{2028}third\u{0}"
        provider.logger(InstrumentationScope(name: "x")).info(text)
        #expect(await provider.shutdown(deadline: .after(.seconds(60))) == .completed)
        let record = try lines(directory).first?["resourceLogs"]?.elements?.first?["scopeLogs"]?.elements?.first?["logRecords"]?.elements?
            .first
        #expect(record?["body"]?["stringValue"]?.text == text)
    }

    @Test func unwritableFileIsConfigurationError() {
        #expect(throws: ConfigurationError.self) {
            try OTLPFileLogExporter("/no/such/folder/records.jsonl").configure(EnvironmentReader([:]))
        }
    }

    @Test func unwritableRecordsAreCountedAsDropped() async throws {
        let outcome = try await LogDelivering.deliver(with: OTLPFileLogExporter("/dev/full"), records: 3)
        #expect(outcome.result == .failed && outcome.health.dropped == [.rejected: 3])
        #expect(outcome.health.lastFailure?.message == "/dev/full cannot be written to: No space left on device")
    }

    @Test func exportAfterShutdownWritesNothing() async throws {
        let directory = try TemporaryDirectory()
        let exporter = OTLPFileLogExporter(.file(directory.path + "/records.jsonl"))
        #expect(await exporter.shutdown(deadline: .never) == .completed)
        let outcome = try await LogDelivering.deliver(with: exporter, records: 1)
        #expect(outcome.health.dropped == [.alreadyShutDown: 1])
        #expect(try directory.files.allSatisfy { try directory.bytes(of: $0).isEmpty })
    }
}
