// Metrics as lines of OTLP/JSON in a file.

import Foundation
import Testing

@testable import Telemetry

struct OTLPFileMetricExporterTests {
    @Test func batchIsAppendedAsOneLineOfMetricsData() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "telemetry-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/metrics.jsonl"
        let exporter = OTLPFileMetricExporter(.file(path))
        try exporter.configure(EnvironmentReader(["OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": "delta"]))
        #expect(exporter.temporality == .delta && exporter.destinationName == path)
        try await exporter.export(MetricSamples.everything, deadline: .never)
        try await exporter.export(MetricBatch(resource: .empty, scopes: []), deadline: .never)
        try await exporter.export(.madeUp("second", pointCount: 2), deadline: .never)
        #expect(await exporter.shutdown(deadline: .never) == .completed)
        await #expect(throws: ExportFailure.shutDown) { try await exporter.export(.madeUp("late", pointCount: 1), deadline: .never) }

        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.hasSuffix("\n"))
        let names = try text.split(separator: "\n").map { line in
            try JSONReader.value(of: Array(line.utf8))["resourceMetrics"]?.elements?.first?["scopeMetrics"]?.elements?.first?["metrics"]?
                .elements?.map { $0["name"]?.text ?? "" }
        }
        #expect(names == [["sold", "level", "duration", "fine", "quantiles"], ["second"]])
    }

    @Test func unwritableFileIsConfigurationError() {
        #expect(throws: ConfigurationError.self) {
            try OTLPFileMetricExporter("/no/such/folder/metrics.jsonl").configure(EnvironmentReader([:]))
        }
    }
}
