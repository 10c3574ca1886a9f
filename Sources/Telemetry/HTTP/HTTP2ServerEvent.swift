// What the frames of a client lead to.

/// What has happened to a stream; the owner looks at it in its session.
package enum HTTP2ServerEvent: Equatable {
    /// The head of a request has begun to come.
    case begun(Int32)
    /// All fields of the head have come, or the trailers of the request.
    case head(Int32)
    /// More of the body has come.
    case content(Int32)
    /// The request is complete.
    case complete(Int32)
    /// The peer has given the request up.
    case resetByPeer(Int32)
    /// The stream has ended, and is forgotten.
    case closed(Int32)
}
