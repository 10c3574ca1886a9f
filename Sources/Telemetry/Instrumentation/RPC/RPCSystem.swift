// The systems of remote procedure calls that the conventions name.

/// A system of remote procedure calls, by the name that the semantic conventions give it.
///
/// Any name can be given; those that the conventions know are offered by name.
public struct RPCSystem: RawRepresentable, Sendable, Hashable {
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    public static let grpc = RPCSystem(rawValue: "grpc")
    public static let connect = RPCSystem(rawValue: "connectrpc")
    public static let jsonRPC = RPCSystem(rawValue: "jsonrpc")
    public static let dubbo = RPCSystem(rawValue: "dubbo")

    /// The codes of gRPC in the order of their numbers. (gRPC, "Status codes and their use in gRPC".)
    private static let grpcStatuses = [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
        "UNAUTHENTICATED",
    ]
    /// Those that a server is to blame for.
    private static let serverFailures: Set = ["UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"]

    /// Returns the name of a status of gRPC: `NOT_FOUND` for 5; the number as text for one that gRPC does not have.
    public static func grpcStatus(_ code: Int) -> String { grpcStatuses.indices.contains(code) ? grpcStatuses[code] : "\(code)" }

    /// True if methods are known by paths, which begin with a slash.
    var hasPaths: Bool { self == .grpc || self == .connect }

    /// Returns whether a call that ended with the code has failed. (Conventions for gRPC, Connect and JSON-RPC.)
    func isFailure(_ statusCode: String, ofServer: Bool) -> Bool {
        switch self {
        case .grpc, .connect:
            let name = statusCode.uppercased()
            return ofServer ? Self.serverFailures.contains(name) : name != "OK"
        case .jsonRPC: return true
        default: return false
        }
    }

    /// Returns the code of a call whose end names none; nil where the system has no code for it.
    func impliedStatusCode(_ error: (any Error)?) -> String? {
        guard self == .grpc else { return nil }
        return error.map { $0 is CancellationError ? "CANCELLED" : "UNKNOWN" } ?? "OK"
    }
}
