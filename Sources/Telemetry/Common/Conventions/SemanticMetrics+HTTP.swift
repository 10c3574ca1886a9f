// The metrics of HTTP exchanges: written by Documentation/Conventions/generate.py.

extension SemanticMetrics {
    /// The metrics `http.*`.
    public enum HTTP {
        /// How long a server takes to answer a request. (Histogram in `s`, stable.)
        @inlinable public static var serverRequestDuration: String { "http.server.request.duration" }

        /// How many requests a server is answering. (Up-down counter in `{request}`, development.)
        @inlinable public static var serverActiveRequests: String { "http.server.active_requests" }

        /// The size of request bodies that a server receives. (Histogram in `By`, development.)
        @inlinable public static var serverRequestBodySize: String { "http.server.request.body.size" }

        /// The size of response bodies that a server sends. (Histogram in `By`, development.)
        @inlinable public static var serverResponseBodySize: String { "http.server.response.body.size" }

        /// How long a client waits for the answer to a request. (Histogram in `s`, stable.)
        @inlinable public static var clientRequestDuration: String { "http.client.request.duration" }

        /// How many requests of a client are in flight. (Up-down counter in `{request}`, development.)
        @inlinable public static var clientActiveRequests: String { "http.client.active_requests" }

        /// The size of request bodies that a client sends. (Histogram in `By`, development.)
        @inlinable public static var clientRequestBodySize: String { "http.client.request.body.size" }

        /// The size of response bodies that a client receives. (Histogram in `By`, development.)
        @inlinable public static var clientResponseBodySize: String { "http.client.response.body.size" }

        /// How many connections a client has, `active` and `idle`. (Up-down counter in `{connection}`, development.)
        @inlinable public static var clientOpenConnections: String { "http.client.open_connections" }

        /// How long a connection of a client was open. (Histogram in `s`, development.)
        @inlinable public static var clientConnectionDuration: String { "http.client.connection.duration" }
    }
}
