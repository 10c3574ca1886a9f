// The database that operations go to.

/// The database that operations go to, as spans and metrics name it.
///
/// ```swift
/// let tweets = DatabaseEndpoint(.postgresql, namespace: "tweets|public", serverAddress: "db.internal", serverPort: 5432)
/// ```
public struct DatabaseEndpoint: Sendable, Hashable {
    public var system: DatabaseSystem
    /// The database within the server: `database|schema` for PostgreSQL, the file for SQLite, the index for Redis.
    public var namespace: String?
    /// The host name, or the path of a Unix domain socket.
    public var serverAddress: String?
    /// Recorded unless it is the default port of the system.
    public var serverPort: Int?
    /// The address at the other end of the connection.
    public var peerAddress: String?
    public var peerPort: Int?

    public init(
        _ system: DatabaseSystem, namespace: String? = nil, serverAddress: String? = nil, serverPort: Int? = nil,
        peerAddress: String? = nil,
        peerPort: Int? = nil
    ) {
        self.system = system
        self.namespace = namespace
        self.serverAddress = serverAddress
        self.serverPort = serverPort
        self.peerAddress = peerAddress
        self.peerPort = peerPort
    }

    /// The server's port, unless it goes without saying.
    var shownPort: Int? { serverAddress == nil || serverPort == system.defaultPort ? nil : serverPort }

    /// The name that a pool of connections has by default. (Semantic conventions: `db.client.connection.pool.name`.)
    var poolName: String {
        let server = serverAddress.map { address in serverPort.map { "\(address):\($0)" } ?? address }
        let name = [server, namespace].compactMap { $0 }.joined(separator: "/")
        return name.isEmpty ? system.rawValue : name
    }
}
