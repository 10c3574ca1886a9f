// The collection of events, and those of July 1969 that it begins with.

import ExampleSupport

/// The migrations of the timeline's database, in their order. One that was released must stay as it is.
enum TimelineSchema {
    static let migrations = [
        DatabaseMigration("events", sqlite: SQLiteDocuments.schema, postgresql: PostgreSQLDocuments.schema),
        DatabaseMigration("seed events", seeds),
    ]

    /// The mission of Apollo 11, in UTC.
    private static let mission = [
        ("Mission Start", "1969-07-16T13:32:00Z", "A Saturn V leaves Kennedy Space Center"),
        ("Earth Orbit Insertion", "1969-07-16T13:44:00Z", "The spacecraft is in orbit round the Earth"),
        ("Translunar Injection", "1969-07-16T16:22:00Z", "The third stage burns for the Moon"),
        ("Lunar Orbit Insertion", "1969-07-19T17:21:00Z", "The spacecraft is in orbit round the Moon"),
        ("Lunar Module Separation", "1969-07-20T17:44:00Z", "Eagle leaves Columbia"),
        ("Lunar Landing", "1969-07-20T20:17:40Z", "Eagle is down in the Sea of Tranquility"),
        ("First Step", "1969-07-21T02:56:00Z", "Neil Armstrong stands on the Moon"),
        ("Lunar Liftoff", "1969-07-21T17:54:00Z", "Eagle leaves the Moon"),
        ("Docking", "1969-07-21T21:35:00Z", "Eagle and Columbia are one spacecraft again"),
        ("Transearth Injection", "1969-07-22T04:55:00Z", "Columbia burns for home"),
        ("Splashdown", "1969-07-24T16:50:00Z", "Columbia is down in the Pacific Ocean"),
    ]

    private static let seeds: String = {
        let rows = mission.enumerated().map { index, event in
            let milliseconds = MissionEvent.milliseconds(CalendarTime(event.1) ?? CalendarTime(microsecondsSinceEpoch: 0))
            let id = "0000000000000019690716" + (index < 9 ? "0\(index + 1)" : "\(index + 1)")
            return """
                ('\(id)', '{"name":"\(event.0)","time":\(milliseconds),"description":"\(event.2)","launched_at":\(milliseconds)}')
                """
        }
        return "INSERT INTO events (id, document) VALUES \(rows.joined(separator: ", "))"
    }()
}
