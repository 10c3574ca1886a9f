// The client of the notification service.

import ExampleSupport
import Telemetry

/// Why an action of the notification service was not done.
enum SNSError: Error, CustomStringConvertible {
    case unreachable(String)
    /// The service's answer: its status, the code of the error, and a text.
    case refused(status: Int, code: String, String)

    var description: String {
        switch self {
        case .unreachable(let reason): reason
        case .refused(let status, let code, let text): "\(code) (\(status)): \(text)"
        }
    }
}

/// Sends actions by the query protocol, signed; each is a client span.
struct SNSClient: Sendable {
    let endpoint: HTTPURL
    private let client: TracedClient
    private let signature: AWSRequestSignature
    private let clock: TelemetryClock

    init(
        _ settings: HelloWorldSettings, _ telemetry: ServiceTelemetry, transport: any Transport, _ library: LibCrypto, clock: TelemetryClock
    ) {
        endpoint = settings.endpoint
        client = TracedClient(telemetry, transport: transport, spanPrefix: "")
        signature = AWSRequestSignature(settings.credentials, region: settings.region, service: "sns", library)
        self.clock = clock
    }

    /// Publishes a message, and returns its identifier.
    func publish(_ message: String, to topic: String, _ attributes: TypedMessageAttributes) async throws(SNSError) -> String {
        var fields = [("TopicArn", topic), ("Message", message)]
        for (index, attribute) in attributes.values.sorted(by: { $0.key < $1.key }).enumerated() {
            let name = "MessageAttributes.entry.\(index + 1)"
            let value = attribute.value.type.hasPrefix("Binary") ? "BinaryValue" : "StringValue"
            fields += [
                ("\(name).Name", attribute.key), ("\(name).Value.DataType", attribute.value.type),
                ("\(name).Value.\(value)", attribute.value.value),
            ]
        }
        return try await perform("Publish", fields, result: "MessageId")
    }

    /// Makes a topic unless it is there, and returns its name in full.
    func createTopic(_ name: String) async throws(SNSError) -> String {
        try await perform("CreateTopic", [("Name", name)], result: "TopicArn")
    }

    /// Has messages of a topic delivered to a URL, whose service must confirm that; returns whether it has.
    func subscribe(_ url: HTTPURL, to topic: String) async throws(SNSError) -> Bool {
        let answer = try await perform(
            "Subscribe", [("TopicArn", topic), ("Protocol", url.isSecure ? "https" : "http"), ("Endpoint", url.description)],
            result: "SubscriptionArn")
        // Until then there is a text in place of the name.
        return answer.hasPrefix("arn:")
    }

    private func perform(_ action: String, _ fields: [(String, String)], result: String) async throws(SNSError) -> String {
        let form = ([("Action", action), ("Version", "2010-03-31")] + fields).map { name, value in
            "\(PercentEncoding.encode(name))=\(PercentEncoding.encode(value))"
        }.joined(separator: "&")
        var headers: HTTPHeaders = [
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8", "Accept": "text/xml",
        ]
        signature.sign("POST", endpoint, &headers, body: Array(form.utf8), at: clock.now)
        let answer: ServiceResponse
        do { answer = try await client.send("POST", endpoint.description, headers: headers, json: form) } catch {
            throw .unreachable("\(error)")
        }
        guard answer.status == 200 else {
            let text = XMLText.first("Message", in: answer.text) ?? "an answer of another kind"
            throw .refused(status: answer.status, code: XMLText.first("Code", in: answer.text) ?? "Unknown", text)
        }
        guard let value = XMLText.first(result, in: answer.text) else {
            throw .refused(status: 200, code: "InvalidResponse", "the answer has no \(result)")
        }
        return value
    }
}
