// A request's head, checked for what a proxy has to know of it.

import Telemetry

/// A request that can be passed on.
struct RequestHead {
    let head: HTTPHead
    let framing: HTTPHead.BodyFraming
    /// Nil if the listener has none for it.
    let route: RouteConfiguration?
    /// The protocol that the connection is to change to, if the route allows it.
    let upgrade: String?

    /// Throws if the request must be refused, and its connection closed.
    init(_ head: HTTPHead, routes: RouteTable) throws(HTTPParseError) {
        self.head = head
        framing = try head.bodyFraming(isRequest: true)
        switch head.method {
        case "CONNECT": throw .notAllowed("this is no proxy that opens tunnels")
        // What it would echo are the secrets that proxies add. (RFC 9110 §9.3.8.)
        case "TRACE": throw .notAllowed("TRACE is not passed on")
        default: break
        }
        if let expectation = head.headers["Expect"], !HTTPGrammar.isSame(expectation, "100-continue") {
            throw .expectation("only 100-continue can be expected")
        }
        guard !Self.hasDotSegments(head.target) else { throw .bad("the path has a segment of two dots") }
        route = routes.route(host: head.headers["Host"], target: head.target)
        upgrade = Self.upgrade(head, allowed: route?.upgrades ?? [])
    }

    /// True if the request may be sent twice without harm. (RFC 9110 §9.2.2.)
    var isIdempotent: Bool {
        switch head.method {
        case "GET", "HEAD", "OPTIONS", "PUT", "DELETE": true
        default: false
        }
    }

    /// The hops that the request may still take; nil for no limit. (RFC 9110 §7.6.2.)
    var hopsLeft: Int? { head.method == "OPTIONS" ? head.headers["Max-Forwards"].flatMap { Int($0) }.map { max(0, $0) } : nil }

    private static func upgrade(_ head: HTTPHead, allowed: [String]) -> String? {
        guard !allowed.isEmpty, head.minorVersion == 1, head.headers.contains("upgrade", in: "Connection"),
            let wanted = head.headers["Upgrade"]
        else { return nil }
        return allowed.contains(wanted.lowercased()) ? wanted : nil
    }

    /// Returns whether a path leaves its prefix by a segment of two dots, which upstreams resolve after the route is chosen.
    private static func hasDotSegments(_ target: String) -> Bool {
        guard target.utf8.contains(UInt8(ascii: ".")) || target.utf8.contains(UInt8(ascii: "%")) else { return false }
        let path = target.prefix { $0 != "?" && $0 != "#" }.lowercased()
        guard path.contains("..") || path.contains("%2e") else { return false }
        var decoded: [UInt8] = []
        var rest = Array(path.utf8)[...]
        // Some upstreams decode separators too before they split the path.
        let escapes: [[UInt8]: UInt8] = [
            Array("%2e".utf8): UInt8(ascii: "."), Array("%2f".utf8): UInt8(ascii: "/"), Array("%5c".utf8): UInt8(ascii: "\\"),
        ]
        while let first = rest.first {
            if first == UInt8(ascii: "%"), let byte = escapes[Array(rest.prefix(3))] {
                decoded.append(byte)
                rest = rest.dropFirst(3)
            } else {
                decoded.append(first)
                rest = rest.dropFirst()
            }
        }
        let isSeparator = { (byte: UInt8) in byte == UInt8(ascii: "/") || byte == UInt8(ascii: "\\") }
        return decoded.split(whereSeparator: isSeparator).contains { $0.elementsEqual("..".utf8) }
    }
}

extension HTTPParseError {
    fileprivate static func notAllowed(_ text: String) -> HTTPParseError { HTTPParseError(status: 405, description: text) }
    fileprivate static func expectation(_ text: String) -> HTTPParseError { HTTPParseError(status: 417, description: text) }
}
