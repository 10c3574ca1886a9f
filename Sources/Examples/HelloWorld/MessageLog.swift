// The messages that were received, in the database.

import ExampleSupport
import Telemetry

/// Keeps received messages, each once; the oldest go when there are too many.
struct MessageLog: Sendable {
    /// The migrations of the database, in their order. One that was released must stay as it is.
    static let migrations = [
        DatabaseMigration(
            "received messages", sqlite: [table("INTEGER PRIMARY KEY AUTOINCREMENT")],
            postgresql: [table("BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY")])
    ]

    private static func table(_ identity: String) -> String {
        """
        CREATE TABLE hello_messages (
            position \(identity),
            message_id TEXT NOT NULL UNIQUE,
            topic TEXT NOT NULL,
            subject TEXT,
            message TEXT NOT NULL,
            published TEXT NOT NULL,
            received BIGINT NOT NULL,
            trace_id TEXT NOT NULL
        )
        """
    }

    private static let insert: DatabaseStatement = """
        INSERT INTO hello_messages (message_id, topic, subject, message, published, received, trace_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (message_id) DO NOTHING RETURNING position
        """
    private static let list: DatabaseStatement = """
        SELECT message_id, topic, subject, message, published, received, trace_id FROM hello_messages ORDER BY position DESC LIMIT $1
        """
    private static let shorten: DatabaseStatement = "DELETE FROM hello_messages WHERE position <= $1"
    /// So many insertions pass between deletions.
    private static let shorteningInterval = 1000

    let database: Database
    let capacity: Int
    let clock: TelemetryClock

    /// Keeps a message with the trace that it is processed in; returns it, or nil if it was there already.
    func add(_ message: SNSMessage) async throws(DatabaseError) -> JSONValue? {
        let received = CalendarTime(clock.now)
        let values: [DatabaseValue] = [
            .text(message.id), .text(message.topic), DatabaseValue(message.subject), .text(message.message), .text(message.timestamp),
            DatabaseValue(received.microsecondsSinceEpoch), .text("\(Context.current.spanContext.traceID)"),
        ]
        guard let row = try await database.rows(Self.insert, values).first else { return nil }
        let position = try row.integer(0)
        if position.isMultiple(of: Self.shorteningInterval) {
            _ = try await database.rows(Self.shorten, DatabaseValue(position - capacity))
        }
        return try Self.json(DatabaseRow(values))
    }

    /// Returns the newest messages, the newest first.
    func latest(_ limit: Int) async throws(DatabaseError) -> [JSONValue] {
        var messages: [JSONValue] = []
        for row in try await database.rows(Self.list, DatabaseValue(limit)) { messages.append(try Self.json(row)) }
        return messages
    }

    private static func json(_ row: DatabaseRow) throws(DatabaseError) -> JSONValue {
        let message = try row.text(3)
        return [
            "messageId": .string(try row.text(0)), "topic": .string(try row.text(1)),
            "subject": try row.optionalText(2).map { .string($0) } ?? .null,
            // A message that is JSON is shown as such.
            "message": (try? JSONValue(parsing: Array(message.utf8))) ?? .string(message), "published": .string(try row.text(4)),
            "received": .string(CalendarTime(microsecondsSinceEpoch: try row.integer(5)).rfc3339WithMilliseconds),
            "traceId": .string(try row.text(6)),
        ]
    }
}
