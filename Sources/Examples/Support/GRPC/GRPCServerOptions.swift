// The limits and timeouts of a gRPC server.

/// Limits, timeouts and answers of a server.
package struct GRPCServerOptions: Sendable {
    /// The number of concurrent connections; further ones are closed at once.
    package var maximumConnections = 1_000
    /// The calls that one connection may have open at once.
    package var maximumConcurrentCalls = 100
    /// The largest message, as it comes.
    package var maximumMessageBytes = 8 << 20
    /// The bytes that all connections together may hold: calls until they are answered, and answers until they are sent. Beyond it the
    /// largest calls that are still coming in are answered with UNAVAILABLE and the wish to be sent again.
    package var maximumHeldBytes = 64 << 20
    /// The bytes of one call that may be on their way without leave of the server; four times as many of one connection.
    package var window = 1 << 20
    /// How long a connection may take to say that it speaks HTTP/2.
    package var prefaceTimeout = Duration.seconds(10)
    /// How long a connection is kept without a call. Exporters of metrics come back once a minute.
    package var idleTimeout = Duration.seconds(300)
    /// How long a call may take to come in.
    package var callTimeout = Duration.seconds(20)
    /// How long a peer may leave sent bytes unread.
    package var sendTimeout = Duration.seconds(20)
    /// The compressions of messages that handlers know, beside `identity`.
    package var codings: [String] = ["gzip"]
    /// What is said to peers that speak HTTP/1.1, or no gRPC.
    package var directions = "This port takes gRPC, over HTTP/2 without TLS."

    package init() {}
}
