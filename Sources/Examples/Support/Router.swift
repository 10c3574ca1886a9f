// Routes requests as Go's Gin does, since the services' contracts are those of Gin: redirects, 404 and 405 included.

import Telemetry

/// Answers a request, whatever it is.
package typealias Handler = @Sendable (ServiceRequest) async -> ServiceResponse

/// Answers a request of its route, or refuses it by throwing.
package typealias RouteHandler = @Sendable (ServiceRequest) async throws(Refusal) -> ServiceResponse

/// Finds the handler for a request by method and path. A segment `:name` or `{name}` of a pattern matches any text, which becomes a
/// parameter.
package struct Router: Sendable {
    /// The name of the server spans of a route.
    package enum SpanName: Sendable {
        /// `GET /albums/:id`, as the semantic conventions for HTTP have it.
        case conventional
        /// `/albums/:id GET`, with the method of the request: `HEAD` too, where a route for `GET` answers it.
        case patternThenMethod
        /// `/status`.
        case pattern

        fileprivate func text(_ method: String, _ pattern: String) -> String? {
            switch self {
            case .conventional: HTTPConventions.standard.knownMethods.contains(method) ? "\(method) \(pattern)" : nil
            case .patternThenMethod: "\(pattern) \(method)"
            case .pattern: pattern
            }
        }
    }

    /// The result of looking for a request's route.
    package enum Match: Sendable {
        case found(Route, parameters: PathParameters)
        /// The path exists with a slash added to its end, or removed from there.
        case redirect(to: String, status: Int)
        /// The path exists for other methods, listed in the form of the `Allow` field. (RFC 9110, section 15.5.6.)
        case methodNotAllowed(allowed: String)
        case notFound
    }

    /// One method and pattern with its handler. An object, since it goes with each request.
    package final class Route: Sendable {
        package let method: String
        /// The pattern as it was declared: `/albums/:id`.
        package let pattern: String
        fileprivate let spanName: SpanName
        fileprivate let handler: RouteHandler
        fileprivate let segments: [Segment]
        /// The span name for the route's own method, which is that of nearly all its requests.
        private let ownSpanName: String?

        fileprivate init(method: String, pattern: String, spanName: SpanName, handler: @escaping RouteHandler) {
            self.method = method
            self.pattern = pattern
            self.spanName = spanName
            self.handler = handler
            segments = Router.segments(of: pattern[...]).map { segment in
                if segment.hasPrefix(":") { return .parameter(String(segment.dropFirst())) }
                let isParameter = segment.hasPrefix("{") && segment.hasSuffix("}")
                return isParameter ? .parameter(String(segment.dropFirst().dropLast())) : .fixed(String(segment))
            }
            ownSpanName = spanName.text(method, pattern)
        }

        /// Returns the span name for a request of that method; nil leaves the name to the semantic conventions.
        func spanName(for method: String) -> String? {
            method == self.method ? ownSpanName : spanName.text(method, pattern)
        }
    }

    /// A part of a pattern between slashes.
    fileprivate enum Segment: Sendable {
        case fixed(String)
        case parameter(String)
    }

    /// The bodies of answers without a route.
    static let notFoundText = "404 page not found"
    static let methodNotAllowedText = "405 method not allowed"

    private var routes: [Route] = []
    private let redirectsTrailingSlash: Bool
    private let spanNames: SpanName

    /// - Parameters:
    ///   - redirectsTrailingSlash: whether a path with a slash too many or too few at its end is redirected to its route; if not, it is
    ///     not found.
    ///   - spanNames: the span names of routes that are added without a choice of their own.
    package init(redirectsTrailingSlash: Bool = true, spanNames: SpanName = .conventional) {
        self.redirectsTrailingSlash = redirectsTrailingSlash
        self.spanNames = spanNames
    }

    /// Adds a route; the first route that matches wins, so a fixed segment is added before a parameter at the same place.
    ///
    /// A route for `GET` answers `HEAD` as well: the server leaves the body out. (RFC 9110, sections 9.1 and 9.3.2.)
    package mutating func on(_ method: String, _ pattern: String, spanName: SpanName? = nil, _ handler: @escaping RouteHandler) {
        precondition(pattern.hasPrefix("/"), "A pattern begins with a slash.")
        routes.append(Route(method: method, pattern: pattern, spanName: spanName ?? spanNames, handler: handler))
    }

    /// Returns the route of a request, or the reason why there is none.
    package func match(_ request: ServiceRequest) -> Match {
        let path = request.path
        if let (route, parameters) = find(request.method, path) { return .found(route, parameters: parameters) }
        let other = path.hasSuffix("/") ? String(path.dropLast()) : path + "/"
        if redirectsTrailingSlash, !other.isEmpty, find(request.method, other) != nil {
            let query = request.query.isEmpty ? "" : "?" + request.query
            // 307 has clients repeat the method and the body; 301 lets them change it to GET.
            return .redirect(to: other + query, status: request.method == "GET" || request.method == "HEAD" ? 301 : 307)
        }
        let allowed = allowedMethods(path)
        return allowed.isEmpty ? .notFound : .methodNotAllowed(allowed: allowed.joined(separator: ", "))
    }

    /// Answers a request by its route, or with a redirect, 404 or 405.
    package func respond(to request: ServiceRequest) async -> ServiceResponse {
        await Self.respond(to: request, match(request))
    }

    /// Answers a request by a match of its own.
    package static func respond(to request: ServiceRequest, _ match: Match) async -> ServiceResponse {
        switch match {
        case .found(let route, let parameters):
            var request = request
            request.parameters = parameters
            do throws(Refusal) { return try await route.handler(request) } catch { return ServiceResponse(error) }
        case .redirect(let location, let status):
            var response = ServiceResponse(status: status)
            response.headers["Location"] = location
            return response
        case .methodNotAllowed(let allowed):
            var response = ServiceResponse.text(methodNotAllowedText, status: 405, contentType: "text/plain")
            response.headers["Allow"] = allowed
            return response
        case .notFound: return .text(notFoundText, status: 404, contentType: "text/plain")
        }
    }

    private func find(_ method: String, _ path: String) -> (Route, PathParameters)? {
        for route in routes where route.method == method {
            if let parameters = Self.parameters(of: route.segments, in: path) { return (route, parameters) }
        }
        return method == "HEAD" ? find("GET", path) : nil
    }

    /// Returns the methods that have a route at a path, in the order of the routes.
    private func allowedMethods(_ path: String) -> [String] {
        var methods: [String] = []
        for route in routes where Self.parameters(of: route.segments, in: path) != nil {
            for method in route.method == "GET" ? ["GET", "HEAD"] : [route.method] where !methods.contains(method) {
                methods.append(method)
            }
        }
        return methods
    }

    private static func segments(of path: Substring) -> [Substring] {
        // Bytes are compared: a combining mark after a slash would hide it among characters.
        path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { Substring($0) }
    }

    /// Returns the decoded parameters of a path that matches; nil if it does not.
    private static func parameters(of pattern: [Segment], in path: String) -> PathParameters? {
        path.utf8.withContiguousStorageIfAvailable { parameters(of: pattern, in: $0) }
            ?? Array(path.utf8).withUnsafeBufferPointer { parameters(of: pattern, in: $0) }
    }

    private static func parameters(of pattern: [Segment], in path: UnsafeBufferPointer<UInt8>) -> PathParameters? {
        var parameters = PathParameters()
        var rest = path[...]
        for index in pattern.indices {
            let end = rest.firstIndex(of: UInt8(ascii: "/"))
            guard (end == nil) == (index == pattern.count - 1) else { return nil }
            let segment = rest[..<(end ?? rest.endIndex)]
            switch pattern[index] {
            case .parameter(let name):
                guard !segment.isEmpty else { return nil }
                parameters.add(name, decoded(segment))
            case .fixed(let text):
                guard isSame(segment, text) || (segment.contains(UInt8(ascii: "%")) && decoded(segment) == text) else { return nil }
            }
            if let end { rest = rest[(end + 1)...] }
        }
        return parameters
    }

    private static func isSame(_ segment: Slice<UnsafeBufferPointer<UInt8>>, _ text: String) -> Bool {
        segment.count == text.utf8.count && segment.elementsEqual(text.utf8)
    }

    private static func decoded(_ segment: Slice<UnsafeBufferPointer<UInt8>>) -> String {
        Substring(String(decoding: segment, as: UTF8.self)).percentDecoded
    }
}
