// Proxies, and which requests go through one.

/// An HTTP proxy: `https` goes through a tunnel that it makes, `http` is handed to it whole.
package struct HTTPProxy: Sendable, Hashable, CustomStringConvertible {
    let url: HTTPURL
    /// What the proxy is to be told about who we are; nil without user name.
    let authorization: String?

    /// Takes a URL as `http://user:password@proxy:3128`, the scheme of which may be left out. Nil for anything else.
    package init?(_ text: String) {
        let url = text.firstRange(of: "://") == nil && !text.hasPrefix("unix:") ? HTTPURL("http://" + text) : HTTPURL(text)
        guard let url, !url.isSecure, url.socketPath == nil else { return nil }
        self.url = url
        guard let user = url.userInformation else {
            authorization = nil
            return
        }
        guard let decoded = PercentEncoding.decode(user[...]) else { return nil }
        authorization = "Basic " + Base64.encode((decoded.contains(":") ? decoded : decoded + ":").utf8)
    }

    /// The proxy that the environment names for a URL; nil when requests go to the host itself.
    ///
    /// `https_proxy` for https, `http_proxy` for http, `all_proxy` for both; in capitals too, but for `HTTP_PROXY`, which a CGI
    /// program is given by its client. As with curl lower case comes first. As with Go this machine is never reached through a
    /// proxy, nor is what `no_proxy` lists.
    init?(for url: HTTPURL, environment: EnvironmentReader) {
        guard url.socketPath == nil else { return nil }
        let host = ProxyExceptions.normalized(url.host)
        guard host != "localhost", IPAddress(host)?.isLoopback != true else { return nil }
        let own = url.isSecure ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy"]
        let named = (own + ["all_proxy", "ALL_PROXY"]).lazy.compactMap { name in environment.text(name).map { (name, $0) } }.first
        guard let (name, text) = named else { return nil }
        let exceptions = environment.text("no_proxy") ?? environment.text("NO_PROXY") ?? ""
        guard !ProxyExceptions(exceptions).contains(host: url.host, port: url.port) else { return nil }
        guard let proxy = HTTPProxy(text) else {
            let expected = "a proxy as http://user:password@proxy:3128; requests go to the host itself"
            environment.report(name, HTTPURL.withoutUserInformation(text), expected)
            return nil
        }
        self = proxy
    }

    /// The proxy's URL without user name and password.
    package var description: String { "http://\(url.authority)" }
}

/// What requests go to without a proxy, as `no_proxy` lists it.
///
/// Names separated by commas or spaces: `example.org` stands for itself and all below it, `.example.org` and `*.example.org` for
/// what is below it, `*` for everything. Addresses stand for themselves, `10.0.0.0/8` for a range. A port may follow each.
struct ProxyExceptions: Sendable {
    private enum Rule {
        case everything
        case range(IPAddress, bits: Int, port: Int?)
        case name(String, isItselfMeant: Bool, port: Int?)
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
            case .name(let name, let isItselfMeant, let only):
                (only == nil || only == port) && address == nil
                    && (host == name ? isItselfMeant : host.hasSuffix("." + name))
            }
        }
    }

    /// In lower case, without the dot that ends a full name, and without an address's zone.
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
        let isItselfMeant = !name.hasPrefix(".")
        name = name.drop { $0 == "." }
        return name.isEmpty ? nil : .name(String(name), isItselfMeant: isItselfMeant, port: port)
    }

    private static func number(_ text: Substring, atMost limit: Int) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy(HTTPGrammar.isDigit), let number = Int(text), number <= limit else { return nil }
        return number
    }
}
