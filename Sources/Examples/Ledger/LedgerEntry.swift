// What the ledger keeps of an event.

import ExampleSupport
import Telemetry

/// An event of a spaceport, with its time and the trace that it belongs to.
struct LedgerEntry: Sendable, Hashable {
    let event: SpaceportEvent
    let time: LedgerTime
    /// Empty for an event outside of a trace.
    let traceID: String
    let spanID: String

    /// The columns of the table, in the order of ``values`` and of ``init(_:)``.
    static let columns = "event_id, outcome, action, ship, port, passengers, reason, time, trace_id, span_id"

    /// Reads a received record; nil if it is no event of a spaceport.
    init?(_ record: ReadableLogRecord) throws(SpaceportEvent.Invalid) {
        guard let event = try SpaceportEvent(record) else { return nil }
        guard let time = LedgerTime(nanoseconds: record.time.nanosecondsSinceEpoch) else {
            throw SpaceportEvent.Invalid(description: "the time of an event must be before the year 2262")
        }
        self.event = event
        self.time = time
        traceID = record.traceID.isValid ? "\(record.traceID)" : ""
        spanID = record.spanID.isValid ? "\(record.spanID)" : ""
    }

    /// Reads a row of ``columns``.
    init(_ row: DatabaseRow) throws(DatabaseError) {
        guard let outcome = SpaceportEvent.Outcome(rawValue: try row.text(1)), let action = SpaceportEvent.Action(rawValue: try row.text(2))
        else { throw .statement(code: "22023", "The row has an unknown outcome or action.") }
        event = SpaceportEvent(
            id: try row.text(0), outcome, action, ship: try row.text(3), port: try row.text(4), passengers: try row.integer(5),
            reason: try row.optionalText(6))
        time = LedgerTime(stored: try row.integer(7))
        traceID = try row.text(8)
        spanID = try row.text(9)
    }

    /// The values of ``columns``.
    var values: [DatabaseValue] {
        [
            .text(event.id), .text(event.outcome.rawValue), .text(event.action.rawValue), .text(event.ship), .text(event.port),
            DatabaseValue(event.passengers), DatabaseValue(event.reason), DatabaseValue(time.nanoseconds), .text(traceID), .text(spanID),
        ]
    }

    var json: JSONValue {
        [
            "id": .string(event.id), "time": .string(time.description), "outcome": .string(event.outcome.rawValue),
            "action": .string(event.action.rawValue), "ship": .string(event.ship), "port": .string(event.port),
            "passengers": .integer(Int64(event.passengers)), "reason": event.reason.map { .string($0) } ?? .null,
            "trace_id": traceID.isEmpty ? .null : .string(traceID), "span_id": spanID.isEmpty ? .null : .string(spanID),
        ]
    }
}
