// Spans as lines of OTLP/JSON in a file, and files that cannot be written to.

import Foundation
import Testing

@testable import Telemetry

struct OTLPFileSpanExporterTests {
    private func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "telemetry-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder)
    }

    private func lines(_ path: String) throws -> [JSONValue] {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.hasSuffix("\n"))
        return try text.split(separator: "\n").map { try JSONReader.value(of: Array($0.utf8)) }
    }

    private func spanCount(_ line: JSONValue) -> Int {
        (line["resourceSpans"]?.elements ?? []).flatMap { $0["scopeSpans"]?.elements ?? [] }
            .reduce(0) { $0 + ($1["spans"]?.elements?.count ?? 0) }
    }

    @Test func batchIsAppendedAsOneLine() async throws {
        try await withFolder { folder in
            let path = folder + "/spans.jsonl"
            for _ in 0..<2 {
                let outcome = try await OTLPDelivering.deliver(
                    with: OTLPFileSpanExporter(.file(path)), spans: 20,
                    batch: BatchOptions(maxExportBatchSize: 10, scheduleDelay: .seconds(3600)))
                #expect(outcome.result == .completed && outcome.health.exported == 20 && outcome.health.destination == path)
            }
            #expect(try lines(path).map(spanCount) == [10, 10, 10, 10])
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600, "Only the owner may read spans.")
        }
    }

    @Test func movedFileIsCreatedAgain() async throws {
        try await withFolder { folder in
            let path = folder + "/spans.jsonl"
            let exporter = OTLPFileSpanExporter(.file(path))
            for name in ["1", "2"] {
                try await exporter.export(SpanBatch(items: ItemBatch()), deadline: .never)
                try FileManager.default.moveItem(atPath: path, toPath: folder + "/" + name)
            }
            #expect(try lines(folder + "/1") == [.object([:])] && lines(folder + "/2") == [.object([:])])
        }
    }

    @Test func unwritableFileIsConfigurationError() async throws {
        for path in ["/no/such/folder/spans.jsonl", "/", ""] {
            #expect(throws: ConfigurationError.self) { try OTLPFileSpanExporter(.file(path)).configure(EnvironmentReader([:])) }
        }
    }

    @Test func unwritableSpansAreCountedAsDropped() async throws {
        try await withFolder { folder in
            let path = folder + "/gone/spans.jsonl"
            try FileManager.default.createDirectory(atPath: folder + "/gone", withIntermediateDirectories: true)
            let exporter = OTLPFileSpanExporter(.file(path))
            try exporter.configure(EnvironmentReader([:]))
            try FileManager.default.removeItem(atPath: folder + "/gone")
            await #expect(throws: ExportFailure.rejected(reason: "\(path) cannot be written to: No such file or directory")) {
                try await exporter.export(SpanBatch(items: ItemBatch()), deadline: .never)
            }
        }
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "There is a device that is always full."))
    func fullDiskFailsExport() async throws {
        let outcome = try await OTLPDelivering.deliver(with: OTLPFileSpanExporter("/dev/full"), spans: 3)
        #expect(outcome.result == .failed && outcome.health.dropped == [.rejected: 3])
        #expect(outcome.health.lastFailure?.message == "/dev/full cannot be written to: No space left on device")
    }

    @Test func unreadPipeDoesNotBlockExport() async throws {
        try await withFolder { folder in
            let path = folder + "/pipe"
            try #require(mkfifo(path, 0o600) == 0)
            #expect(throws: ConfigurationError.self) { try OTLPFileSpanExporter(.file(path)).configure(EnvironmentReader([:])) }
        }
    }

    @Test func exportAfterShutdownWritesNothing() async throws {
        try await withFolder { folder in
            let exporter = OTLPFileSpanExporter(.file(folder + "/spans.jsonl"))
            #expect(await exporter.shutdown(deadline: .never) == .completed)
            await #expect(throws: ExportFailure.shutDown) {
                try await exporter.export(SpanBatch(items: ItemBatch()), deadline: .never)
            }
            #expect(!FileManager.default.fileExists(atPath: folder + "/spans.jsonl"))
        }
    }
}
