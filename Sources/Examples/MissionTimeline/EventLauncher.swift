// The scheduler: events whose time has come become commands of the lunar module.

import ExampleSupport
import Telemetry

/// Sends due events to the dispatcher, and counts them: `events_launched`, `launch_failures`.
///
/// An event is launched at least once, and its identifier has the module execute it once. Any number of schedulers may work on a database.
struct EventLauncher: Sendable {
    /// Events of one look.
    private static let batchSize = 20
    /// How long an event waits for its next attempt.
    private static let pause = Duration.seconds(5)

    private let events: EventStore
    private let client: TracedClient
    private let dispatcherURL: String
    private let launched: BoundCounter<Int>
    private let failures: BoundCounter<Int>

    init(
        _ events: EventStore, _ telemetry: ServiceTelemetry, transport: any Transport, dispatcherURL: String
    ) {
        self.events = events
        self.dispatcherURL = dispatcherURL
        client = TracedClient(telemetry, transport: transport)
        launched = telemetry.meter.counter("events_launched", unit: "{event}", description: "Events that became commands.").bind()
        failures = telemetry.meter.counter(
            "launch_failures", unit: "{attempt}", description: "Attempts to launch an event that have failed."
        )
        .bind()
        launched.add(0)
        failures.add(0)
    }

    /// Launches the events that are due.
    func round() async {
        do throws(DatabaseError) {
            while !Task.isCancelled {
                // Looking for events is frequent and finds none for the most part: its spans would bury the others.
                let due = try await Context.root.suppressed.run { () async throws(DatabaseError) in
                    try await events.due(limit: Self.batchSize)
                }
                guard !due.isEmpty else { return }
                for event in due { try await launch(event) }
            }
        } catch { client.telemetry.log.warn("events are not launched", ["detail": .string("\(error)")]) }
    }

    /// Launches an event in a trace of its own, which is linked with the request that added the event: that may be long ago.
    private func launch(_ event: MissionEvent) async throws(DatabaseError) {
        let origin = W3CTraceContextPropagator().extract(from: ["traceparent": event.traceParent], into: .root).spanContext
        try await client.telemetry.tracer.withSpan(
            "launch event", parent: .root,
            ["timeline.event.id": .string(event.id.text), "timeline.event.name": .string(event.name.recorded)],
            links: origin.isValid ? [SpanLink(origin)] : []
        ) { span async throws(DatabaseError) in
            let fields: Attributes = ["timeline.event.id": .string(event.id.text), "timeline.event.name": .string(event.name.recorded)]
            switch await dispatch(event) {
            case .launched:
                try await events.markLaunched(event)
                launched.add(1)
                client.telemetry.log.info("event launched", fields)
            case .refused(let reason):
                span.setStatus(.error("the event was refused"))
                try await events.markLaunched(event, problem: reason)
                failures.add(1)
                client.telemetry.log.error("event was refused", fields.merging(reason))
            case .failed(let reason):
                span.setStatus(.error("the event was not launched"))
                try await events.postpone(event, by: Self.pause)
                failures.add(1)
                client.telemetry.log.warn("event was not launched, and will be later", fields.merging(reason))
            }
        }
    }

    private enum Outcome {
        case launched
        /// Another attempt would end in the same way.
        case refused(String)
        case failed(String)
    }

    private func dispatch(_ event: MissionEvent) async -> Outcome {
        let body: JSONValue = [
            "command_type": "MISSION_EVENT",
            "parameters": ["event_id": .string(event.id.text), "name": .string(event.name), "time": .string(event.time.rfc3339)],
        ]
        let answer: ServiceResponse
        do {
            answer = try await client.send(
                "POST", dispatcherURL + "/dispatch", template: "/dispatch", headers: ["Idempotency-Key": event.id.text],
                json: body.description)
        } catch { return .failed("\(error)") }
        switch answer.status {
        case 200: return .launched
        case 400..<500 where answer.status != 408 && answer.status != 429:
            return .refused("status \(answer.status): \(answer.text.recorded)")
        default: return .failed("status \(answer.status)")
        }
    }
}

extension Attributes {
    fileprivate func merging(_ detail: String) -> Attributes {
        var merged = self
        merged["detail"] = .string(detail)
        return merged
    }
}
