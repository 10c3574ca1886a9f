// Names the other side of a call.

/// What a span says about the other side of its call.
struct PeerAttributes {
    private(set) var databaseSystem: String?
    private(set) var databaseName: String?
    private(set) var messagingSystem: String?
    private(set) var messagingDestination: String?
    private(set) var service: String?
    private(set) var address: String?

    init(_ block: SpanBlock, _ row: Int) {
        var texts: [String: String] = [:]
        block.withMessage(row) { message in
            _ = AttributeWalk.forEach(9, of: message) { key, value in
                if Self.keys.contains(where: { key.elementsEqual($0.utf8) }), case .text(let text) = AttributeWalk.value(value) {
                    texts[String(decoding: key, as: UTF8.self)] = Untrusted.text(text, limit: 128)
                }
                return true
            }
        }
        // The names before the conventions were stable are those of many senders still.
        databaseSystem = texts["db.system.name"] ?? texts["db.system"]
        databaseName = texts["db.namespace"] ?? texts["db.name"] ?? texts["server.address"] ?? texts["net.peer.name"]
        messagingSystem = texts["messaging.system"]
        messagingDestination = texts["messaging.destination.name"] ?? texts["messaging.destination"]
        service = texts["service.peer.name"] ?? texts["peer.service"]
        address = texts["server.address"] ?? texts["net.peer.name"]
    }

    private static let keys = [
        "db.system.name", "db.system", "db.namespace", "db.name", "server.address", "net.peer.name", "messaging.system",
        "messaging.destination.name", "messaging.destination", "service.peer.name", "peer.service",
    ]
}
