// The errors of HTTP clients, with their messages.

/// Why a request got no response.
package enum HTTPClientError: Error, Equatable, Sendable, CustomStringConvertible {
    case unknownHost(String, reason: String)
    case refused(address: String)
    case unreachable(address: String, reason: String)
    case timedOut(address: String)
    /// The connection ended before the response was complete.
    case closedEarly(address: String)
    case responseTooLarge(address: String, limit: Int)
    /// The peer uses another protocol, or violates HTTP.
    case malformedResponse(address: String, reason: String)
    /// The same for HTTP/2.
    case brokenHTTP2(address: String, reason: String)
    /// The peer of an HTTP/2 connection has ended the stream of the request, with an error code.
    case streamReset(address: String, code: UInt32)
    /// The peer of an HTTP/2 connection has said that it takes no more requests, and closed it.
    case wentAway(address: String, reason: String)
    case interrupted
    /// The program has closed the descriptors of the connection.
    case descriptorsClosed
    case invalidRequest(String)
    /// `https` without a TLS library that can be used.
    case tlsUnavailable(String)
    /// The server's or the client's certificate was refused, or both have no TLS version in common.
    case tlsFailed(address: String, reason: String, isTransient: Bool)
    /// The connection ended before its first response, with a hint at the cause.
    case closedUnanswered(address: String, hint: String)
    /// The proxy responded in place of the host.
    case proxyRefused(proxy: String, host: String, status: Int)

    package var description: String {
        switch self {
        case .unknownHost(let host, let reason): "the host \(host) cannot be found: \(reason)"
        case .refused(let address): "connection refused by \(address)"
        case .unreachable(let address, let reason): "no connection to \(address): \(reason)"
        case .timedOut(let address): "no answer from \(address) in time"
        case .closedEarly(let address): "\(address) closed the connection before it had answered"
        case .responseTooLarge(let address, let limit): "the answer of \(address) is larger than \(limit) bytes"
        case .malformedResponse(let address, let reason): "\(address) did not answer in HTTP/1.1: \(reason)"
        case .brokenHTTP2(let address, let reason): "\(address) did not answer in HTTP/2: \(reason)"
        case .streamReset(let address, let code): "\(address) has reset the request: \(HTTP2ErrorCode.name(code))"
        case .wentAway(let address, let reason): "\(address) has ended the connection: \(reason)"
        case .interrupted: "the request was interrupted"
        case .descriptorsClosed: "the program has closed the file descriptors of the connection"
        case .invalidRequest(let reason): "the request cannot be sent: \(reason)"
        case .tlsUnavailable(let reason): "https cannot be used: \(reason)"
        case .tlsFailed(let address, let reason, _): "no secure connection to \(address): \(reason)"
        case .closedUnanswered(let address, let hint): "\(address) closed the connection before it had answered; \(hint)"
        case .proxyRefused(let proxy, let host, 407):
            "the proxy \(proxy) demands a user name and a password that it knows before it connects to \(host): http://user:password@proxy:port"
        case .proxyRefused(let proxy, let host, let status):
            "the proxy \(proxy) does not connect to \(host): it answered with status \(status) \(HTTPReason.phrase(status))"
        }
    }

    /// True if a retry may succeed.
    package var isTransient: Bool {
        switch self {
        case .unknownHost, .refused, .unreachable, .timedOut, .closedEarly, .closedUnanswered, .wentAway: true
        case .streamReset(_, let code): code == HTTP2ErrorCode.refusedStream || code == HTTP2ErrorCode.cancel
        case .tlsFailed(_, _, let isTransient): isTransient
        case .proxyRefused(_, _, let status): [429, 500, 502, 503, 504].contains(status)
        default: false
        }
    }
}

extension HTTPParseError {
    /// Returns the error of a client that has read such a response.
    package func clientError(address: String, limit: Int) -> HTTPClientError {
        self == .bodyTooLarge
            ? .responseTooLarge(address: address, limit: limit) : .malformedResponse(address: address, reason: description)
    }
}
