// Spans, log records and propagation, as operations of rows.

import Telemetry

enum SpanOperations {
    private static let (methods, statuses) = (["GET", "PUT"], [200, 404])

    static let all: [Operation] = [
        span("span-0", sampler: .alwaysOn) { tracer, calls in
            for _ in 0..<calls { tracer.startSpan("get album").end() }
        },
        span("span-5", sampler: .alwaysOn) { tracer, calls in
            for _ in 0..<calls { SpanRows.fiveAttributes(tracer) }
        },
        span("span-wrapped-3", sampler: .alwaysOn) { tracer, calls in
            for call in 0..<calls { SpanRows.wrappedVariables(tracer, methods[call & 1], statuses[call >> 1 & 1]) }
        },
        span("span-variables-3", sampler: .alwaysOn) { tracer, calls in
            for call in 0..<calls { SpanRows.variables(tracer, methods[call & 1], statuses[call >> 1 & 1]) }
        },
        span("span-unsampled", sampler: .alwaysOff) { tracer, calls in
            for _ in 0..<calls { tracer.startSpan("get album").end() }
        },
        span("with-span", sampler: .alwaysOn) { tracer, calls in
            for _ in 0..<calls { tracer.withSpan("get album") { span in keep(span) } }
        },
        log("log-5") { log, calls in
            for _ in 0..<calls { LogRows.fiveAttributes(log) }
        },
        log("log-variables-3") { log, calls in
            for call in 0..<calls { LogRows.variables(log, methods[call & 1], statuses[call >> 1 & 1]) }
        },
        Operation("extract") { ({ PropagationRows.extract(calls: $0) }, {}) },
        Operation("inject") { ({ PropagationRows.inject(calls: $0) }, {}) },
    ]

    private static func span<Choice: Sampler>(
        _ name: String, sampler: Choice, _ work: @escaping @Sendable (Tracer, Int) -> Void
    ) -> Operation {
        Operation(name, callsARound: 900, checkedCalls: 9_000) {
            let telemetry = try TelemetrySystem.start(sampler: sampler, spans: [.batch(DiscardingExporter())], metrics: [])
            let tracer = telemetry.tracer("benchmark", version: "1.0")
            return ({ work(tracer, $0) }, { Blocking.run { await telemetry.forceFlush() } })
        }
    }

    private static func log(_ name: String, _ work: @escaping @Sendable (TelemetryLogger, Int) -> Void) -> Operation {
        Operation(name, callsARound: 900, checkedCalls: 9_000) {
            let telemetry = try TelemetrySystem.start(
                sampler: .alwaysOn, spans: [], metrics: [], logs: [.batch(DiscardingLogExporter())],
                logOptions: LogOptions(configurator: .minimumSeverity(.info)))
            let log = telemetry.logger("benchmark", version: "1.0")
            return ({ work(log, $0) }, { Blocking.run { await telemetry.forceFlush() } })
        }
    }
}
