// Decides which requests are answered, and what browsers may do with the answers.

import ExampleSupport
import Telemetry

/// The addresses, token, hosts and origins by which requests to a console are admitted.
package struct ConsoleAccess: Sendable {
    /// The address that the console listens on.
    package var host = "localhost"
    /// The token that reading requires; nil admits every reader that reaches the address.
    package var token: String?
    /// Names by which browsers may call the console, beside those of this machine.
    package var allowedHosts: [String] = []
    /// The origins of pages that may send telemetry, such as `https://shop.example`; `*` for all.
    package var allowedOrigins: [String] = []

    package init() {}

    /// True if only this machine reaches the address.
    package var isLoopback: Bool { HostName.isLoopback(HostName.withoutPort(host)) }
}

/// Guards the console: against pages of other sites that a browser shows beside it, and against readers without the token.
struct AccessGuard: Sendable {
    private static let cookie = "telemetry-console"
    private static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; "
        + "form-action 'none'; frame-ancestors 'none'"

    private let access: ConsoleAccess

    init(_ access: ConsoleAccess) {
        self.access = access
    }

    /// Answers a request if it may be answered.
    func respond(to request: ServiceRequest, _ next: Handler) async -> ServiceResponse {
        var response = Self.isReceiving(request) ? await received(request, next) : await read(request, next)
        response.headers["Content-Security-Policy"] = Self.policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if response.headers["Cache-Control"] == nil { response.headers["Cache-Control"] = "no-store" }
        return response
    }

    // MARK: Telemetry that comes in

    private static func isReceiving(_ request: ServiceRequest) -> Bool {
        request.path.hasPrefix("/v1/") || ErrorRoutes.project(request.path) != nil
    }

    /// Programs may send telemetry under whatever name they reach this machine; pages only from allowed origins.
    private func received(_ request: ServiceRequest, _ next: Handler) async -> ServiceResponse {
        guard let origin = request.headers["origin"] else { return await next(request) }
        let isSame = isOwn(origin, request) && isAllowed(host: request)
        guard isSame || isAllowed(origin: origin) else {
            return .text("Pages of \(origin.prefix(200)) may not send telemetry; ALLOWED_ORIGINS lists those that may.\n", status: 403)
        }
        var response = request.method == "OPTIONS" ? Self.preflight : await next(request)
        response.headers["Access-Control-Allow-Origin"] = access.allowedOrigins.contains("*") ? "*" : origin
        response.headers["Vary"] = "Origin"
        return response
    }

    private static var preflight: ServiceResponse {
        var response = ServiceResponse(status: 204)
        response.headers["Access-Control-Allow-Methods"] = "POST"
        response.headers["Access-Control-Allow-Headers"] = "content-type, content-encoding, x-sentry-auth"
        response.headers["Access-Control-Max-Age"] = "600"
        return response
    }

    private func isAllowed(origin: String) -> Bool {
        access.allowedOrigins.contains { $0 == "*" || $0.lowercased() == origin.lowercased() }
    }

    /// Whether a page came from the console itself.
    private func isOwn(_ origin: String, _ request: ServiceRequest) -> Bool {
        guard let host = request.headers["host"] else { return false }
        return origin.lowercased() == "http://\(host.lowercased())" || origin.lowercased() == "https://\(host.lowercased())"
    }

    // MARK: Queries

    private func read(_ request: ServiceRequest, _ next: Handler) async -> ServiceResponse {
        guard isAllowed(host: request) else {
            let host = (request.headers["host"] ?? "").prefix(200)
            return .text(
                "The console does not answer to the name \"\(host)\"; ALLOWED_HOSTS lists those that it answers to.\n", status: 421)
        }
        // What changes something, or has the console send requests, is not taken from pages of other sites, token or not.
        // The protocol of agents asks for a check of whatever has an origin.
        let isReading = (request.method == "GET" || request.method == "HEAD") && ![MCPRoutes.path, ProbeRoutes.path].contains(request.path)
        if !isReading, let origin = request.headers["origin"], !isOwn(origin, request) {
            return .text("Pages of \(origin.prefix(200)) may not change anything in this console.\n", status: 403)
        }
        // Links and images have no origin; browsers tell where such a request comes from. (W3C Fetch Metadata §2.4.)
        if request.path == ProbeRoutes.path, !["none", "same-origin"].contains(request.headers["Sec-Fetch-Site"] ?? "none") {
            return .text("Pages of other sites may not have this console probe anything.\n", status: 403)
        }
        guard let token = access.token else { return await next(request) }
        if isAuthorized(request, token) { return await next(request) }
        if request.method == "GET", let given = request.queryParameter("token"), Self.isSame(given, token) {
            // The address with the token is left at once, so that it is in no history.
            var response = ServiceResponse(status: 303)
            response.headers["Location"] = "/"
            response.headers["Set-Cookie"] = "\(Self.cookie)=\(token); HttpOnly; SameSite=Strict; Path=/"
            return response
        }
        var response = ServiceResponse.text(
            "The console needs the token of CONSOLE_TOKEN: as \"Authorization: Bearer …\", or once as /?token=… in a browser.\n",
            status: 401)
        response.headers["WWW-Authenticate"] = "Bearer"
        return response
    }

    /// Whether the request names the console by one of its names: a page of another site that rebinds its own name cannot.
    private func isAllowed(host request: ServiceRequest) -> Bool {
        // Requests without the field are of HTTP/1.0, which no browser speaks.
        guard let field = request.headers["host"] else { return true }
        let name = HostName.withoutPort(field)
        if HostName.isLoopback(name) || name == HostName.withoutPort(access.host) { return true }
        // A name cannot be rebound if it is none.
        if !access.isLoopback, HostName.isAddress(name) { return true }
        return access.allowedHosts.contains { HostName.withoutPort($0) == name }
    }

    private func isAuthorized(_ request: ServiceRequest, _ token: String) -> Bool {
        if let bearer = request.bearerToken, Self.isSame(bearer, token) { return true }
        for field in request.headers.values(named: "cookie") {
            for pair in field.split(separator: ";") {
                let sides = pair.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
                if sides.count == 2, sides[0] == Self.cookie, Self.isSame(String(sides[1]), token) { return true }
            }
        }
        return false
    }

    /// Compares in a time that tells nothing about where the texts differ.
    private static func isSame(_ given: String, _ token: String) -> Bool {
        let (left, right) = (Array(given.utf8), Array(token.utf8))
        var difference = UInt8(left.count == right.count ? 0 : 1)
        for index in right.indices { difference |= right[index] ^ (index < left.count ? left[index] : ~right[index]) }
        return difference == 0
    }
}

/// Names of hosts in header fields.
enum HostName {
    /// Returns the name of a host in lower case, without brackets and port.
    static func withoutPort(_ host: String) -> String {
        let host = host.lowercased()
        if host.hasPrefix("[") { return String(host.dropFirst().prefix { $0 != "]" }) }
        // More than one colon is an IPv6 address without brackets.
        return host.filter { $0 == ":" }.count > 1 ? host : String(host.prefix { $0 != ":" })
    }

    static func isLoopback(_ name: String) -> Bool {
        name == "localhost" || name.hasSuffix(".localhost") || name == "::1" || (name.hasPrefix("127.") && isAddress(name))
    }

    /// Whether the host is an address and no name.
    static func isAddress(_ name: String) -> Bool {
        if name.contains(":") { return name.allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." } }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }
}
