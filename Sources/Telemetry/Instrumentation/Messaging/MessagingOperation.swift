// What a program does with messages, as spans and metrics describe it.

/// One operation on messages: publishing them, receiving, processing or settling them.
///
/// ```swift
/// let publish = MessagingOperation(.send, "publish", of: .amazonSNS, destination: "orders")
/// ```
///
/// (Semantic conventions: messaging spans, "Operation types".)
public struct MessagingOperation: Sendable, Hashable {
    /// The kinds of operations.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Making one message of a batch that is sent later; its context goes with the message.
        case create
        /// Giving one or more messages to the broker.
        case send
        /// Asking the broker for messages.
        case receive
        /// Handling messages that were pushed or received.
        case process
        /// Telling the broker what has become of messages.
        case settle
    }

    public var kind: Kind
    /// The system's own word for it: `publish`, `poll`, `ack`.
    public var name: String
    public var system: MessagingSystem
    /// The queue or topic; nil where the messages of a batch have several.
    public var destination: String?
    /// The destination with placeholders, where its name has many values: `/customers/{customerId}`.
    public var destinationTemplate: String?
    /// Whether the destination has a name that was made for it, which would be too many for span names and metrics.
    public var hasTemporaryDestination = false
    public var partitionID: String?
    /// The subscription of a topic, for metrics.
    public var subscription: String?
    /// The group of consumers that share the messages, for metrics.
    public var consumerGroup: String?
    public var clientID: String?
    /// The identifier of a single message.
    public var messageID: String?
    public var conversationID: String?
    /// The bytes of a single message's body.
    public var bodySize: Int?
    /// The number of messages of an operation that can have several; nil for one that cannot.
    public var batchMessageCount: Int?
    /// Whether a sending operation puts its own context into the message; if not, its span is a client span.
    public var injectsContext = true
    /// Whether the broker pushed the messages that are processed, so that no receiving operation has counted them.
    public var isPushed = false
    public var serverAddress: String?
    public var serverPort: Int?

    public init(
        _ kind: Kind, _ name: String, of system: MessagingSystem, destination: String? = nil, messageID: String? = nil,
        batchMessageCount: Int? = nil, serverAddress: String? = nil, serverPort: Int? = nil
    ) {
        self.kind = kind
        self.name = name
        self.system = system
        self.destination = destination
        self.messageID = messageID
        self.batchMessageCount = batchMessageCount
        self.serverAddress = serverAddress
        self.serverPort = serverPort
    }

    /// The name of the span: the operation and its destination, or else its server.
    public var spanName: String {
        let server = serverAddress.map { address in serverPort.map { "\(address):\($0)" } ?? address }
        let target = destinationTemplate ?? (hasTemporaryDestination ? nil : destination) ?? (destination == nil ? server : nil)
        return target.map { "\(name) \($0)" } ?? name
    }

    /// The kind of the span.
    public var spanKind: SpanKind {
        switch kind {
        case .create: .producer
        case .send: injectsContext ? .producer : .client
        case .process: .consumer
        case .receive, .settle: .client
        }
    }

    /// The attributes at the start of the span, which samplers see.
    public var attributes: Attributes {
        // Each key is set once: appended entries need no search for another of the same key.
        var entries = nameEntries
        entries.append((SemanticAttributes.Messaging.operationType, .string(kind.rawValue)))
        if let destination { entries.append((SemanticAttributes.Messaging.destinationName, .string(destination))) }
        if let destinationTemplate { entries.append((SemanticAttributes.Messaging.destinationTemplate, .string(destinationTemplate))) }
        if hasTemporaryDestination { entries.append((SemanticAttributes.Messaging.destinationTemporary, true)) }
        if let partitionID { entries.append((SemanticAttributes.Messaging.destinationPartitionID, .string(partitionID))) }
        if let clientID { entries.append((SemanticAttributes.Messaging.clientID, .string(clientID))) }
        if let messageID { entries.append((SemanticAttributes.Messaging.messageID, .string(messageID))) }
        if let conversationID { entries.append((SemanticAttributes.Messaging.messageConversationID, .string(conversationID))) }
        if let bodySize { entries.append((SemanticAttributes.Messaging.messageBodySize, AttributeValue(bodySize))) }
        if let batchMessageCount { entries.append((SemanticAttributes.Messaging.batchMessageCount, AttributeValue(batchMessageCount))) }
        appendServer(to: &entries)
        return Attributes(unique: entries)
    }

    /// The attributes that all metrics of the operation have, which have few values; in an array that has room for the rest.
    var metricEntries: [(String, AttributeValue)] {
        var entries = nameEntries
        if let destinationTemplate {
            entries.append((SemanticAttributes.Messaging.destinationTemplate, .string(destinationTemplate)))
        } else if !hasTemporaryDestination, let destination {
            entries.append((SemanticAttributes.Messaging.destinationName, .string(destination)))
        }
        if let partitionID { entries.append((SemanticAttributes.Messaging.destinationPartitionID, .string(partitionID))) }
        appendServer(to: &entries)
        return entries
    }

    /// The system and the operation, in an array that has room for all attributes.
    private var nameEntries: [(String, AttributeValue)] {
        var entries: [(String, AttributeValue)] = []
        entries.reserveCapacity(14)
        entries.append((SemanticAttributes.Messaging.system, .string(system.rawValue)))
        entries.append((SemanticAttributes.Messaging.operationName, .string(name)))
        return entries
    }

    private func appendServer(to entries: inout [(String, AttributeValue)]) {
        guard let serverAddress else { return }
        entries.append((SemanticAttributes.Server.address, .string(serverAddress)))
        if let serverPort { entries.append((SemanticAttributes.Server.port, AttributeValue(serverPort))) }
    }
}
