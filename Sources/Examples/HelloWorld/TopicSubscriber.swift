// Sees to it that messages are delivered to this service.

import ExampleSupport
import Synchronization
import Telemetry

/// Makes the topic and subscribes the webhook, again and again: a notification service that has lost both gets them anew.
final class TopicSubscriber: Sendable {
    /// Rounds that are left out after one that has succeeded.
    private static let roundsBetween = 11

    private let client: SNSClient
    private let tracer: Tracer
    private let url: String
    private let topic: String
    private let log: TelemetryLogger
    private let roundsLeftOut = Mutex(0)
    /// Relaxed: it orders nothing else.
    private let confirmed = Atomic(false)

    init(_ client: SNSClient, url: String, topic: String, _ telemetry: ServiceTelemetry) {
        (self.client, self.url, self.topic) = (client, url, topic)
        (tracer, log) = (telemetry.tracer, telemetry.log)
    }

    /// Whether messages are delivered, as far as is known.
    var isConfirmed: Bool { confirmed.load(ordering: .relaxed) }

    /// Notes that the webhook has confirmed a subscription.
    func noteConfirmation() { confirmed.store(true, ordering: .relaxed) }

    func round() async {
        let isDue = roundsLeftOut.withLock { left in
            left = max(0, left - 1)
            return left == 0
        }
        guard isDue, let url = HTTPURL(url) else { return }
        let name = String(topic.split(separator: ":").last ?? "")
        await tracer.withSpan("subscribe \(name)", parent: .root) { span in
            do throws(SNSError) {
                _ = try await client.createTopic(name)
                if try await client.subscribe(url, to: topic) { noteConfirmation() }
                roundsLeftOut.withLock { $0 = Self.roundsBetween + 1 }
            } catch {
                span.setStatus(.error("the webhook was not subscribed"))
                log.warn("the webhook is not subscribed, and will be later", ["detail": .string("\(error)".recorded)])
            }
        }
    }
}
