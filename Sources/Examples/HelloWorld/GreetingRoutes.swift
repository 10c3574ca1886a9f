// The routes that publish a greeting and say that the service lives. Answers and texts are a public contract.

import ExampleSupport
import Telemetry

/// The handlers of `/` and `/health`.
struct GreetingRoutes: Sendable {
    let client: SNSClient
    let topic: String
    let telemetry: ServiceTelemetry
    let messaging: MessagingMetrics
    let metrics: PublishMetrics
    let clock: TelemetryClock

    func add(to router: inout Router) {
        let start = ContinuousClock.now
        router.on("GET", "/") { _ in await greet() }
        router.on("GET", "/health") { _ in
            let uptime = start.duration(to: .now) / .milliseconds(1)
            return .json([
                "status": "healthy", "timestamp": .string(CalendarTime(clock.now).rfc3339WithMilliseconds),
                "uptime": .number(uptime.rounded() / 1000),
            ])
        }
    }

    private func greet() async -> ServiceResponse {
        let name = String(topic.split(separator: ":").last ?? "")
        let content: JSONValue = [
            "app": "app-hello-world", "message": "Hello World!", "timestamp": .string(CalendarTime(clock.now).rfc3339WithMilliseconds),
        ]
        let start = ContinuousClock.now
        do throws(SNSError) {
            try await publish(content.description, name)
            let milliseconds = metrics.published(to: name, since: start, failed: false)
            let digits = String(milliseconds % 1000)
            let duration = "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - digits.count) + digits + "s"
            return .json([
                "message": "Hello World!", "sns": ["topic": .string(name), "status": "published", "duration": .string(duration)],
            ])
        } catch {
            metrics.published(to: name, since: start, failed: true)
            telemetry.log.error("Error publishing to SNS", ["detail": .string("\(error)".recorded)])
            return .json(["error": "Error publishing to SNS", "details": .string("\(error)")], status: 500)
        }
    }

    /// Publishes in a producer span, whose context goes with the message.
    private func publish(_ text: String, _ name: String) async throws(SNSError) {
        var operation = MessagingOperation(
            .send, "publish", of: .amazonSNS, destination: name, serverAddress: client.endpoint.host, serverPort: client.endpoint.port)
        operation.bodySize = text.utf8.count
        try await telemetry.tracer.withMessagingSpan(operation, metrics: messaging) { sending async throws(SNSError) in
            sending.span["rpc.system"] = "aws-api"
            sending.span["rpc.service"] = "SNS"
            sending.span["rpc.method"] = "Publish"
            sending.span["aws.sns.topic.arn"] = .string(topic)
            var attributes = TypedMessageAttributes()
            telemetry.propagator.inject(sending.context, into: &attributes)
            sending.finish(messageID: try await client.publish(text, to: topic, attributes))
        }
    }
}
