// The attributes of HTTP exchanges: written by Documentation/Conventions/generate.py.

extension SemanticAttributes {
    /// The keys `http.*`.
    public enum HTTP {
        /// The method as it was sent, or `_OTHER` if it is not known. (String, stable.)
        @inlinable public static var requestMethod: String { "http.request.method" }

        /// The method as it was sent, if another value stands for it. (String, stable.)
        @inlinable public static var requestMethodOriginal: String { "http.request.method_original" }

        /// How many times the request was sent before. (Int, stable.)
        @inlinable public static var requestResendCount: String { "http.request.resend_count" }

        /// All values of a request header, by its lower-case name. ([String], stable.)
        @inlinable public static func requestHeader(_ key: String) -> String { "http.request.header.\(key)" }

        /// The bytes of the request body as transferred. (Int, development.)
        @inlinable public static var requestBodySize: String { "http.request.body.size" }

        /// The bytes of the whole request as transferred. (Int, development.)
        @inlinable public static var requestSize: String { "http.request.size" }

        /// The status code of the response. (Int, stable.)
        @inlinable public static var responseStatusCode: String { "http.response.status_code" }

        /// All values of a response header, by its lower-case name. ([String], stable.)
        @inlinable public static func responseHeader(_ key: String) -> String { "http.response.header.\(key)" }

        /// The bytes of the response body as transferred. (Int, development.)
        @inlinable public static var responseBodySize: String { "http.response.body.size" }

        /// The bytes of the whole response as transferred. (Int, development.)
        @inlinable public static var responseSize: String { "http.response.size" }

        /// The template of the matched route (`/albums/{id}`), never the path. (String, stable.)
        @inlinable public static var route: String { "http.route" }

        /// Whether a connection of a client is `active` or `idle`. (String, development.)
        @inlinable public static var connectionState: String { "http.connection.state" }
    }
}
