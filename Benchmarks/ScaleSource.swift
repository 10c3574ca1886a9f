// One service of the pipeline at scale: it ends its spans of traces that other services take part in, and sends each trace to one gateway.

import Telemetry

/// Ends two spans in each of a number of traces, whose identifiers all services know, and reports what became of them.
struct ScaleSource {
    private let service: String
    private let numbers: Range<UInt64>
    private let endpoints: [String]

    /// Returns nil unless the arguments ask for it.
    init?(_ arguments: [String]) {
        guard arguments.count > 4, arguments[0] == "--scale-source", let first = UInt64(arguments[2]), let count = UInt64(arguments[3]),
            first > 0
        else { return nil }
        (service, numbers, endpoints) = (arguments[1], first..<first + count, Array(arguments[4...]))
    }

    func run() async throws {
        let options = OTLPOptions(
            maximumConcurrentRequests: 4, endpoints: endpoints.count > 1 ? endpoints : [], loadBalancing: .byTraceID)
        let exporter = OTLPSpanExporter(endpoint: endpoints.count == 1 ? endpoints[0] : nil, options: options)
        let batches = BatchOptions(maxQueueSize: 32_768, maxExportBatchSize: 4096, fullQueuePolicy: .wait(atMost: .seconds(10)))
        let telemetry = try TelemetrySystem.start(
            resource: .service(service, version: "1.0"), sampler: .alwaysOn, spans: [.batch(exporter, options: batches)])
        let tracer = telemetry.tracer("scale")
        for number in numbers {
            let span = tracer.startSpan(
                "\(service) request", kind: .server, parent: Self.caller(of: number), ["request.number": AttributeValue(Int(number))])
            let child = tracer.startSpan("\(service) work", parent: Context.root.with(spanContext: span.context))
            child.end()
            // One request of a hundred fails at one of the services.
            if number % 100 == 0, service == "payment" { span.setStatus(.error("declined")) }
            span.end()
        }
        await telemetry.shutdown(within: .seconds(60))
        guard let health = telemetry.health.pipelines.first else { return }
        print(#"{"service":"\#(service)","ended":\#(health.accepted),"delivered":\#(health.exported),"dropped":\#(health.droppedCount)}"#)
    }

    /// The span of the edge that has called all services with the same request.
    private static func caller(of number: UInt64) -> Context {
        let low = withUnsafeBytes(of: number.bigEndian) { Array($0) }
        let high = withUnsafeBytes(of: (number &* 0x9E37_79B9_7F4A_7C15).bigEndian) { Array($0) }
        guard let traceID = TraceID(bytes: high + low), let spanID = SpanID(bytes: low) else { return .root }
        return Context.root.with(spanContext: SpanContext(traceID: traceID, spanID: spanID, flags: .sampled, isRemote: true))
    }
}
