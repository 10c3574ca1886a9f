// The rules of `no_proxy`.

/// The hosts that are reached without a proxy, as listed in `no_proxy`.
///
/// Names separated by commas or spaces: `example.org` matches itself and its subdomains, `.example.org` and `*.example.org`
/// match subdomains only, `*` matches everything. Addresses match themselves, `10.0.0.0/8` a range. A port may follow each.
struct ProxyExceptions: Sendable {
    private enum Rule {
        case everything
        case range(IPAddress, bits: Int, port: Int?)
        case name(String, includesDomain: Bool, port: Int?)
    }

    private let rules: [Rule]

    init(_ text: String) {
        rules = text.split { $0 == "," || $0 == " " || $0 == "\t" }.compactMap(Self.rule)
    }

    func contains(host: String, port: Int) -> Bool {
        let host = Self.normalized(host)
        let address = IPAddress(host)
        return rules.contains { rule in
            switch rule {
            case .everything: true
            case .range(let base, let bits, let only):
                (only == nil || only == port) && address?.hasPrefix(bits, of: base) == true
            case .name(let name, let includesDomain, let only):
                (only == nil || only == port) && address == nil
                    && (host == name ? includesDomain : host.hasSuffix("." + name))
            }
        }
    }

    /// Returns the host in lower case, without a final dot and without the zone of an address.
    static func normalized(_ host: String) -> String {
        let name = host.lowercased().prefix { $0 != "%" }
        return String(name.hasSuffix(".") ? name.dropLast() : name)
    }

    private static func rule(_ entry: Substring) -> Rule? {
        guard entry != "*" else { return .everything }
        // A range has a slash, an address in brackets or one colon before its port, an IPv6 address several colons.
        if let slash = entry.firstIndex(of: "/") {
            guard let base = IPAddress(entry[..<slash]),
                let bits = number(entry[entry.index(after: slash)...], atMost: base.bytes.count * 8)
            else { return nil }
            return .range(base, bits: bits, port: nil)
        }
        var host = entry
        var port: Int?
        if entry.first == "[" {
            guard let close = entry.firstIndex(of: "]") else { return nil }
            host = entry[..<close].dropFirst()
            let after = entry[close...].dropFirst()
            if !after.isEmpty {
                guard after.first == ":", let number = number(after.dropFirst(), atMost: 65_535) else { return nil }
                port = number
            }
        } else if let colon = entry.firstIndex(of: ":"), entry[entry.index(after: colon)...].firstIndex(of: ":") == nil {
            guard let number = number(entry[entry.index(after: colon)...], atMost: 65_535) else { return nil }
            host = entry[..<colon]
            port = number
        }
        if let address = IPAddress(normalized(String(host))) {
            return .range(address, bits: address.bytes.count * 8, port: port)
        }
        var name = normalized(String(host))[...]
        if name.hasPrefix("*.") { name = name.dropFirst() }
        let includesDomain = !name.hasPrefix(".")
        name = name.drop { $0 == "." }
        return name.isEmpty ? nil : .name(String(name), includesDomain: includesDomain, port: port)
    }

    private static func number(_ text: Substring, atMost limit: Int) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy(HTTPGrammar.isDigit), let number = Int(text), number <= limit else { return nil }
        return number
    }
}
