// The metrics of calls of remote procedures: written by Documentation/Conventions/generate.py.

extension SemanticMetrics {
    /// The metrics `rpc.*`.
    public enum RPC {
        /// How long calls took as their clients see it. (Histogram in `s`, release candidate.)
        @inlinable public static var clientCallDuration: String { "rpc.client.call.duration" }

        /// How long calls took at their server. (Histogram in `s`, release candidate.)
        @inlinable public static var serverCallDuration: String { "rpc.server.call.duration" }
    }
}
