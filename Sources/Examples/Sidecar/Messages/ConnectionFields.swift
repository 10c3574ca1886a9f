// Which header fields belong to one connection and are not handed on.

import Telemetry

/// The hop-by-hop fields of a message: the known ones, and those that its `Connection` field names. (RFC 9110 §7.6.1.)
struct ConnectionFields {
    private var listed: [String] = []

    init(_ headers: HTTPHeaders) {
        for value in headers.values(named: "Connection") {
            // Nearly all have one of these words alone.
            if HTTPGrammar.isSame(value, "keep-alive") || HTTPGrammar.isSame(value, "close") { continue }
            for word in value.split(separator: ",") {
                let name = word.filter { $0 != " " && $0 != "\t" }
                if !name.isEmpty, listed.count < 100 { listed.append(String(name)) }
            }
        }
    }

    /// Returns whether a field is not handed on.
    func contains(_ name: String) -> Bool {
        Self.isHopByHop(name) || (!listed.isEmpty && listed.contains { HTTPGrammar.isSame($0, name) })
    }

    /// Returns whether a field tells where a request came from, which only proxies that are trusted may say.
    static func tellsOrigin(_ name: String) -> Bool {
        switch name.utf8.count {
        case 9: HTTPGrammar.isSame(name, "Forwarded") || HTTPGrammar.isSame(name, "X-Real-IP")
        case 13...: HTTPGrammar.isSame(String(name.prefix(12)), "X-Forwarded-")
        default: false
        }
    }

    static func isHopByHop(_ name: String) -> Bool {
        switch name.utf8.count {
        case 2: HTTPGrammar.isSame(name, "TE")
        // What some servers take for the address of a proxy of their own.
        case 5: HTTPGrammar.isSame(name, "Proxy")
        case 7: HTTPGrammar.isSame(name, "Upgrade")
        case 10: HTTPGrammar.isSame(name, "Connection") || HTTPGrammar.isSame(name, "Keep-Alive")
        case 16: HTTPGrammar.isSame(name, "Proxy-Connection")
        case 17: HTTPGrammar.isSame(name, "Transfer-Encoding")
        default: false
        }
    }
}
