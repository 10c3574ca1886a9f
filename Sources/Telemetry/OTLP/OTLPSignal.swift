// The differences between the signals of OTLP.

/// A signal of OTLP, by what its exporters and requests are named.
struct OTLPSignal: Sendable {
    /// The name in environment variables.
    let variablePart: String
    /// The path that is appended to a general endpoint.
    let path: String
    /// The path of its method in gRPC.
    let method: String
    /// The message of a request.
    let message: OTLPMessage
    /// The message of the items of one scope in a request.
    let scopeMessage: OTLPMessage
    /// The field of an item that identifies its trace; nil if items belong to none.
    let traceID: OTLPField?
    /// The name of its items in messages.
    let items: String
    /// Advice in messages: how to make requests smaller, and how to make them fewer.
    let advice: (smaller: String, fewer: String)

    static let traces = OTLPSignal(
        variablePart: "TRACES", path: "v1/traces", method: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
        message: .tracesData, scopeMessage: .scopeSpans, traceID: OTLPSchema.Span.traceID, items: "spans",
        advice: ("send smaller batches (OTEL_BSP_MAX_EXPORT_BATCH_SIZE)", "keep fewer traces (OTEL_TRACES_SAMPLER)"))

    static let metrics = OTLPSignal(
        variablePart: "METRICS", path: "v1/metrics", method: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
        message: .metricsData, scopeMessage: .scopeMetrics, traceID: nil, items: "metrics",
        advice: ("export fewer points at a time (maxExportBatchSize)", "export less often (OTEL_METRIC_EXPORT_INTERVAL)"))

    static let logs = OTLPSignal(
        variablePart: "LOGS", path: "v1/logs", method: "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
        message: .logsData, scopeMessage: .scopeLogs, traceID: OTLPSchema.LogRecord.traceID, items: "log records",
        advice: ("send smaller batches (OTEL_BLRP_MAX_EXPORT_BATCH_SIZE)", "log less (a higher minimum severity)"))

    static let all = [traces, metrics, logs]

    /// Returns the type of a component that exports the signal. (Semantic conventions: `otel.component.type`.)
    func component(_ encoding: OTLPEncoding) -> String {
        let item =
            switch variablePart {
            case "TRACES": "span"
            case "METRICS": "metric"
            default: "log"
            }
        let transport =
            switch encoding {
            case .protobuf: "otlp_http"
            case .json: "otlp_http_json"
            case .grpc: "otlp_grpc"
            }
        return "\(transport)_\(item)_exporter"
    }
}
