// One request of a probe and its answer.

import ExampleSupport
import Telemetry

/// Sends a request over a connection of its own, and times its phases.
struct HTTPRoundTrip {
    private(set) var span: ProbeSpan
    private let request: HTTPOutgoingRequest
    private(set) var head: HTTPHead?
    private(set) var body: [UInt8] = []
    private(set) var peer: TLSPeer?
    /// Why there is no whole answer; nil if there is one.
    private(set) var problem: String?
    /// The phases that came to their end, with their times in seconds.
    private(set) var durations: [(phase: String, duration: Double)] = []

    init(_ request: HTTPOutgoingRequest, _ parent: SpanID?, _ resends: Int, _ trace: TraceID) {
        var request = request
        var span = ProbeSpan(trace, parent: parent, name: request.method)
        request.headers["Connection"] = "close"
        if request.headers["traceparent"] == nil { request.headers["traceparent"] = span.traceParent }
        span.set("http.request.method", .string(request.method))
        span.set("url.full", .string(request.url.description))
        span.set("server.address", .string(request.url.host))
        span.set("server.port", .integer(Int64(request.url.port)))
        if resends > 0 { span.set("http.request.resend_count", .integer(Int64(resends))) }
        (self.span, self.request) = (span, request)
    }

    /// Notes why the probe failed in the span.
    mutating func fail(_ reason: String?) {
        guard let reason else { return }
        span.error = reason
        if let head, head.status >= 400 {
            span.set("error.type", .string("\(head.status)"))
        } else {
            span.set("error.type", head == nil ? "connection" : "_OTHER")
        }
    }

    mutating func run(to address: SocketAddress, tls: (options: ClientTLS, host: String)?, _ bodyLimit: Int, _ deadline: Deadline) {
        let (host, port) = address.hostAndPort
        span.set("network.peer.address", .string(host))
        span.set("network.peer.port", .integer(Int64(port)))
        do throws(HTTPClientError) {
            var begin = SystemClock.monotonicNanoseconds()
            let stream = try BlockingStream.connect(to: address, until: deadline)
            // Without TLS the connection is all of this phase; with it, the phase counts once the handshake is over.
            let connect = Self.take(&begin)
            if let tls {
                peer = try tls.options.secure(stream, host: tls.host, until: deadline)
                durations = [("connect", connect), ("tls", Self.take(&begin))]
            } else {
                durations = [("connect", connect)]
            }
            try stream.send(request.bytes, until: deadline)
            try receive(stream, bodyLimit, deadline, &begin)
        } catch { problem = "\(error)" }
        if let head {
            span.set("http.response.status_code", .integer(Int64(head.status)))
            span.set("network.protocol.version", .string("1.\(head.minorVersion)"))
        }
        span.finish()
    }

    private mutating func receive(
        _ stream: BlockingStream, _ bodyLimit: Int, _ deadline: Deadline, _ begin: inout UInt64
    ) throws(HTTPClientError) {
        var limits = HTTPLimits()
        limits.body = bodyLimit
        var reader = HTTPMessageReader(responses: limits)
        reader.answersHead = request.method == "HEAD"
        var hasBegun = false
        while true {
            let bytes = try stream.receive(until: deadline)
            if !hasBegun, !bytes.isEmpty {
                hasBegun = true
                durations.append(("processing", Self.take(&begin)))
            }
            do throws(HTTPParseError) {
                bytes.withUnsafeBytes { reader.append($0) }
                if let message = try bytes.isEmpty ? reader.finish() : reader.next() {
                    (head, body) = (message.head, message.body)
                    return durations.append(("transfer", Self.take(&begin)))
                }
            } catch {
                head = reader.headOfMessage
                throw error.clientError(address: request.url.authority, limit: bodyLimit)
            }
            head = reader.headOfMessage ?? head
            if bytes.isEmpty { throw .closedEarly(address: request.url.authority) }
        }
    }

    /// Returns the seconds since a time, which becomes the present one.
    private static func take(_ begin: inout UInt64) -> Double {
        let now = SystemClock.monotonicNanoseconds()
        defer { begin = now }
        return Double(now &- begin) / 1e9
    }
}
