// The loop of readings: each is a trace of its own.

import ExampleSupport
import Synchronization
import Telemetry

/// Takes a reading, stores it and sends it; then sends those that could not be sent before.
final class ReadingLoop: Sendable {
    /// Late readings that one round sends, so that it ends before the next one is due.
    private static let maximumLateReadings = 100

    private let store: ReadingStore
    private let module: ModuleStore
    private let orbit: Orbit
    private let sender: ReadingSender
    private let telemetry: ServiceTelemetry
    private let clock: TelemetryClock
    private let lastState = Mutex(ModuleState.running)

    init(_ database: Database, orbit: Orbit, _ sender: ReadingSender, _ telemetry: ServiceTelemetry, clock: TelemetryClock) {
        store = ReadingStore(database: database)
        module = ModuleStore(database: database)
        self.orbit = orbit
        self.sender = sender
        self.telemetry = telemetry
        self.clock = clock
    }

    func round() async {
        do throws(DatabaseError) {
            // A round without a reading has no trace, which would bury the others.
            let state = try await Context.root.suppressed.run { () async throws(DatabaseError) in try await module.state() }
            lastState.withLock { $0 = state }
        } catch {
            // The last state counts while the database is away.
            telemetry.log.error("state of the module cannot be read", ["detail": .string("\(error)")])
        }
        if lastState.withLock({ $0 }) == .running, await !takeReading() { return }
        await sendLateReadings()
    }

    /// Takes a reading inside a root span; returns false if it could not be sent.
    private func takeReading() async -> Bool {
        await telemetry.tracer.withSpan("reading", parent: .root) { span in
            let reading = orbit.reading(at: CalendarTime(clock.now))
            span["lunar.position"] = reading.position
            span["lunar.speed"] = reading.speed
            span["lunar.status"] = .string(reading.status)
            var carrier: [String: String] = [:]
            W3CTraceContextPropagator().inject(.current, into: &carrier)
            let stored = StoredReading(reading: reading, key: UUID().description, traceParent: carrier["traceparent"] ?? "")
            do throws(DatabaseError) { try await store.add(stored) } catch {
                span.setStatus(.error("the reading was not stored"))
                telemetry.log.error("reading was not stored", ["detail": .string("\(error)")])
            }
            return await send(stored, span)
        }
    }

    private func sendLateReadings() async {
        let late: [StoredReading]
        do throws(DatabaseError) {
            late = try await Context.root.suppressed.run { () async throws(DatabaseError) in
                try await store.unsent(limit: Self.maximumLateReadings)
            }
        } catch { return telemetry.log.error("late readings cannot be read", ["detail": .string("\(error)")]) }
        for stored in late {
            let origin = W3CTraceContextPropagator().extract(from: ["traceparent": stored.traceParent], into: .root).spanContext
            let isSent = await telemetry.tracer.withSpan(
                "late reading", parent: .root, links: origin.isValid ? [SpanLink(origin)] : []
            ) { span in await send(stored, span) }
            if !isSent || Task.isCancelled { return }
        }
    }

    /// Sends a reading and notes that; returns false if it has to be sent later.
    private func send(_ stored: StoredReading, _ span: TraceSpan) async -> Bool {
        let outcome = await sender.send(stored)
        switch outcome {
        case .sent: break
        case .refused(let reason):
            span.setStatus(.error("the telemetry service refuses the reading"))
            telemetry.log.error("reading was refused", ["reading.key": .string(stored.key), "detail": .string(reason)])
        case .failed(let reason):
            span.setStatus(.error("the reading was not sent"))
            telemetry.log.warn("reading was not sent, and will be later", ["reading.key": .string(stored.key), "detail": .string(reason)])
            return false
        }
        do throws(DatabaseError) { try await store.markSent(stored.key) } catch {
            // It is sent once more, and kept once.
            telemetry.log.error("reading was not marked as sent", ["detail": .string("\(error)")])
        }
        return true
    }
}
