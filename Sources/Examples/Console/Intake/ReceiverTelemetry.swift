// What the console records of its own receiver of OTLP over gRPC, where that is wanted.

package import ExampleSupport
import Telemetry

/// Spans and metrics of the calls by which the console receives telemetry; off unless `SELF_TELEMETRY_TO` says where they go.
///
/// They are exported as any others, to the console itself if need be. Their export carries a mark in its metadata, and a call with the mark is
/// not recorded: a span about an export would have to be exported as well, and so on without end.
package struct ReceiverTelemetry: Sendable {
    /// The entry of metadata that marks exports of what receivers record.
    static let mark = "x-telemetry-of-receiver"

    private let system: TelemetrySystem
    private let tracer: Tracer
    private let metrics: RPCMetrics

    init(_ system: TelemetrySystem) {
        self.system = system
        tracer = system.tracer("console")
        metrics = RPCMetrics(system.meter("console"))
    }

    /// Starts to record if `SELF_TELEMETRY_TO` names an OTLP receiver, by a host and a port or a URL; returns nil if it does not.
    package static func start(_ environment: ServiceEnvironment) throws -> ReceiverTelemetry? {
        guard environment["SELF_TELEMETRY_TO"] != nil else { return nil }
        let endpoint = try environment.receiver("SELF_TELEMETRY_TO")
        guard environment["GRPC_PORT"] != "none" else {
            throw StartFailure(
                .configuration,
                "SELF_TELEMETRY_TO records the calls of gRPC, and GRPC_PORT is none; it must be a port, or SELF_TELEMETRY_TO unset.")
        }
        var options = OTLPOptions()
        options.headers = [mark: "1"]
        let service = Resource.service(environment["OTEL_SERVICE_NAME"] ?? "collector", version: environment["VERSION"] ?? SDK.version)
        return ReceiverTelemetry(
            try environment.startSystem { [options] variables in
                try TelemetrySystem.start(
                    resource: service, spans: [.batch(.otlp(endpoint: endpoint, options: options))],
                    metrics: [.periodic(.otlp(endpoint: endpoint, options: options))], logs: [], environment: variables)
            })
    }

    /// Returns a handler that records each call of a method, from when the whole message is there to its answer.
    func recording(_ path: String, _ handler: @escaping GRPCServer.Handler) -> GRPCServer.Handler {
        { call in
            guard call.headers[Self.mark] == nil else { return await handler(call) }
            let parent = system.propagator.extract(from: call.headers, into: .root)
            let span = tracer.startRPCServerSpan(RPCCall(path, system: .grpc), parent: parent, metrics: metrics)
            let answer = await span.context.run { await handler(call) }
            span.finish(statusCode: answer.code.name)
            return answer
        }
    }

    /// Exports what waits, and ends.
    package func stop(within duration: Duration) async { await system.shutdown(within: duration) }
}
