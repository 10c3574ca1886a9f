// Finds the route of a request.

import Telemetry

/// The routes of a listener, the most specific one first: an exact host before `*.`, that before none, and a long prefix before a short one.
struct RouteTable: Sendable {
    private let routes: [RouteConfiguration]

    init(_ routes: [RouteConfiguration]) {
        self.routes = routes.enumerated().sorted { left, right in
            let (leftRank, rightRank) = (Self.rank(left.element), Self.rank(right.element))
            return leftRank != rightRank ? leftRank > rightRank : left.offset < right.offset
        }.map(\.element)
    }

    private static func rank(_ route: RouteConfiguration) -> (Int, Int, Int) {
        let host = route.host ?? ""
        return (host.isEmpty ? 0 : host.hasPrefix("*.") ? 1 : 2, host.utf8.count, route.prefix.utf8.count)
    }

    /// Returns the route of a request by its `Host` field and its target.
    func route(host: String?, target: String) -> RouteConfiguration? {
        let path = target.utf8.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        var name: String?
        for route in routes where Self.has(path, prefix: route.prefix) {
            guard let wanted = route.host else { return route }
            let asked = name ?? Self.withoutPort(host ?? "")
            name = asked
            if wanted.hasPrefix("*.") ? asked.hasSuffix(wanted.dropFirst()) : asked == wanted { return route }
        }
        return nil
    }

    private static func has(_ path: Substring.UTF8View, prefix: String) -> Bool {
        guard path.starts(with: prefix.utf8) else { return false }
        return prefix.utf8.last == UInt8(ascii: "/") || path.count == prefix.utf8.count
            || path[path.index(path.startIndex, offsetBy: prefix.utf8.count)] == UInt8(ascii: "/")
    }

    /// Returns a host in lower case, without its port, the brackets of an address and the dot at its end.
    private static func withoutPort(_ host: String) -> String {
        var name = Substring(host.lowercased())
        if name.hasPrefix("[") { return String(name.dropFirst().prefix { $0 != "]" }) }
        if let colon = name.lastIndex(of: ":") { name = name[..<colon] }
        return String(name.hasSuffix(".") ? name.dropLast() : name)
    }
}
