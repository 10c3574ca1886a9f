// The events in the collection of documents.

import ExampleSupport
import Telemetry

/// Adds and finds events.
struct EventStore: Sendable {
    /// Events that are read at a time.
    private static let pageLength = 200
    /// An event that is longer ago than this when it is added is history, and is not launched. Forms have times without seconds.
    private static let grace = Duration.seconds(60)

    private let documents: any DocumentStore
    private let clock: TelemetryClock

    init(_ documents: any DocumentStore, clock: TelemetryClock) {
        self.documents = documents
        self.clock = clock
    }

    /// Stores an event; without a time it is due at once.
    func add(_ name: String, at time: CalendarTime?, traceParent: String) async throws(DatabaseError) -> MissionEvent {
        let now = clock.now
        let event = MissionEvent(id: DocumentID(at: now), name: name, time: time ?? CalendarTime(now), traceParent: traceParent)
        let milliseconds = JSONValue.integer(Int64(MissionEvent.milliseconds(event.time)))
        var members: [JSONObject.Member] = [
            .init(key: "name", value: .string(name)), .init(key: "time", value: milliseconds),
            .init(key: "trace_parent", value: .string(traceParent)),
        ]
        if event.time < CalendarTime(now).advanced(by: .zero - Self.grace) {
            members.append(.init(key: "launched_at", value: milliseconds))
        }
        try await documents.insert(StoredDocument(id: event.id, members: .object(JSONObject(members))))
        return event
    }

    /// Returns events in the order of their times, from after one of them.
    func page(after event: MissionEvent?) async throws(DatabaseError) -> (events: [MissionEvent], next: MissionEvent?) {
        let position = event.map { (MissionEvent.milliseconds($0.time), $0.id.text) } ?? (Int.min, "")
        let found = try await documents.page(after: position.0, position.1, limit: Self.pageLength + 1)
        let events = try Self.events(Array(found.prefix(Self.pageLength)))
        return (events, found.count > Self.pageLength ? events.last : nil)
    }

    /// Returns the events with the latest times, in their order.
    func last(_ limit: Int) async throws(DatabaseError) -> [MissionEvent] { try Self.events(try await documents.last(limit)) }

    /// Returns events whose time has come and that were not launched, the earliest first.
    func due(limit: Int) async throws(DatabaseError) -> [MissionEvent] {
        try Self.events(try await documents.due(at: MissionEvent.milliseconds(CalendarTime(clock.now)), limit: limit))
    }

    /// Notes that an event was launched, or that it cannot be.
    func markLaunched(_ event: MissionEvent, problem: String? = nil) async throws(DatabaseError) {
        var members: [JSONObject.Member] = [.init(key: "launched_at", value: milliseconds(after: .zero))]
        if let problem { members.append(.init(key: "problem", value: .string(problem))) }
        try await documents.set(.object(JSONObject(members)), in: event.id)
    }

    /// Notes that an event is to be launched later.
    func postpone(_ event: MissionEvent, by duration: Duration) async throws(DatabaseError) {
        try await documents.set(["retry_at": milliseconds(after: duration)], in: event.id)
    }

    private func milliseconds(after duration: Duration) -> JSONValue {
        .integer(Int64(MissionEvent.milliseconds(CalendarTime(clock.now).advanced(by: duration))))
    }

    private static func events(_ documents: [StoredDocument]) throws(DatabaseError) -> [MissionEvent] {
        var events: [MissionEvent] = []
        for document in documents { events.append(try MissionEvent(document)) }
        return events
    }
}
