// The webhook of the notification service, and what it has received.

import ExampleSupport
import Telemetry

/// The handlers of `/sns` and `/messages`.
struct WebhookRoutes: Sendable {
    private static let accepted = "Received SNS message"

    let topic: String
    /// Checks signatures; nil takes messages without.
    let verifier: MessageVerifier?
    let hosts: TrustedHosts
    let client: TracedClient
    let messages: MessageLog
    let lastMessage: LastMessage
    let messaging: MessagingMetrics
    /// Is called when a subscription was confirmed.
    let confirmed: @Sendable () -> Void

    func add(to router: inout Router) {
        router.on("POST", "/sns") { request throws(Refusal) in try await receive(request) }
        router.on("GET", "/messages") { request throws(Refusal) in try await list(request) }
        router.on("GET", "/messages/last") { _ throws(Refusal) in try await last() }
    }

    /// Takes a message as JSON, whatever the media type says: the notification service sends it as `text/plain`.
    private func receive(_ request: ServiceRequest) async throws(Refusal) -> ServiceResponse {
        let document: JSONValue
        do { document = try JSONValue(parsing: request.body) } catch {
            throw Refusal("The body must be JSON: \(error)", key: "error")
        }
        client.telemetry.log.info("Received SNS message:", ["sns.message": .string(document.description.recorded)])
        // Like the original, it takes any JSON; only what says that it is a message is treated as one.
        guard document["Type"] != nil else { return .text(Self.accepted) }
        let message: SNSMessage
        do throws(SNSMessage.Invalid) { message = try SNSMessage(document) } catch { throw Refusal("\(error)", key: "error") }
        // The signature says that a notification service has sent it, and not for which topic: anyone may have one there.
        guard message.topic == topic else { throw Refusal("TopicArn is not that of this service", status: 403, key: "error") }
        try await verify(message)
        switch message.kind {
        case .notification: try await process(message)
        case .subscriptionConfirmation: try await confirm(message)
        case .unsubscribeConfirmation: client.telemetry.log.warn("the subscription was ended", ["sns.topic": .string(topic)])
        }
        return .text(Self.accepted)
    }

    private func verify(_ message: SNSMessage) async throws(Refusal) {
        do throws(MessageVerifier.Problem) { try await verifier?.check(message) } catch {
            switch error {
            case .wrong(let reason): throw Refusal("The message was not accepted: \(reason)", status: 403, key: "error")
            // The notification service sends the message again.
            case .unavailable(let reason): throw Refusal("The message cannot be checked", status: 503, key: "error", detail: reason)
            }
        }
    }

    /// Keeps a message, in the trace of its sender and with a link to it. One that comes again changes nothing.
    private func process(_ message: SNSMessage) async throws(Refusal) {
        let telemetry = client.telemetry
        var operation = MessagingOperation(
            .process, "process", of: .amazonSNS, destination: String(topic.split(separator: ":").last ?? ""), messageID: message.id)
        operation.isPushed = true
        operation.bodySize = message.message.utf8.count
        let sender = telemetry.propagator.extract(from: message.attributes, into: .root)
        let stored: Result<JSONValue?, DatabaseError> = await telemetry.tracer.withMessagingSpan(
            operation, messages: [sender], correlation: .parent, metrics: messaging
        ) { processing in
            do throws(DatabaseError) {
                let kept = try await messages.add(message)
                if let kept { await lastMessage.set(kept) }
                telemetry.log.info(kept == nil ? "message was there already" : "message stored", ["sns.message_id": .string(message.id)])
                return .success(kept)
            } catch {
                processing.finish(error: error)
                return .failure(error)
            }
        }
        if case .failure(let error) = stored { throw Refusal(unavailable: error) }
    }

    /// Confirms a subscription by the URL that the message has for that.
    private func confirm(_ message: SNSMessage) async throws(Refusal) {
        guard let url = hosts.url(message.subscribeURL ?? "") else {
            throw Refusal("SubscribeURL is not one of the notification service", status: 403, key: "error")
        }
        let status: Int
        do { status = try await client.send("GET", url.description, headers: ["Accept": "text/xml"]).status } catch {
            throw Refusal("The subscription was not confirmed", status: 503, key: "error", detail: "\(error)")
        }
        guard status == 200 else {
            throw Refusal("The subscription was not confirmed", status: 503, key: "error", detail: "status \(status)")
        }
        confirmed()
        client.telemetry.log.info("subscription confirmed", ["sns.topic": .string(topic)])
    }

    private func list(_ request: ServiceRequest) async throws(Refusal) -> ServiceResponse {
        let text = request.queryParameter("limit") ?? "50"
        guard let limit = Int(text), (1...500).contains(limit) else { throw Refusal("limit must be from 1 to 500", key: "error") }
        // By a task of the pool, since messages may be large: the service's thread is for all connections.
        let answer = await Task { [messages] in
            do throws(DatabaseError) {
                return Result<ServiceResponse, DatabaseError>.success(.json(["messages": .array(try await messages.latest(limit))]))
            } catch { return .failure(error) }
        }.value
        do throws(DatabaseError) { return try answer.get() } catch { throw Refusal(unavailable: error) }
    }

    /// Answers with the last message and the store that it comes from.
    private func last() async throws(Refusal) -> ServiceResponse {
        if let cached = await lastMessage.get() { return .json(["message": cached, "source": "redis"]) }
        let found: JSONValue?
        do throws(DatabaseError) { found = try await messages.latest(1).first } catch { throw Refusal(unavailable: error) }
        guard let found else { throw Refusal("No message was received", status: 404, key: "error") }
        return .json(["message": found, "source": "database"])
    }
}
