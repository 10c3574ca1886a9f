// Proxy selection by environment variables.

/// An HTTP proxy: it tunnels `https` requests and forwards `http` requests.
package struct HTTPProxy: Sendable, Hashable, CustomStringConvertible {
    let url: HTTPURL
    /// The value of `Proxy-Authorization`; nil without a user name.
    let authorization: String?

    /// Parses a URL such as `http://user:password@proxy:3128`, with an optional scheme. Returns nil for anything else.
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

    /// Selects the proxy of the environment for a URL; returns nil if requests go to the host directly.
    ///
    /// `https_proxy` for https, `http_proxy` for http, `all_proxy` for both; in upper case too, except for `HTTP_PROXY`, which
    /// the client of a CGI program can set. Lower case takes precedence, as in curl. Loopback hosts are never reached through a proxy, as
    /// in Go, nor are those that `no_proxy` lists.
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
            environment.report(
                name, HTTPURL.withoutUserInformation(text), expected: "a proxy as http://user:password@proxy:3128",
                used: "requests go to the host itself")
            return nil
        }
        self = proxy
    }

    /// The proxy's URL without user name and password.
    package var description: String { "http://\(url.authority)" }
}
