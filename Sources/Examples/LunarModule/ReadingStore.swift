// The module's own readings, which are kept until the telemetry service has them, and after.

import ExampleSupport

/// A reading with what is needed to send it.
struct StoredReading: Sendable {
    let reading: Reading
    /// Identifies the reading, so that the telemetry service keeps one that is sent twice only once.
    let key: String
    /// The `traceparent` of the span that took it.
    let traceParent: String
}

/// The table of readings.
struct ReadingStore: Sendable {
    private static let insertion: DatabaseStatement = """
        INSERT INTO telemetry (timestamp, position, speed, status, reading_key, trace_parent) VALUES ($1, $2, $3, $4, $5, $6)
        """
    private static let unsent: DatabaseStatement = """
        SELECT timestamp, position, speed, status, reading_key, trace_parent FROM telemetry WHERE NOT is_sent ORDER BY id LIMIT $1
        """
    private static let marking: DatabaseStatement = "UPDATE telemetry SET is_sent = TRUE WHERE reading_key = $1"

    let database: Database

    func add(_ stored: StoredReading) async throws(DatabaseError) {
        let reading = stored.reading
        _ = try await database.rows(
            Self.insertion, DatabaseValue(reading.timestamp.microsecondsSinceEpoch), .real(reading.position), .real(reading.speed),
            .text(reading.status), .text(stored.key), .text(stored.traceParent))
    }

    /// Returns the oldest readings that were not sent yet.
    func unsent(limit: Int) async throws(DatabaseError) -> [StoredReading] {
        var readings: [StoredReading] = []
        for row in try await database.rows(Self.unsent, DatabaseValue(limit)) {
            let reading = Reading(
                timestamp: CalendarTime(microsecondsSinceEpoch: try row.integer(0)), position: try row.real(1), speed: try row.real(2),
                status: try row.text(3))
            readings.append(StoredReading(reading: reading, key: try row.text(4), traceParent: try row.text(5)))
        }
        return readings
    }

    func markSent(_ key: String) async throws(DatabaseError) { _ = try await database.rows(Self.marking, .text(key)) }
}
