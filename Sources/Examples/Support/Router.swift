// Finds the handler for a request by its method and path, with the manners of Go's Gin.

import Telemetry

/// Answers a request whose route is known.
package typealias Handler = @Sendable (ServiceRequest) async -> ServiceResponse

/// Finds the handler for a request. A segment `:name` of a pattern takes any text and hands it on as a parameter.
package struct Router: Sendable {
    /// What a request came to.
    package enum Match: Sendable {
        case found(Route, parameters: [String: String])
        /// The path exists with a slash more or less at its end.
        case redirect(to: String, status: Int)
        /// The path exists for other methods, which are listed as the `Allow` field has them. (RFC 9110 §15.5.6.)
        case methodNotAllowed(allowed: String)
        case notFound
    }

    /// A route: what is asked for, and who answers.
    package struct Route: Sendable {
        package let method: String
        /// As the route was declared: `/albums/:id`.
        package let pattern: String
        package let handler: Handler
        fileprivate let segments: [Substring]
    }

    private var routes: [Route] = []
    private let redirectsTrailingSlash: Bool

    /// - Parameter redirectsTrailingSlash: whether a path with a slash more or less at its end is answered with where the route is;
    ///   without that it is not found.
    package init(redirectsTrailingSlash: Bool = true) {
        self.redirectsTrailingSlash = redirectsTrailingSlash
    }

    /// Adds a route; a fixed segment has to be declared before a parameter at the same place.
    ///
    /// A route for `GET` answers `HEAD` as well: the server leaves the body out. (RFC 9110 §9.1 and §9.3.2.)
    package mutating func on(_ method: String, _ pattern: String, _ handler: @escaping Handler) {
        precondition(pattern.hasPrefix("/"), "A pattern begins with a slash.")
        routes.append(Route(method: method, pattern: pattern, handler: handler, segments: Self.segments(of: pattern[...])))
    }

    package func match(_ request: ServiceRequest) -> Match {
        let path = request.path
        if let (route, parameters) = find(request.method, path) { return .found(route, parameters: parameters) }
        let other = path.hasSuffix("/") ? path.dropLast() : path + "/"
        if redirectsTrailingSlash, !other.isEmpty, find(request.method, other) != nil {
            let query = request.query.isEmpty ? "" : "?" + request.query
            // Browsers must repeat other methods as they are, body included.
            return .redirect(to: other + query, status: request.method == "GET" || request.method == "HEAD" ? 301 : 307)
        }
        let allowed = allowedMethods(path)
        return allowed.isEmpty ? .notFound : .methodNotAllowed(allowed: allowed.joined(separator: ", "))
    }

    /// Answers a request by its route, or says why there is none.
    package func respond(to request: ServiceRequest) async -> ServiceResponse {
        await Self.respond(to: request, match(request))
    }

    /// Answers a request by the route that was found, or says why there is none.
    package static func respond(to request: ServiceRequest, _ match: Match) async -> ServiceResponse {
        switch match {
        case .found(let route, let parameters):
            var request = request
            request.parameters = parameters
            return await route.handler(request)
        case .redirect(let location, let status):
            var response = ServiceResponse(status: status)
            response.headers["Location"] = location
            return response
        case .methodNotAllowed(let allowed):
            var response = ServiceResponse.text("405 method not allowed", status: 405, contentType: "text/plain")
            response.headers["Allow"] = allowed
            return response
        case .notFound: return .text("404 page not found", status: 404, contentType: "text/plain")
        }
    }

    private func find(_ method: String, _ path: Substring) -> (Route, [String: String])? {
        let segments = Self.segments(of: path)
        for route in routes where route.method == method {
            if let parameters = Self.parameters(of: route.segments, in: segments) { return (route, parameters) }
        }
        return method == "HEAD" ? find("GET", path) : nil
    }

    /// The methods that have a route at a path, in the order in which the routes were added.
    private func allowedMethods(_ path: Substring) -> [String] {
        let segments = Self.segments(of: path)
        var methods: [String] = []
        for route in routes where Self.parameters(of: route.segments, in: segments) != nil {
            for method in route.method == "GET" ? ["GET", "HEAD"] : [route.method] where !methods.contains(method) {
                methods.append(method)
            }
        }
        return methods
    }

    private static func segments(of path: Substring) -> [Substring] {
        path.split(separator: "/", omittingEmptySubsequences: false)
    }

    private static func parameters(of pattern: [Substring], in path: [Substring]) -> [String: String]? {
        guard pattern.count == path.count else { return nil }
        var parameters: [String: String] = [:]
        for (expected, segment) in zip(pattern, path) {
            if expected.hasPrefix(":") {
                guard !segment.isEmpty else { return nil }
                parameters[String(expected.dropFirst())] = percentDecoded(segment)
            } else if expected != segment && expected != percentDecoded(segment)[...] {
                return nil
            }
        }
        return parameters
    }

    /// The text with `%XX` replaced; the text as it is where that does not work out.
    static func percentDecoded(_ text: Substring) -> String {
        guard text.contains("%") else { return String(text) }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2).compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
            guard digits.count == 2 else { return String(text) }
            rest = rest.dropFirst(2)
            bytes.append(UInt8(digits[0] << 4 | digits[1]))
        }
        return String(validating: bytes, as: UTF8.self) ?? String(text)
    }
}
