// Why a request got no answer.

/// Why a request got no answer.
package enum HTTPClientError: Error, Equatable, Sendable, CustomStringConvertible {
    case unknownHost(String, reason: String)
    case refused(address: String)
    case unreachable(address: String, reason: String)
    case timedOut(address: String)
    /// The connection ended before the answer was complete.
    case closedEarly(address: String)
    case responseTooLarge(address: String, limit: Int)
    /// The peer speaks something else, or speaks it wrongly.
    case malformedResponse(address: String, reason: String)
    case interrupted
    case shutDown
    case invalidRequest(String)
    /// `https` without a TLS library at hand.
    case unsupportedScheme(String)

    package var description: String {
        switch self {
        case .unknownHost(let host, let reason): "the host \(host) cannot be found: \(reason)"
        case .refused(let address): "connection refused by \(address)"
        case .unreachable(let address, let reason): "no connection to \(address): \(reason)"
        case .timedOut(let address): "no answer from \(address) in time"
        case .closedEarly(let address): "\(address) closed the connection before it had answered"
        case .responseTooLarge(let address, let limit): "the answer of \(address) is larger than \(limit) bytes"
        case .malformedResponse(let address, let reason): "\(address) did not answer in HTTP/1.1: \(reason)"
        case .interrupted: "the request was interrupted"
        case .shutDown: "the client has been shut down"
        case .invalidRequest(let reason): "the request cannot be sent: \(reason)"
        case .unsupportedScheme(let url): "\(url): only http is supported"
        }
    }

    /// Whether the same request may succeed a little later.
    package var isTransient: Bool {
        switch self {
        case .unknownHost, .refused, .unreachable, .timedOut, .closedEarly: true
        default: false
        }
    }
}

extension HTTPParseError {
    /// The error of a client that has read this answer.
    func clientError(address: String, limit: Int) -> HTTPClientError {
        self == .bodyTooLarge
            ? .responseTooLarge(address: address, limit: limit) : .malformedResponse(address: address, reason: description)
    }
}
