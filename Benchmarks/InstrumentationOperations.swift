// What the spans of conventions cost with their metrics, as operations of rows.

import Telemetry

enum InstrumentationOperations {
    static let all: [Operation] = [
        instrumented("http-server-span") { telemetry in
            let (tracer, metrics) = (telemetry.tracer("benchmark"), HTTPServerMetrics(telemetry.meter("benchmark")))
            return { calls in
                for _ in 0..<calls { serverSpan(tracer, metrics) }
            }
        },
        instrumented("http-client-span") { telemetry in
            let (tracer, metrics) = (telemetry.tracer("benchmark"), HTTPClientMetrics(telemetry.meter("benchmark")))
            let urls = (1...4).map { "http://albums.example.com:8080/albums/\($0)" }
            return { calls in
                for call in 0..<calls { clientSpan(tracer, metrics, urls[call & 3]) }
            }
        },
        instrumented("database-span") { telemetry in
            let (tracer, metrics) = (telemetry.tracer("benchmark"), DatabaseClientMetrics(telemetry.meter("benchmark")))
            let endpoint = DatabaseEndpoint(.postgresql, namespace: "twitter", serverAddress: "database.example.com", serverPort: 5432)
            let query = DatabaseOperation(sql: "SELECT id, content FROM tweet WHERE id = $1", isParameterized: true, at: endpoint)
            return { calls in
                for _ in 0..<calls { databaseSpan(tracer, metrics, query) }
            }
        },
    ]

    private static let headers: @Sendable (String) -> [String] = { name in
        switch name {
        case "host": ["albums.example.com"]
        case "user-agent": ["benchmark/1.0"]
        default: []
        }
    }

    @inline(never)
    private static func serverSpan(_ tracer: Tracer, _ metrics: HTTPServerMetrics) {
        let request = HTTPServerRequest(
            method: "GET", target: "/albums/1", protocolVersion: "1.1", peerAddress: "192.0.2.7", peerPort: 51_234, route: "/albums/:id",
            headers: headers)
        tracer.startHTTPServerSpan(request, parent: .root, metrics: metrics).finish(statusCode: 200)
    }

    @inline(never)
    private static func clientSpan(_ tracer: Tracer, _ metrics: HTTPClientMetrics, _ url: String) {
        let request = HTTPClientRequest(method: "GET", url: url, protocolVersion: "1.1", urlTemplate: "/albums/{id}")
        tracer.startHTTPClientSpan(request, metrics: metrics).finish(statusCode: 200)
    }

    @inline(never)
    private static func databaseSpan(_ tracer: Tracer, _ metrics: DatabaseClientMetrics, _ query: DatabaseOperation) {
        tracer.startDatabaseClientSpan(query, metrics: metrics).finish()
    }

    private static func instrumented(_ name: String, _ work: @escaping @Sendable (TelemetrySystem) -> @Sendable (Int) -> Void) -> Operation
    {
        Operation(name, callsARound: 900, checkedCalls: 9_000) {
            let telemetry = try TelemetrySystem.start(
                sampler: .alwaysOn, spans: [.batch(DiscardingExporter())], metrics: [PullMetricReader()])
            return (work(telemetry), { Blocking.run { await telemetry.forceFlush() } })
        }
    }
}
