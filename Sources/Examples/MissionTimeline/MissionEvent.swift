// An event of the mission.

import ExampleSupport

/// An event, at a time that is kept to the millisecond.
struct MissionEvent: Sendable {
    let id: DocumentID
    let name: String
    let time: CalendarTime
    /// The `traceparent` of the request that added it; empty for an event of history.
    let traceParent: String

    var json: JSONValue { ["id": .string(id.text), "name": .string(name), "time": .string(time.rfc3339)] }

    init(id: DocumentID, name: String, time: CalendarTime, traceParent: String) {
        self.id = id
        self.name = name
        self.time = CalendarTime(microsecondsSinceEpoch: Self.milliseconds(time) * 1000)
        self.traceParent = traceParent
    }

    /// Reads a document.
    init(_ document: StoredDocument) throws(DatabaseError) {
        guard let name = document.members["name"]?.stringValue, let time = document.members["time"]?.integerValue else {
            throw .statement(code: "22000", "The document \(document.id.text) is no event.")
        }
        self.init(
            id: document.id, name: name, time: CalendarTime(microsecondsSinceEpoch: time * 1000),
            traceParent: document.members["trace_parent"]?.stringValue ?? "")
    }

    /// Milliseconds since 1970, as documents have times.
    static func milliseconds(_ time: CalendarTime) -> Int {
        Int((Double(time.microsecondsSinceEpoch) / 1000).rounded(.down))
    }
}
