// What an answer of HTTP/2 says.

/// A response of HTTP/2.
struct HTTP2Response: Sendable {
    var status = 0
    var headers = HTTPHeaders()
    /// The fields after the body; empty without any.
    var trailers = HTTPHeaders()
    var body: [UInt8] = []
    /// True if it is known to have the bytes of the response before; long ones are not compared.
    var isRepeated = false
}
