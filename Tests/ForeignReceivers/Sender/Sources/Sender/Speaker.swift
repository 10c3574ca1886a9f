// Speaks other protocols than OTLP, as commands on the standard input ask for.

import Telemetry

/// Serves pages for Prometheus, and answers each line of the standard input with a line, until the input ends.
struct Speaker {
    private let telemetry: TelemetrySystem
    private let tracer: Tracer
    private let propagator = XRayPropagator()

    /// Starts the endpoint, and records what the pages show.
    init() throws {
        let prometheus = PrometheusExporter(port: 0)
        telemetry = try TelemetrySystem.start(
            resource: .service("speaker"), spans: [.simple(InMemorySpanExporter(capacity: 100))],
            spanOptions: SpanOptions(idGenerator: .xray), metrics: [prometheus],
            views: [MetricView(of: .instruments("sizes"), aggregation: .exponentialHistogram())], logs: [])
        tracer = telemetry.tracer("speaker")
        let meter = telemetry.meter("speaker")
        let requests = meter.counter("requests")
        requests.add(3, ["route": "/a\"b\\c\nd"])
        requests.add(4, ["route": "/é"])
        let latency = meter.histogram("latency", unit: "s", boundaries: [0.1, 1])
        let sizes = meter.histogram("sizes", unit: "By")
        for seconds in [0.25, 2, 5] { latency.record(seconds) }
        for size in [1, 2, 3, 1000, 0.5] { sizes.record(size) }
        meter.gauge("level", of: Double.self).record(0.5)
        print(prometheus.port ?? 0)
    }

    func run() async {
        flush()
        while let line = readLine() {
            let words = line.split(separator: " ", maxSplits: 1).map(String.init)
            print(answer(to: words.first ?? "", words.last ?? ""))
            flush()
        }
        await telemetry.shutdown(within: .seconds(5))
    }

    private func answer(to command: String, _ argument: String) -> String {
        switch command {
        case "xray-inject":
            let span = tracer.startSpan("xray")
            defer { span.end() }
            var headers: [String: String] = [:]
            propagator.inject(Context.root.with(span: span), into: &headers)
            return "\(span.context.traceID) \(span.context.spanID) \(headers[propagator.fields[0]] ?? "-")"
        case "xray-extract":
            let context = propagator.extract(from: ["X-Amzn-Trace-Id": argument]).spanContext
            return "\(context.traceID) \(context.spanID) \(context.isSampled ? 1 : 0)"
        case "server-timing":
            let parent = telemetry.propagator.extract(from: ["traceparent": argument])
            let span = tracer.startHTTPServerSpan(HTTPServerRequest(method: "GET", target: "/"), parent: parent)
            defer { span.finish(statusCode: 200) }
            return span.serverTiming ?? "-"
        default: return "unknown command"
        }
    }
}
