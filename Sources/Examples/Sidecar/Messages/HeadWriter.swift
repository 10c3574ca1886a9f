// Writes the heads that are handed on.

import ExampleSupport
import Telemetry

/// Where a request came from, for the fields in which proxies tell of it.
struct RequestOrigin {
    let clientAddress: String
    let scheme: String
    /// Whether what earlier proxies say is handed on; else it could be invented by the client.
    let trustsForwarded: Bool
}

/// Writes heads of requests and responses without the fields of the connection that they came by.
enum HeadWriter {
    /// Writes the head of a request for an upstream.
    ///
    /// - Parameters:
    ///   - carried: the fields of the trace context, which replace those of the client.
    ///   - replaced: the names of all fields that propagators write.
    ///   - hopsLeft: how many proxies may still pass the request on; nil for any number.
    ///   - upgrade: the protocol that the client asks to change to; nil if it is not handed on.
    ///   - via: the name of the sidecar in `Via`.
    static func writeRequest(
        _ head: HTTPHead, _ framing: HTTPHead.BodyFraming, origin: RequestOrigin, carried: HTTPHeaders, replaced: [String], hopsLeft: Int?,
        upgrade: String?,
        via: String, into output: inout [UInt8]
    ) {
        output.reserveCapacity(output.count + 1024)
        output.append(text: head.method)
        output.append(UInt8(ascii: " "))
        output.append(text: head.target)
        output.append(text: " HTTP/1.1\r\n")
        let connection = ConnectionFields(head.headers)
        for (name, value) in head.headers {
            if connection.contains(name) || isWrittenAnew(name, origin) { continue }
            if replaced.contains(where: { HTTPGrammar.isSame($0, name) }) { continue }
            if hopsLeft != nil, HTTPGrammar.isSame(name, "Max-Forwards") { continue }
            output.append(field: name, value)
        }
        // `Connection` may name any field, but not take away the one that every request must have.
        if let host = head.headers["Host"] { output.append(field: "Host", host) }
        switch framing {
        case .length(let length):
            if length > 0 || head.headers["Content-Length"] != nil { output.append(field: "Content-Length", String(length)) }
        case .chunked: output.append(field: "Transfer-Encoding", "chunked")
        case .untilClose: break
        }
        if let hopsLeft { output.append(field: "Max-Forwards", String(hopsLeft - 1)) }
        for (name, value) in carried { output.append(field: name, value) }
        writeOrigin(head, origin, into: &output)
        output.append(text: "Via: \(head.minorVersion == 0 ? "1.0" : "1.1") \(via)\r\n")
        let takesTrailers = head.headers.contains("trailers", in: "TE")
        if takesTrailers { output.append(field: "TE", "trailers") }
        if let upgrade {
            output.append(field: "Upgrade", upgrade)
            output.append(field: "Connection", takesTrailers ? "Upgrade, TE" : "Upgrade")
        } else if takesTrailers {
            output.append(field: "Connection", "TE")
        }
        output.append(contentsOf: [13, 10])
    }

    /// Writes `X-Forwarded-*` and `Forwarded`. (RFC 7239.)
    private static func writeOrigin(_ head: HTTPHead, _ origin: RequestOrigin, into output: inout [UInt8]) {
        let host = head.headers["Host"]
        let isIPv6 = origin.clientAddress.contains(":")
        var element = "for=" + (isIPv6 ? "\"[\(origin.clientAddress)]\"" : origin.clientAddress)
        // A host is quoted: it may have a port. It cannot have a quote, which no `Host` field has that is accepted.
        if let host { element += ";host=\"\(host)\"" }
        element += ";proto=\(origin.scheme)"
        let earlier = origin.trustsForwarded ? head.headers : [:]
        output.append(field: "X-Forwarded-For", list(earlier.values(named: "X-Forwarded-For"), origin.clientAddress))
        output.append(field: "X-Forwarded-Proto", earlier["X-Forwarded-Proto"] ?? origin.scheme)
        if let host = earlier["X-Forwarded-Host"] ?? host { output.append(field: "X-Forwarded-Host", host) }
        output.append(field: "Forwarded", list(earlier.values(named: "Forwarded"), element))
    }

