// Takes messages in: checks them, and keeps them for the subscriptions of their topic.

import ExampleSupport
import Telemetry

/// The action `Publish`. A message is stored when it is answered.
struct Publisher: Sendable {
    /// The bytes of a message with its attributes, as the service counts them.
    private static let maximumBytes = 256 << 10

    private let topics: TopicStore
    private let deliveries: DeliveryStore
    private let clock: TelemetryClock
    private let published: Counter<Int>

    init(_ topics: TopicStore, _ deliveries: DeliveryStore, _ telemetry: ServiceTelemetry, clock: TelemetryClock) {
        (self.topics, self.deliveries, self.clock) = (topics, deliveries, clock)
        published = telemetry.meter.counter("sns.published", unit: "{message}", description: "Messages that were published, by topic.")
    }

    /// Keeps the message of a request; returns its identifier and the subscriptions that get it.
    func publish(_ query: QueryRequest) async throws(QueryFault) -> (id: String, subscriptions: [String]) {
        let topic: String
        if let target = query["TargetArn"] { topic = target } else { topic = try query.required("TopicArn") }
        let text = try Self.text(query)
        let attributes = try Self.attributes(query)
        if let subject = query["Subject"], subject.utf8.count > 100 || !subject.unicodeScalars.allSatisfy({ (32..<127).contains($0.value) })
        {
            throw .invalid("Subject must be ASCII text of at most 100 characters without line breaks")
        }
        let size = attributes.values.reduce(text.utf8.count) {
            $0 + $1.key.utf8.count + $1.value.type.utf8.count + $1.value.value.utf8.count
        }
        guard size <= Self.maximumBytes else { throw .invalid("Message too long") }
        let now = clock.now
        var message = SNSMessage(
            .notification, id: "\(UUID())", topic: topic, message: text, subject: query["Subject"],
            timestamp: CalendarTime(now).rfc3339WithMilliseconds)
        message.attributes = attributes
        let version = try await QueryFault.storing { () async throws(DatabaseError) in try await topics.signatureVersion(of: topic) }
        guard version != nil else { throw .notFound("Topic") }
        guard !deliveries.isFull else { throw .unavailable("Too many messages wait to be delivered") }
        let kept = message
        let subscriptions = try await QueryFault.storing { () async throws(DatabaseError) in try await deliveries.publish(kept, at: now) }
        published.add(1, ["topic": .string(topic)])
        return (message.id, subscriptions)
    }

    /// Returns the text for subscribers; with `MessageStructure=json` that is the one for HTTP, or else the one for all.
    private static func text(_ query: QueryRequest) throws(QueryFault) -> String {
        let text = try query.required("Message")
        guard let structure = query["MessageStructure"] else { return text }
        guard structure == "json" else { throw .invalid("MessageStructure must be json") }
        let document = try? JSONValue(parsing: Array(text.utf8))
        guard let standard = document?["default"]?.stringValue else {
            throw .invalid("Message Structure - No default entry in JSON message body")
        }
        return document?["http"]?.stringValue ?? standard
    }

    private static func attributes(_ query: QueryRequest) throws(QueryFault) -> TypedMessageAttributes {
        var values: [String: TypedMessageAttributes.Value] = [:]
        for entry in query.entries("MessageAttributes") {
            let name = entry["Name"] ?? ""
            guard (1...256).contains(name.utf8.count), name.utf8.allSatisfy(isNameByte), !name.hasPrefix("."), !name.hasSuffix(".") else {
                throw .invalidValue(
                    "The message attribute name \"\(name.prefix(64))\" must have letters, digits, _, - and single dots alone")
            }
            let type = entry["Value.DataType"] ?? ""
            let value = type.hasPrefix("Binary") ? entry["Value.BinaryValue"] : entry["Value.StringValue"]
            guard ["String", "Number", "Binary", "String.Array"].contains(where: { type == $0 || type.hasPrefix("\($0).") }) else {
                throw .invalidValue(
                    "The message attribute '\(name)' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String."
                )
            }
            guard let value, !value.isEmpty else {
                throw .invalidValue(
                    "The message attribute '\(name)' must contain non-empty message attribute value for message attribute type '\(type)'.")
            }
            if type.hasPrefix("Number"), Double(value) == nil {
                throw .invalidValue("Could not cast message attribute '\(name)' value to number.")
            }
            guard values.updateValue(.init(type: type, value), forKey: name) == nil else {
                throw .invalidValue("The message attribute '\(name)' is there twice")
            }
        }
        return TypedMessageAttributes(values)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
