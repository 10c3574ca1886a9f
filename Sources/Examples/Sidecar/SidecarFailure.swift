// Why a request got no answer from an upstream.

import Telemetry

/// The reason for an answer that the sidecar makes itself.
enum SidecarFailure: Error, Hashable, CustomStringConvertible {
    /// No connection was established; nothing of the request has been sent.
    case unreachable(String)
    /// The upstream's certificate, or its names, are not those of the file.
    case untrusted(String)
    /// The upstream closed before its answer was complete.
    case closedEarly
    /// The answer is no HTTP/1.1 that can be passed on.
    case malformed(String)
    case connectTimedOut
    case firstByteTimedOut
    case idleTimedOut
    case wholeTimedOut
    /// The circuit breakers of all endpoints are open.
    case circuitOpen
    /// All endpoints have as many requests as they may have, and the queue is full.
    case overloaded
    /// The upstream answered with a status that is retried.
    case refused(status: Int)
    /// The client has closed its connection.
    case clientGone
    /// The client did not send the rest of its request.
    case clientTooSlow
    /// The sidecar itself has no descriptor or memory for a connection.
    case exhausted(String)
    /// The client's request is malformed after its head.
    case badRequest(String)

    /// The reason why a socket for a connection could not be made.
    init(connecting error: SocketError, to address: String) {
        self = error.isExhaustion ? .exhausted("\(error)") : .unreachable("\(address): \(error)")
    }

    var description: String {
        switch self {
        case .unreachable(let reason): "the upstream cannot be reached: \(reason)"
        case .untrusted(let reason): "the upstream is not trusted: \(reason)"
        case .closedEarly: "the upstream closed the connection before the answer was complete"
        case .malformed(let reason): "the answer of the upstream is malformed: \(reason)"
        case .connectTimedOut: "the connection to the upstream took too long"
        case .firstByteTimedOut: "the upstream took too long to begin its answer"
        case .idleTimedOut: "no byte came for too long"
        case .wholeTimedOut: "the request took too long as a whole"
        case .circuitOpen: "the circuit breaker is open: the upstream has failed several times in a row"
        case .overloaded: "the upstream has as many requests as it may have"
        case .refused(let status): "the upstream answered with \(status)"
        case .clientGone: "the client closed the connection"
        case .clientTooSlow: "the rest of the request took too long to come in"
        case .exhausted(let reason): "the sidecar cannot open a connection: \(reason)"
        case .badRequest(let reason): reason
        }
    }

    /// The status of the sidecar's answer.
    var status: Int {
        switch self {
        case .unreachable, .untrusted, .closedEarly, .malformed: 502
        case .connectTimedOut, .firstByteTimedOut, .idleTimedOut, .wholeTimedOut: 504
        case .circuitOpen, .overloaded, .exhausted: 503
        case .refused(let status): status
        // As nginx logs it: there is nobody to answer.
        case .clientGone: 499
        case .clientTooSlow: 408
        case .badRequest: 400
        }
    }

    /// A word for logs and metrics.
    var reason: String {
        switch self {
        case .unreachable: "unreachable"
        case .untrusted: "untrusted"
        case .closedEarly: "closed_early"
        case .malformed: "malformed"
        case .connectTimedOut: "connect_timeout"
        case .firstByteTimedOut: "first_byte_timeout"
        case .idleTimedOut: "idle_timeout"
        case .wholeTimedOut: "whole_timeout"
        case .circuitOpen: "circuit_open"
        case .overloaded: "overloaded"
        case .refused: "status"
        case .clientGone: "client_gone"
        case .clientTooSlow: "client_too_slow"
        case .exhausted: "exhausted"
        case .badRequest: "bad_request"
        }
    }

    /// True if the upstream, and not the client or a limit of the sidecar, is to blame.
    var countsAgainstUpstream: Bool {
        switch self {
        case .unreachable, .untrusted, .closedEarly, .malformed, .connectTimedOut, .firstByteTimedOut, .refused: true
        case .idleTimedOut, .wholeTimedOut, .circuitOpen, .overloaded, .clientGone, .clientTooSlow, .exhausted, .badRequest: false
        }
    }

    /// True if another attempt may succeed.
    var canBeRetried: Bool {
        switch self {
        case .unreachable, .connectTimedOut, .closedEarly, .firstByteTimedOut, .refused: true
        default: false
        }
    }
}
