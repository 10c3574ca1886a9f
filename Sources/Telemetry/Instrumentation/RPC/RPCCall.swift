// A call of a remote procedure, as spans and metrics describe it.

/// One call of a remote procedure, made or answered.
///
/// ```swift
/// let call = RPCCall("/shop.Cart/Add", system: .grpc, serverAddress: "cart.internal", serverPort: 50051)
/// ```
///
/// (Semantic conventions: RPC spans.)
public struct RPCCall: Sendable, Hashable {
    public var system: RPCSystem
    /// The method with its service, as the interface defines it: `shop.Cart/Add`; nil if it is not known.
    public var method: String?
    /// Whether the interface has the method. Clients can ask a server for any: names that it does not know are recorded beside `_OTHER`.
    public var isKnownMethod: Bool
    /// The server by name, as the channel was configured, for all of its instances.
    public var serverAddress: String?
    public var serverPort: Int?
    /// The address of the connection: the server's for a client, the client's for a server.
    public var peerAddress: String?
    public var peerPort: Int?
    /// Entries of the request's metadata to record, by their lower-case names. None by default, since they may hold secrets.
    public var requestMetadata: [String: [String]] = [:]

    /// - Parameter method: may begin with a slash where it is known by a path.
    public init(
        _ method: String?, system: RPCSystem = .grpc, isKnownMethod: Bool = true, serverAddress: String? = nil, serverPort: Int? = nil
    ) {
        self.system = system
        self.method = method.map { system.hasPaths && $0.hasPrefix("/") ? String($0.dropFirst()) : $0 }
        self.isKnownMethod = isKnownMethod
        self.serverAddress = serverAddress
        self.serverPort = serverPort
    }

    /// The name of the span: the method, or else the system.
    public var spanName: String { isKnownMethod ? method ?? system.rawValue : system.rawValue }

    private var recordedMethod: String? { method.map { isKnownMethod ? $0 : "_OTHER" } }

    /// The attributes at the start of the span, which samplers see.
    public var attributes: Attributes {
        var attributes = metricAttributes(ofServer: false)
        if !isKnownMethod { attributes[SemanticAttributes.RPC.methodOriginal] = method.map { .string($0) } }
        attributes[SemanticAttributes.Network.peerAddress] = peerAddress.map { .string($0) }
        if peerAddress != nil { attributes[SemanticAttributes.Network.peerPort] = peerPort.map { AttributeValue($0) } }
        for (name, values) in requestMetadata { attributes[SemanticAttributes.RPC.requestMetadata(name)] = AttributeValue(values) }
        return attributes
    }

    /// The attributes of metrics, which have few values: a server has none that clients choose.
    func metricAttributes(ofServer isServer: Bool) -> Attributes {
        var attributes: Attributes = [SemanticAttributes.RPC.systemName: .string(system.rawValue)]
        attributes[SemanticAttributes.RPC.method] = recordedMethod.map { .string($0) }
        guard !isServer else { return attributes }
        attributes[SemanticAttributes.Server.address] = serverAddress.map { .string($0) }
        if serverAddress != nil { attributes[SemanticAttributes.Server.port] = serverPort.map { AttributeValue($0) } }
        return attributes
    }
}
