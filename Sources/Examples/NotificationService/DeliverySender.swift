// Delivers messages to the endpoints of subscriptions, again and again where that fails.

import ExampleSupport
import Telemetry

/// Posts what is due, and counts how that ends: `sns.deliveries` by outcome, `sns.delivery.queue`.
///
/// A message is delivered at least once: it is removed when its endpoint has taken it, or refuses it for good.
struct DeliverySender: Sendable {
    /// Messages that are posted to one endpoint at the same time. As soon as only half of a window is on its way, the next ones are looked for,
    /// so that signing them goes on while the ends of others are written to the disk; what is fewer is waited for.
    private static let window = 32
    private static let longestPause = Duration.seconds(60)

    private enum Outcome {
        case delivered
        /// Another attempt would end in the same way.
        case refused(String)
        case failed(String)
    }

    /// An attempt that was made, and whether its end was recorded.
    private struct Attempt {
        let position: Int
        let isSettled: Bool
    }

    private let store: DeliveryStore
    private let signer: DeliverySigner
    private let client: TracedClient
    private let settings: NotificationSettings
    private let outcomes: Counter<Int>

    init(
        _ store: DeliveryStore, _ signer: DeliverySigner, _ telemetry: ServiceTelemetry, transport: any Transport,
        _ settings: NotificationSettings, clock: TelemetryClock
    ) {
        (self.store, self.signer, self.settings) = (store, signer, settings)
        client = TracedClient(telemetry, transport: transport, spanPrefix: "")
        outcomes = telemetry.meter.counter("sns.deliveries", unit: "{attempt}", description: "Attempts to deliver a message, by outcome.")
        telemetry.meter.observableUpDownCounter(
            "sns.delivery.queue", unit: "{message}", description: "Messages that are not delivered."
        ) { $0.observe(store.knownDepth) }
    }

    /// Delivers what is due to a subscription.
    func round(of subscription: String) async {
        await withTaskGroup(of: Attempt.self) { group in
            var posted: Set<Int> = []
            var areSettled = true
            // What could not be settled is due again at once, and must not be posted without a pause.
            while areSettled, !Task.isCancelled {
                let due: [Delivery]
                do throws(DatabaseError) { due = try await self.due(subscription, posted) } catch {
                    return client.telemetry.log.warn("messages are not delivered", ["detail": .string("\(error)")])
                }
                if due.isEmpty && posted.isEmpty { return }
                for delivery in due {
                    posted.insert(delivery.position)
                    group.addTask { Attempt(position: delivery.position, isSettled: await deliver(delivery)) }
                }
                let remaining = posted.count > Self.window / 2 ? Self.window / 2 : 0
                while posted.count > remaining, let attempt = await group.next() {
                    posted.remove(attempt.position)
                    areSettled = areSettled && attempt.isSettled
                }
            }
        }
    }

    /// Returns as many messages that are due as may be posted beside those that are.
    private func due(_ subscription: String, _ posted: Set<Int>) async throws(DatabaseError) -> [Delivery] {
        // Looking for messages is frequent and finds none for the most part: its spans would bury the others.
        try await Context.root.suppressed.run { () async throws(DatabaseError) in
            try await store.due(subscription, limit: Self.window - posted.count, except: posted)
        }
    }

    /// Makes one attempt, in the trace of the request that has published the message; returns whether its end was recorded.
    private func deliver(_ delivery: Delivery) async -> Bool {
        await W3CTraceContextPropagator().extract(from: ["traceparent": delivery.traceParent], into: .root).run {
            let outcome = await post(delivery)
            do throws(DatabaseError) {
                try await settle(delivery, outcome)
                return true
            } catch {
                // It will be delivered a second time.
                client.telemetry.log.warn("the end of a delivery was not recorded", ["detail": .string("\(error)")])
                return false
            }
        }
    }

    /// Records how an attempt has ended. Statements for that are frequent and all alike, so that they are not traced.
    private func settle(_ delivery: Delivery, _ outcome: Outcome) async throws(DatabaseError) {
        var pause: Duration?
        switch outcome {
        case .delivered: outcomes.add(1, ["outcome": "delivered"])
        case .refused(let reason): report(delivery, "refused", reason, "message was refused by its endpoint", .error)
        case .failed(let reason) where delivery.attempts + 1 >= settings.maximumAttempts:
            report(delivery, "abandoned", reason, "message was abandoned after its last attempt", .error)
        case .failed(let reason):
            report(delivery, "failed", reason, "message was not delivered, and will be later", .warn)
            pause = self.pause(after: delivery.attempts)
        }
        try await Context.root.suppressed.run { () async throws(DatabaseError) in
            if let pause { try await store.postpone(delivery, by: pause) } else { try await store.remove(delivery) }
        }
    }

    private func report(_ delivery: Delivery, _ outcome: String, _ reason: String, _ text: String, _ severity: LogSeverity) {
        outcomes.add(1, ["outcome": .string(outcome)])
        client.telemetry.log.log(
            severity, text,
            [
                "sns.message_id": .string(delivery.document.id), "sns.subscription": .string(delivery.subscription),
                "sns.attempt": AttributeValue(delivery.attempts + 1), "detail": .string(reason),
            ])
    }

    /// Doubles with each attempt; a part is random, so that what has failed together is not sent together again.
    private func pause(after attempts: Int) -> Duration {
        min(settings.firstPause * (1 << min(attempts, 20)), Self.longestPause) * Double.random(in: 0.75...1.25)
    }

    private func post(_ delivery: Delivery) async -> Outcome {
        var document = delivery.document
        if document.unsubscribeURL == nil || !delivery.isRaw { document = signer.signed(document, baseURL: delivery.baseURL) }
        var headers: HTTPHeaders = [
            "Content-Type": "text/plain; charset=UTF-8", "User-Agent": "Amazon Simple Notification Service Agent",
            "x-amz-sns-message-type": document.kind.rawValue, "x-amz-sns-message-id": document.id, "x-amz-sns-topic-arn": document.topic,
        ]
        let isRaw = delivery.isRaw && document.kind == .notification
        if document.kind == .notification { headers["x-amz-sns-subscription-arn"] = delivery.subscription }
        if isRaw { headers["x-amz-sns-rawdelivery"] = "true" }
        let answer: ServiceResponse
        do {
            answer = try await client.send(
                "POST", delivery.endpoint, headers: headers, json: isRaw ? document.message : document.json.description)
        } catch { return .failed("\(error)") }
        switch answer.status {
        case 200..<400: return .delivered
        case 400..<500 where answer.status != 408 && answer.status != 429: return .refused("status \(answer.status)")
        default: return .failed("status \(answer.status)")
        }
    }
}
