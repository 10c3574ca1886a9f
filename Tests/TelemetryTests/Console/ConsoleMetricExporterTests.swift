// The console metric exporter: options and shutdown.

import Testing

@testable import Telemetry

struct ConsoleMetricExporterTests {
    @Test func itIsCumulativeUnlessToldOtherwiseAndCollectsEveryTenSeconds() throws {
        #expect(ConsoleMetricExporter().temporality == .cumulative)
        let reader = PeriodicMetricReader(.console(temporality: .delta))
        #expect(reader.options.temporality == .delta)
        #expect(reader.settings(EnvironmentReader([:])).interval == .seconds(10))
        #expect(reader.settings(EnvironmentReader(["OTEL_METRIC_EXPORT_INTERVAL": "500"])).interval == .milliseconds(500))
    }

    @Test func exportAfterShutdownIsRejected() async {
        let exporter = ConsoleMetricExporter()
        #expect(await exporter.shutdown(deadline: .never) == .completed)
        await #expect(throws: ExportFailure.shutDown) { try await exporter.export(.madeUp("m", pointCount: 1), deadline: .never) }
    }
}
