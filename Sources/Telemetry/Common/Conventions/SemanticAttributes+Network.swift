// The attributes of the parties of an exchange and what they speak: written by Documentation/Conventions/generate.py.

extension SemanticAttributes {
    /// The keys `client.*`.
    public enum Client {
        /// The client, as seen through proxies. (String, stable.)
        @inlinable public static var address: String { "client.address" }

        /// The port of the client, as seen through proxies. (Int, stable.)
        @inlinable public static var port: String { "client.port" }
    }

    /// The keys `server.*`.
    public enum Server {
        /// The server that was asked for: a name, an address or a socket path. (String, stable.)
        @inlinable public static var address: String { "server.address" }

        /// The port that was asked for. (Int, stable.)
        @inlinable public static var port: String { "server.port" }
    }

    /// The keys `network.*`.
    public enum Network {
        /// The address at the other end of the connection. (String, stable.)
        @inlinable public static var peerAddress: String { "network.peer.address" }

        /// The port at the other end of the connection. (Int, stable.)
        @inlinable public static var peerPort: String { "network.peer.port" }

        /// The address at this end of the connection. (String, stable.)
        @inlinable public static var localAddress: String { "network.local.address" }

        /// The port at this end of the connection. (Int, stable.)
        @inlinable public static var localPort: String { "network.local.port" }

        /// The application protocol, in lower case. (String, stable.)
        @inlinable public static var protocolName: String { "network.protocol.name" }

        /// The version of the protocol (`1.1`). (String, stable.)
        @inlinable public static var protocolVersion: String { "network.protocol.version" }

        /// The transport (`tcp`, `unix`). (String, stable.)
        @inlinable public static var transport: String { "network.transport" }

        /// The protocol below the transport (`ipv4`, `ipv6`). (String, stable.)
        @inlinable public static var type: String { "network.type" }

        /// The name of the network interface. (String, release candidate.)
        @inlinable public static var interfaceName: String { "network.interface.name" }

        /// Whether bytes go to `transmit` or `receive`. (String, release candidate.)
        @inlinable public static var ioDirection: String { "network.io.direction" }

        /// The state of a connection, as TCP names it. (String, development.)
        @inlinable public static var connectionState: String { "network.connection.state" }
    }

    /// The keys `url.*`.
    public enum URL {
        /// The whole URL, without credentials. (String, stable.)
        @inlinable public static var full: String { "url.full" }

        /// The scheme (`https`). (String, stable.)
        @inlinable public static var scheme: String { "url.scheme" }

        /// The path. (String, stable.)
        @inlinable public static var path: String { "url.path" }

        /// The query, without values of secrets. (String, stable.)
        @inlinable public static var query: String { "url.query" }

        /// The fragment. (String, stable.)
        @inlinable public static var fragment: String { "url.fragment" }

        /// The path with placeholders for its values (`/albums/{id}`). (String, development.)
        @inlinable public static var template: String { "url.template" }
    }

    /// The keys `user_agent.*`.
    public enum UserAgent {
        /// The header `User-Agent` as it was sent. (String, stable.)
        @inlinable public static var original: String { "user_agent.original" }

        /// `bot` or `test` for traffic of no person. (String, development.)
        @inlinable public static var syntheticType: String { "user_agent.synthetic.type" }
    }
}
