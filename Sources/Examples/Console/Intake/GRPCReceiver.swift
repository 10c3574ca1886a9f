// OTLP over gRPC for the console, beside its port for HTTP.

package import ExampleSupport
import Telemetry

/// The server that hands calls to a console, or why there is none.
package struct GRPCReceiver: Sendable {
    /// OTLP's own port for gRPC.
    package static let usualPort = 4317

    private let server: GRPCServer?
    /// Why nothing is received; nil if calls are, or if that was not wanted.
    package let problem: String?

    /// The port that it listens on; nil if it does not.
    package var port: Int? { server?.port }

    /// Starts a server for a console on the port that `GRPC_PORT` names, or does without.
    ///
    /// `none` is for no server. Without the library that it needs, or if the usual port is taken and no other one is asked for, the console
    /// does without and says so.
    ///
    /// - Parameters:
    ///   - httpPort: the port for OTLP over HTTP, for messages; 0 if it is not known yet.
    ///   - telemetry: records the calls; nil for none.
    package static func start(
        _ environment: ServiceEnvironment, for console: Console, httpPort: Int, maximumRequestBytes: Int,
        telemetry: ReceiverTelemetry? = nil
    ) throws(StartFailure) -> GRPCReceiver {
        guard environment["GRPC_PORT"] != "none" else {
            console.counts.note(.grpc, problem: "GRPC_PORT is none")
            return GRPCReceiver(server: nil, problem: nil)
        }
        let port: Int
        do throws(StartFailure) { port = try environment.port("GRPC_PORT", default: usualPort) } catch {
            throw StartFailure(
                .configuration, "GRPC_PORT is \"\(environment["GRPC_PORT"] ?? "")\"; it must be a port from 0 to 65535, or none.")
        }
        let host = environment["HOST"] ?? "localhost"
        do throws(GRPCServer.Failure) {
            let server = try start(
                host: host, port: port, for: console, httpPort: httpPort, maximumRequestBytes: maximumRequestBytes, telemetry: telemetry)
            return GRPCReceiver(server: server, problem: nil)
        } catch {
            if case .cannotListen = error, environment["GRPC_PORT"] != nil {
                throw StartFailure(.unavailable, "\(error); GRPC_PORT chooses another")
            }
            let advice =
                switch error {
                case .noLibrary: "this is not \(error)"
                case .cannotListen: "\(error); GRPC_PORT chooses another, and GRPC_PORT=none none"
                }
            console.counts.note(.grpc, problem: advice)
            return GRPCReceiver(server: nil, problem: "without OTLP over gRPC: \(advice)")
        }
    }

    /// Starts a server for a console.
    static func start(
        host: String, port: Int, for console: Console, httpPort: Int, maximumRequestBytes: Int, telemetry: ReceiverTelemetry? = nil
    ) throws(GRPCServer.Failure) -> GRPCServer {
        var options = GRPCServerOptions()
        options.codings = ["gzip", "zstd"]
        options.maximumMessageBytes = maximumRequestBytes
        options.maximumHeldBytes = max(options.maximumHeldBytes, 2 * maximumRequestBytes)
        let other = httpPort == 0 ? "another port, usually 4318" : "port \(httpPort)"
        options.directions = "This port takes OTLP over gRPC, without TLS. OTLP over HTTP (http/protobuf, http/json) goes to \(other)."
        let counts = console.counts
        var methods = console.calls
        if let telemetry { methods = Dictionary(uniqueKeysWithValues: methods.map { ($0.key, telemetry.recording($0.key, $0.value)) }) }
        return try GRPCServer.start(host: host, port: port, options: options, methods: methods) { _, code in
            counts.note(.grpc, isTaken: code == .ok)
        }
    }

    /// Ends it, and frees its port.
    package func stop(within duration: Duration) async { await server?.shutdown(within: duration) }
}
