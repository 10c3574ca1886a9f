// The products that the conventions for messaging name.

/// A messaging system, by the name that the semantic conventions give it.
///
/// Any name can be given; those that the conventions know are offered by name.
public struct MessagingSystem: RawRepresentable, Sendable, Hashable {
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    public static let activeMQ = MessagingSystem(rawValue: "activemq")
    public static let amazonSNS = MessagingSystem(rawValue: "aws.sns")
    public static let amazonSQS = MessagingSystem(rawValue: "aws_sqs")
    public static let azureEventGrid = MessagingSystem(rawValue: "eventgrid")
    public static let azureEventHubs = MessagingSystem(rawValue: "eventhubs")
    public static let azureServiceBus = MessagingSystem(rawValue: "servicebus")
    public static let googlePubSub = MessagingSystem(rawValue: "gcp_pubsub")
    public static let kafka = MessagingSystem(rawValue: "kafka")
    public static let pulsar = MessagingSystem(rawValue: "pulsar")
    public static let rabbitMQ = MessagingSystem(rawValue: "rabbitmq")
    public static let rocketMQ = MessagingSystem(rawValue: "rocketmq")
}
