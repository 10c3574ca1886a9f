// The attributes of calls of remote procedures: written by Documentation/Conventions/generate.py.

extension SemanticAttributes {
    /// The keys `rpc.*`.
    public enum RPC {
        /// The system or framework of the call (`grpc`, `jsonrpc`). (String, release candidate.)
        @inlinable public static var systemName: String { "rpc.system.name" }

        /// The method with its service, as the interface defines it (`shop.Cart/Add`), or `_OTHER`. (String, release candidate.)
        @inlinable public static var method: String { "rpc.method" }

        /// The method as the client sent it, if another value stands for it. (String, release candidate.)
        @inlinable public static var methodOriginal: String { "rpc.method_original" }

        /// The status that the call ended with, as text (`OK`, `UNAVAILABLE`). (String, release candidate.)
        @inlinable public static var statusCode: String { "rpc.response.status_code" }

        /// All values of an entry of the request's metadata, by its lower-case name. ([String], development.)
        @inlinable public static func requestMetadata(_ key: String) -> String { "rpc.request.metadata.\(key)" }

        /// All values of an entry of the response's metadata, by its lower-case name. ([String], development.)
        @inlinable public static func responseMetadata(_ key: String) -> String { "rpc.response.metadata.\(key)" }
    }
}