    private static func list(_ earlier: [String], _ last: String) -> String {
        earlier.isEmpty ? last : (earlier + [last]).joined(separator: ", ")
    }

    private static func isWrittenAnew(_ name: String, _ origin: RequestOrigin) -> Bool {
        switch name.utf8.count {
        case 4 where HTTPGrammar.isSame(name, "Host"): true
        case 9 where HTTPGrammar.isSame(name, "Forwarded"): true
        case 14 where HTTPGrammar.isSame(name, "Content-Length"): true
        case 15 where HTTPGrammar.isSame(name, "X-Forwarded-For"): true
        case 16 where HTTPGrammar.isSame(name, "X-Forwarded-Host"): true
        case 17 where HTTPGrammar.isSame(name, "X-Forwarded-Proto"): true
        default: !origin.trustsForwarded && ConnectionFields.tellsOrigin(name)
        }
    }

    /// How the end of a response's body is told to the client.
    enum ResponseFraming {
        /// The body keeps the length of its own field; a response without a body too, whose field tells of the body it would have.
        case asItIs
        case chunked
        /// The client speaks HTTP/1.0, or the response is none that may have a length.
        case unspoken
    }

    /// Writes the head of a response for the client.
    ///
    /// - Parameter connection: the value of the field `Connection`; nil for none.
    static func writeResponse(
        _ head: HTTPHead, reason: String?, _ framing: ResponseFraming, connection: String?, upgrade: String? = nil, via: String,
        into output: inout [UInt8]
    ) {
        output.reserveCapacity(output.count + 512)
        if head.status == 200, reason == nil {
            output.append(text: "HTTP/1.1 200 OK\r\n")
        } else {
            output.append(text: "HTTP/1.1 \(head.status) \(reason ?? HTTPReason.phrase(head.status))\r\n")
        }
        let hop = ConnectionFields(head.headers)
        var hasDate = false
        for (name, value) in head.headers {
            // `Connection` may name the length too, but not take it away from a client that relies on it.
            let isLength = name.utf8.count == 14 && HTTPGrammar.isSame(name, "Content-Length")
            if isLength ? framing != .asItIs : hop.contains(name) { continue }
            if name.utf8.count == 4, HTTPGrammar.isSame(name, "Date") { hasDate = true }
            output.append(field: name, value)
        }
        // A response that has no date gets the time at which it was received. (RFC 9110 §6.6.1.)
        if !hasDate, head.status >= 200 { HTTPDate.appendField(to: &output) }
        if framing == .chunked { output.append(field: "Transfer-Encoding", "chunked") }
        output.append(text: "Via: \(head.minorVersion == 0 ? "1.0" : "1.1") \(via)\r\n")
        if let upgrade { output.append(field: "Upgrade", upgrade) }
        if let connection { output.append(field: "Connection", connection) }
        output.append(contentsOf: [13, 10])
    }

    /// Writes an answer that the sidecar makes itself.
    static func writeAnswer(
        status: Int, text: String, fields: HTTPHeaders = [:], connection: String?, hasBody: Bool, into output: inout [UInt8]
    ) {
        output.append(text: "HTTP/1.1 \(status) \(HTTPReason.phrase(status))\r\n")
        HTTPDate.appendField(to: &output)
        for (name, value) in fields { output.append(field: name, value) }
        if status != 204 {
            output.append(field: "Content-Type", "text/plain; charset=utf-8")
            output.append(field: "Content-Length", String(text.utf8.count))
        }
        if let connection { output.append(field: "Connection", connection) }
        output.append(contentsOf: [13, 10])
        if hasBody, status != 204 { output.append(text: text) }
    }
}

extension [UInt8] {
    /// Appends the bytes of a text in one piece.
    mutating func append(text: String) {
        if text.utf8.withContiguousStorageIfAvailable({ append(contentsOf: $0) }) == nil { append(contentsOf: text.utf8) }
    }

    mutating func append(field name: String, _ value: String) {
        append(text: name)
        append(UInt8(ascii: ":"))
        append(UInt8(ascii: " "))
        append(text: value)
        append(13)
        append(10)
    }
}
