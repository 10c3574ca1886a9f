// What a sidecar's file says.

import Telemetry

/// Where a sidecar listens, and where it passes requests on to.
struct SidecarConfiguration: Sendable {
    /// The name of the sidecar in `Via`.
    var name = "sidecar"
    /// The most connections of clients that are open at once.
    var maximumConnections = 10_000
    var listeners: [ListenerConfiguration] = []
    var upstreams: [UpstreamConfiguration] = []
}

/// An address on which a sidecar accepts connections.
struct ListenerConfiguration: Sendable {
    let name: String
    var address = "127.0.0.1"
    var port = 0
    /// Whether requests continue the traces of their clients; else each begins one.
    var trustsTrace = true
    /// Whether what clients say in `Forwarded`, `X-Forwarded-*` and `X-Real-IP` is handed on.
    var trustsForwarded = false
    var tls: ServerSecurity?
    /// How long a client may take to send a head.
    var headTimeout = Duration.seconds(30)
    /// How long a connection without a request is kept.
    var idleTimeout = Duration.seconds(75)
    var routes: [RouteConfiguration] = []
}

/// Which requests go to which upstream.
struct RouteConfiguration: Sendable {
    /// In lower case, without a port; `*.` at its front stands for any labels; nil for all hosts.
    var host: String?
    /// Whole segments: `/albums` is the prefix of `/albums` and `/albums/1`, not of `/albumsong`.
    var prefix = "/"
    /// The place among the upstreams.
    var upstream = 0
    /// The protocols that connections may change to, in lower case.
    var upgrades: [String] = []
}

/// The TLS of a listener.
struct ServerSecurity: Sendable {
    let context: TLSContext
    /// The names one of which a client's certificate has; empty for any that the authorities have signed.
    var clientNames: [String] = []
}

/// The TLS of connections to an upstream.
struct ClientSecurity: Sendable {
    let context: TLSContext
    /// The host that the certificate must have; nil for that of the endpoint.
    var host: String?
    /// The names one of which the certificate has, instead of the host: `spiffe://cluster/albums`.
    var names: [String] = []
}

/// A service that requests are passed on to.
struct UpstreamConfiguration: Sendable {
    struct Endpoint: Sendable, Hashable {
        let host: String
        let port: Int
    }

    let name: String
    var endpoints: [Endpoint] = []
    var tls: ClientSecurity?
    var connectTimeout = Duration.seconds(1)
    /// From the request's end, or the last byte of it so far, to the head of the answer.
    var firstByteTimeout = Duration.seconds(15)
    /// The longest pause between bytes in either direction.
    var idleTimeout = Duration.seconds(60)
    /// The whole request with all attempts; nil for no limit.
    var wholeTimeout: Duration?
    /// The attempts besides the first one.
    var retries = 1
    /// The statuses after which idempotent requests are sent again.
    var retriedStatuses: [Int] = []
    /// The share of retries among requests, in thousandths.
    var retryShare = 200
    /// Failures in a row that open the circuit breaker of an endpoint.
    var failures = 5
    var openTime = Duration.seconds(10)
    var probes = 1
    /// The most requests to an endpoint at once.
    var concurrency = 1024
    /// The most requests that wait until an endpoint has room.
    var waiting = 1024
    /// The most idle connections that are kept to an endpoint, and for how long.
    var idleConnections = 64
    var keepAlive = Duration.seconds(30)
}
