// The attributes of messages to and from a broker: written by Documentation/Conventions/generate.py.

extension SemanticAttributes {
    /// The keys `messaging.*`.
    public enum Messaging {
        /// The broker product (`rabbitmq`). (String, development.)
        @inlinable public static var system: String { "messaging.system" }

        /// The operation in the broker's own word (`publish`, `ack`). (String, development.)
        @inlinable public static var operationName: String { "messaging.operation.name" }

        /// `create`, `send`, `receive`, `process` or `settle`. (String, development.)
        @inlinable public static var operationType: String { "messaging.operation.type" }

        /// The queue or topic. (String, development.)
        @inlinable public static var destinationName: String { "messaging.destination.name" }

        /// The pattern of destination names with many values. (String, development.)
        @inlinable public static var destinationTemplate: String { "messaging.destination.template" }

        /// True if the destination has no name or a generated one. (Bool, development.)
        @inlinable public static var destinationAnonymous: String { "messaging.destination.anonymous" }

        /// True if the destination does not outlive its user. (Bool, development.)
        @inlinable public static var destinationTemporary: String { "messaging.destination.temporary" }

        /// The partition of the destination. (String, development.)
        @inlinable public static var destinationPartitionID: String { "messaging.destination.partition.id" }

        /// The subscription through which the message came. (String, development.)
        @inlinable public static var destinationSubscriptionName: String { "messaging.destination.subscription.name" }

        /// The group of consumers. (String, development.)
        @inlinable public static var consumerGroupName: String { "messaging.consumer.group.name" }

        /// The identifier of the client that sends or receives. (String, development.)
        @inlinable public static var clientID: String { "messaging.client.id" }

        /// The identifier of the message, given by the broker or the client. (String, development.)
        @inlinable public static var messageID: String { "messaging.message.id" }

        /// The conversation that the message is part of. (String, development.)
        @inlinable public static var messageConversationID: String { "messaging.message.conversation_id" }

        /// The bytes of the body of the message. (Int, development.)
        @inlinable public static var messageBodySize: String { "messaging.message.body.size" }

        /// The bytes of body and metadata of the message. (Int, development.)
        @inlinable public static var messageEnvelopeSize: String { "messaging.message.envelope.size" }

        /// How many messages the call sends, receives or handles. (Int, development.)
        @inlinable public static var batchMessageCount: String { "messaging.batch.message_count" }
    }
}
