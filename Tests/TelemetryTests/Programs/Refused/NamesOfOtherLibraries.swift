// Names that other libraries have, and exporters without a processor, are told what they are called here.

import Telemetry

func names(_ span: TraceSpan, _ log: TelemetryLogger, _ failure: any Error, _ id: Int) {
    span.recordError(failure)
    // expected-error@-1 {{has been renamed to 'recordException(_:_:)'}}
    log.warning("a", ["id": id])
    // expected-error@-1 {{has been renamed to 'warn(_:_:eventName:exception:)'}}
    log.critical("a")
    // expected-error@-1 {{has been renamed to 'fatal(_:_:eventName:exception:)'}}
    log.notice("a")
    // expected-error@-1 {{The severity of a notice is .info2: log(.info2, message).}}
}

func start() throws {
    _ = try TelemetrySystem.start(spans: [.otlp()])
    // expected-error@-1 {{An exporter stands behind a processor: .batch(.otlp()).}}
    _ = try TelemetrySystem.start(metrics: [.otlp()])
    // expected-error@-1 {{An exporter stands behind a reader: .periodic(.otlp()).}}
    _ = try TelemetrySystem.start(metrics: [.otlp(temporality: .delta, histogramAggregation: .exponentialHistogram())])
    // expected-error@-1 {{An exporter stands behind a reader: .periodic(.otlp()).}}
    _ = try TelemetrySystem.start(logs: [.otlp(endpoint: "http://collector:4318")])
    // expected-error@-1 {{An exporter stands behind a processor: .batch(.otlp()).}}
    _ = try TelemetrySystem.start(logs: [.jsonLines(.standardOutput)])
    // expected-error@-1 {{An exporter stands behind a processor: .simple(.jsonLines(…)).}}
}
