// A receiver whose responses a test defines, and a provider that exports to it.

import Synchronization

@testable import Telemetry

/// A receiver on this host with scripted responses.
final class ScriptedReceiver: Sendable {
    private struct State {
        var answers: [HTTPResponse]
        var requests: [HTTPRequest] = []
    }

    private final class Script: Sendable {
        let state: Mutex<State>

        init(_ answers: [HTTPResponse]) {
            state = Mutex(State(answers: answers))
        }
    }

    private let script: Script
    let server: HTTPServer

    /// Returns the responses in turn, and then status 200.
    init(_ answers: [HTTPResponse] = [], port: Int = 0) throws {
        let script = Script(answers)
        self.script = script
        server = try HTTPServer.start(host: "127.0.0.1", port: port, options: .patient) { request in
            script.state.withLock { state in
                state.requests.append(request)
                return state.answers.isEmpty ? HTTPResponse(status: 200) : state.answers.removeFirst()
            }
        }
    }

    var requests: [HTTPRequest] { script.state.withLock { $0.requests } }
    var url: String { "http://127.0.0.1:\(server.port)" }

    func stop() async { await server.shutdown(within: .seconds(5)) }
}

enum OTLPDelivering {
    static let quick = RetryPolicy(initialDelay: .milliseconds(1), maximumDelay: .milliseconds(5))

    /// Records spans, exports them to a receiver and flushes; returns the outcome.
    static func deliver(
        to endpoint: String, spans: Int = 1, timeout: Duration = .patience, headers: [String: String]? = nil,
        compression: OTLPCompression? = nil, encoding: OTLPEncoding? = nil, certificates: OTLPCertificateFiles = OTLPCertificateFiles(),
        options: OTLPOptions = OTLPOptions()
    ) async throws -> (result: FlushResult, health: PipelineHealth) {
        var options = options
        (options.headers, options.timeout, options.retry) = (headers, timeout, quick)
        (options.compression, options.encoding, options.certificates) = (compression, encoding, certificates)
        return try await deliver(with: OTLPSpanExporter(endpoint: endpoint, options: options), spans: spans)
    }

    /// The same with any exporter, whose settings come from code and an empty environment.
    static func deliver(
        with exporter: any SpanExporter, spans: Int, environment: [String: String] = [:],
        batch: BatchOptions = BatchOptions(scheduleDelay: .seconds(3600))
    ) async throws -> (result: FlushResult, health: PipelineHealth) {
        let processor = BatchSpanProcessor(exporter, options: batch)
        try processor.configure(EnvironmentReader(environment))
        let provider = TracerProvider(
            resource: Resource(attributes: ["service.name": "sender"], schemaURL: "https://example.com/resource"), sampler: .alwaysOn,
            limits: SpanLimits(), processors: [processor], idGenerator: nil, clock: .system)
        for index in 0..<spans {
            let scope = InstrumentationScope(name: "scope \(index % 2)", version: "1", schemaURL: "https://example.com/scope")
            provider.tracer(scope).startSpan("span \(index)", parent: .root, ["index": AttributeValue(index)]).end()
        }
        let result = await provider.forceFlush(deadline: .after(.patience))
        await _ = provider.shutdown(deadline: .after(.patience))
        return (result, processor.health)
    }
}
