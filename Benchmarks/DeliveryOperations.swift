// Spans on their way to another process, as an operation of rows.

import Glibc
import Telemetry

enum DeliveryOperations {
    static let all: [Operation] = [
        // The time of the process is that of a delivered span, the time by the wall what passes between two of them.
        operation("delivered-span", .protobuf), operation("delivered-span-grpc", .grpc),
    ]

    private static func operation(_ name: String, _ encoding: OTLPEncoding) -> Operation {
        Operation(name, callsARound: 250_000, checkedCalls: 20_000, isSharedWork: true) {
            let sink = SinkProcess(isGRPC: encoding == .grpc)
            let exporter = OTLPSpanExporter(endpoint: "http://127.0.0.1:\(sink.port)", options: OTLPOptions(encoding: encoding))
            let telemetry = try TelemetrySystem.start(sampler: .alwaysOn, spans: [.batch(exporter)], metrics: [])
            let tracer = telemetry.tracer("benchmark", version: "1.0")
            return (
                { calls in
                    for _ in 0..<calls { SpanRows.fiveAttributes(tracer) }
                },
                {
                    Blocking.run { await telemetry.forceFlush() }
                    reportLosses(name, telemetry.health)
                }
            )
        }
    }

    /// A row that drops spans is cheaper than it should be, which its reader must know.
    private static func reportLosses(_ row: String, _ health: TelemetryHealth) {
        for pipeline in health.pipelines where pipeline.droppedCount > 0 {
            let message = "\(row): \(pipeline.droppedCount) of \(pipeline.accepted) spans were dropped.\n"
            _ = message.withCString { write(STDERR_FILENO, $0, strlen($0)) }
        }
    }
}
