// The documents that Amazon's notification service sends to the endpoints of subscriptions.

package import Telemetry

/// A message as it is delivered: a notification, or the question whether a subscription is wanted.
package struct SNSMessage: Sendable {
    package enum Kind: String, Sendable {
        case notification = "Notification"
        case subscriptionConfirmation = "SubscriptionConfirmation"
        case unsubscribeConfirmation = "UnsubscribeConfirmation"
    }

    package var kind: Kind
    package var id: String
    package var topic: String
    package var message: String
    package var subject: String?
    /// The time of publication, as `2026-01-17T09:30:00.000Z`.
    package var timestamp: String
    package var attributes = TypedMessageAttributes()
    /// The key to the subscription, for all but notifications.
    package var token: String?
    /// The URL that confirms the subscription, for all but notifications.
    package var subscribeURL: String?
    package var unsubscribeURL: String?
    package var signatureVersion = "1"
    package var signature: [UInt8] = []
    package var certificateURL = ""

    package init(_ kind: Kind, id: String, topic: String, message: String, subject: String? = nil, timestamp: String) {
        self.kind = kind
        self.id = id
        self.topic = topic
        self.message = message
        self.subject = subject
        self.timestamp = timestamp
    }

    /// The hash that is signed; nil for a version that is not known.
    package var digest: RSADigest? { ["1": .sha1, "2": .sha256][signatureVersion] }

    /// What is signed: names and values in the order of the names. Attributes are not among them.
    package var signedText: [UInt8] {
        var fields = [("Message", message), ("MessageId", id)]
        if kind == .notification {
            if let subject { fields.append(("Subject", subject)) }
        } else {
            fields.append(("SubscribeURL", subscribeURL ?? ""))
        }
        fields.append(("Timestamp", timestamp))
        if kind != .notification { fields.append(("Token", token ?? "")) }
        fields += [("TopicArn", topic), ("Type", kind.rawValue)]
        return Array(fields.map { "\($0.0)\n\($0.1)\n" }.joined().utf8)
    }
}

extension SNSMessage {
    /// The reason why a JSON value is no message.
    package struct Invalid: Error, CustomStringConvertible {
        package let description: String
    }

    package init(_ json: JSONValue) throws(Invalid) {
        func text(_ name: String) throws(Invalid) -> String {
            guard let text = json[name]?.stringValue else { throw Invalid(description: "\(name) is missing, or is no text") }
            // Databases have no texts with it.
            guard !text.utf8.contains(0) else { throw Invalid(description: "\(name) must not contain the character NUL") }
            return text
        }
        let type = try text("Type")
        guard let kind = Kind(rawValue: type) else { throw Invalid(description: "Type is \"\(type.prefix(64))\", which is not known") }
        self.init(
            kind, id: try text("MessageId"), topic: try text("TopicArn"), message: try text("Message"),
            subject: json["Subject"]?.stringValue == nil ? nil : try text("Subject"),
            timestamp: try text("Timestamp"))
        signatureVersion = json["SignatureVersion"]?.stringValue ?? "1"
        certificateURL = json["SigningCertURL"]?.stringValue ?? ""
        signature = Base64.decode((json["Signature"]?.stringValue ?? "").utf8) ?? []
        unsubscribeURL = json["UnsubscribeURL"]?.stringValue
        if kind != .notification { (token, subscribeURL) = (try text("Token"), try text("SubscribeURL")) }
        attributes = TypedMessageAttributes(json: json["MessageAttributes"] ?? .null)
    }

    /// The document, with its members in the order of Amazon's.
    package var json: JSONValue {
        var members: [JSONObject.Member] = []
        func add(_ name: String, _ text: String?) {
            if let text { members.append(.init(key: name, value: .string(text))) }
        }
        add("Type", kind.rawValue)
        add("MessageId", id)
        add("Token", token)
        add("TopicArn", topic)
        add("Subject", subject)
        add("Message", message)
        add("SubscribeURL", subscribeURL)
        add("Timestamp", timestamp)
        add("SignatureVersion", signatureVersion)
        add("Signature", Base64.encode(signature))
        add("SigningCertURL", certificateURL)
        add("UnsubscribeURL", unsubscribeURL)
        if !attributes.values.isEmpty { members.append(.init(key: "MessageAttributes", value: attributes.json)) }
        return .object(JSONObject(members))
    }
}

extension TypedMessageAttributes {
    /// Reads `{"name": {"Type": …, "Value": …}}`; what has another form is left out.
    package init(json: JSONValue) {
        guard case .object(let object) = json else {
            self.init()
            return
        }
        self.init(
            object.members.reduce(into: [:]) { values, member in
                guard let type = member.value["Type"]?.stringValue, let value = member.value["Value"]?.stringValue else { return }
                values[member.key] = Value(type: type, value)
            })
    }

    package var json: JSONValue {
        .object(
            JSONObject(
                values.sorted { $0.key < $1.key }.map { name, value in
                    .init(key: name, value: ["Type": .string(value.type), "Value": .string(value.value)])
                }))
    }
}
