// The limits and timeouts of a server.

/// What a server puts up with.
package struct HTTPServerOptions: Sendable {
    /// Connections at a time; further ones are closed at once.
    package var maximumConnections = 10_000
    /// The longest that a connection may be kept without a request.
    package var idleTimeout = Duration.seconds(60)
    /// The longest that a request may take to come in, from its first byte to its last.
    package var requestTimeout = Duration.seconds(20)
    /// The longest that a peer may leave what was sent to it untaken.
    package var sendTimeout = Duration.seconds(20)
    package var limits = HTTPLimits()
    /// Bytes that all connections together may hold: requests until they are answered, and answers until they are taken. Beyond it
    /// requests are refused with 503, and answers that peers leave untaken are cut off, the largest first.
    package var maximumHeldBytes = 64 << 20
    /// Whether handlers run on the server's own thread, and so also while every thread of the cooperative pool is busy. They must neither
    /// block nor take long: all connections wait for them.
    package var runsHandlersOnItsThread = false
    /// Makes the answer to a request that is refused before it was read whole, from its head (the body is empty); nil stands for plain text.
    package var refusal: (@Sendable (HTTPRequest, HTTPParseError) -> HTTPResponse?)?

    package init() {}
}
