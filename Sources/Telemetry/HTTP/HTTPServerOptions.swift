// The limits and timeouts of a server.

/// Limits, timeouts and behavior of a server.
package struct HTTPServerOptions: Sendable {
    /// The number of concurrent connections; further ones are closed at once.
    package var maximumConnections = 10_000
    /// How long a connection is kept without a request.
    package var idleTimeout = Duration.seconds(60)
    /// How long a request may take from its first byte to its last.
    package var requestTimeout = Duration.seconds(20)
    /// How long a peer may leave sent bytes unread.
    package var sendTimeout = Duration.seconds(20)
    /// How long an answer may wait for those to other requests that are there already, of this and other connections, before another handler is
    /// called: answers are sent together, so that peers are woken less often. A handler that has been called by then is waited for until it
    /// answers or suspends.
    package var holdTime = Duration.microseconds(200)
    package var limits = HTTPLimits()
    /// The bytes that all connections together may hold: requests until they are answered, and responses until they are sent. Beyond it
    /// requests are refused with 503, and connections with unread responses are closed, the largest first.
    package var maximumHeldBytes = 64 << 20
    /// True runs handlers on the server's thread, so that they run even if the cooperative pool is blocked. They must neither block nor
    /// take long, since all connections wait for them.
    package var runsHandlersOnItsThread = false
    /// True starts handlers on the server's thread, which saves two changes of threads for each request that is answered without
    /// suspension. They must not take long before they first suspend; from then on they run in the cooperative pool, unless
    /// `runsHandlersOnItsThread` keeps them.
    package var startsHandlersOnItsThread = false
    /// Makes the response to a request that is refused before it was read whole, from its head; nil stands for plain text.
    package var refusal: (@Sendable (HTTPRequest, HTTPParseError) -> HTTPResponse?)?
    /// Said in a frame of HTTP/2 to clients that speak it at once, as those of gRPC do; nil answers them in HTTP/1.1.
    package var http2Directions: String?

    package init() {}
}
