// The metrics of messages to and from a broker: written by Documentation/Conventions/generate.py.

extension SemanticMetrics {
    /// The metrics `messaging.*`.
    public enum Messaging {
        /// How long an operation of a client takes, processing left out. (Histogram in `s`, development.)
        @inlinable public static var clientOperationDuration: String { "messaging.client.operation.duration" }

        /// How many messages a producer tried to send. (Counter in `{message}`, development.)
        @inlinable public static var clientSentMessages: String { "messaging.client.sent.messages" }

        /// How many messages were delivered to a consumer. (Counter in `{message}`, development.)
        @inlinable public static var clientConsumedMessages: String { "messaging.client.consumed.messages" }

        /// How long the processing of a message takes. (Histogram in `s`, development.)
        @inlinable public static var processDuration: String { "messaging.process.duration" }
    }
}
