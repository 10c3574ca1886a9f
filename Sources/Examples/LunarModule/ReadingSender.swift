// Hands readings on to the telemetry service.

import ExampleSupport
import Telemetry

/// Sends readings, and counts them: `readings_sent`, `send_failures`.
struct ReadingSender: Sendable {
    enum Outcome: Sendable, Equatable {
        case sent
        /// The telemetry service will never take the reading.
        case refused(String)
        case failed(String)
    }

    private let client: TracedClient
    private let url: String
    private let sent: BoundCounter<Int>
    private let failures: Counter<Int>

    init(_ telemetry: ServiceTelemetry, transport: any Transport, url: String) {
        client = TracedClient(telemetry, transport: transport)
        self.url = url
        sent = telemetry.meter.counter("readings_sent", unit: "{reading}", description: "Readings that the telemetry service has taken.")
            .bind()
        sent.add(0)
        failures = telemetry.meter.counter(
            "send_failures", unit: "{attempt}", description: "Attempts to send a reading that have failed.")
    }

    func send(_ stored: StoredReading) async -> Outcome {
        let answer: ServiceResponse
        do {
            answer = try await client.send(
                "POST", url + "/input", template: "/input", headers: ["Idempotency-Key": stored.key], json: stored.reading.json.description)
        } catch {
            failures.add(1, ["reason": "unreachable"])
            return .failed("\(error)")
        }
        switch answer.status {
        case 200:
            sent.add(1)
            return .sent
        case 400..<500 where answer.status != 408 && answer.status != 429:
            failures.add(1, ["reason": "refused"])
            return .refused("status \(answer.status): \(answer.text.recorded)")
        default:
            failures.add(1, ["reason": "status"])
            return .failed("status \(answer.status)")
        }
    }
}
