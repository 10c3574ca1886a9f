// The errors of starting a server.

/// Why a server could not start.
package enum HTTPServerError: Error, Equatable, Sendable, CustomStringConvertible {
    case addressInUse(host: String, port: Int)
    case cannotListen(host: String, port: Int, reason: String)
    case unknownHost(host: String, reason: String)

    package var description: String {
        switch self {
        case .addressInUse(let host, let port): "port \(port) on \(host) is taken already, by another program or by a server of this one"
        case .cannotListen(let host, let port, let reason): "cannot listen on \(host) port \(port): \(reason)"
        case .unknownHost(let host, let reason): "the host \(host) cannot be found: \(reason)"
        }
    }
}
