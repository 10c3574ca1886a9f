// The commands in the database, from their arrival to their end.

import ExampleSupport
import Synchronization
import Telemetry

/// The table of commands: a queue in the order of their arrival, and a record of what came of them.
final class CommandStore: Sendable {
    private static let columns = "id, timestamp, command_type, parameters, status, detail, finished_at, trace_parent"
    private static let isOpen = "status IN ('PENDING', 'PROCESSING')"
    private static let insertion: DatabaseStatement = """
        INSERT INTO commands (timestamp, command_type, parameters, status, request_key, trace_parent) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (request_key) DO NOTHING RETURNING id
        """
    private static let findingKey: DatabaseStatement = "SELECT id FROM commands WHERE request_key = $1"
    private static let finding = DatabaseStatement("SELECT \(columns) FROM commands WHERE id = $1")
    private static let listing = DatabaseStatement("SELECT \(columns) FROM commands ORDER BY id DESC LIMIT $1")
    private static let counting = DatabaseStatement("SELECT COUNT(*) FROM commands WHERE \(isOpen)")
    /// The last condition is checked again once another process's claim of the same commands is committed.
    private static let claiming = DatabaseStatement(
        """
        UPDATE commands SET status = 'PROCESSING', leased_until = $1
        WHERE id IN (
            SELECT id FROM commands WHERE \(isOpen) AND (status = 'PENDING' OR leased_until < $2) ORDER BY id LIMIT $3
        ) AND \(isOpen) AND (status = 'PENDING' OR leased_until < $2)
        RETURNING \(columns)
        """)
    private static let finishing: DatabaseStatement =
        "UPDATE commands SET status = $1, detail = $2, finished_at = $3 WHERE id = $4 AND status = 'PROCESSING'"

    let database: Database
    private let lease: Duration
    private let clock: TelemetryClock
    /// Relaxed: the number orders nothing else.
    private let latestDepth = Atomic(0)

    /// - Parameter lease: the time after which a command that was claimed and not finished is claimed again.
    init(_ database: Database, lease: Duration, clock: TelemetryClock) async throws {
        self.database = database
        self.lease = lease
        self.clock = clock
        try await Context.root.suppressed.run { try await countOpen() }
    }

    /// The commands that are not finished, as far as this process knows.
    var knownDepth: Int { latestDepth.load(ordering: .relaxed) }

    /// Finds out how many commands are not finished.
    func countOpen() async throws(DatabaseError) {
        let count = try await database.rows(Self.counting).first?.integer(0) ?? 0
        latestDepth.store(count, ordering: .relaxed)
    }

    /// Stores a command, or finds the one that was stored for the same request, and returns its identifier.
    func save(_ command: NewCommand, traceParent: String) async throws(DatabaseError) -> Int {
        let rows = try await database.rows(
            Self.insertion, DatabaseValue(CalendarTime(clock.now).microsecondsSinceEpoch), .text(command.type),
            DatabaseValue(command.parameters?.description), .text(command.status.rawValue), DatabaseValue(command.key), .text(traceParent))
        if let row = rows.first {
            if command.status == .pending || command.status == .processing { latestDepth.add(1, ordering: .relaxed) }
            return try row.integer(0)
        }
        guard let row = try await database.rows(Self.findingKey, DatabaseValue(command.key)).first else {
            throw .unavailable("the command was stored and removed again")
        }
        return try row.integer(0)
    }

    func command(_ id: Int) async throws(DatabaseError) -> Command? {
        // A number beyond the column's type would be an error.
        guard let id = Int32(exactly: id) else { return nil }
        return try await database.rows(Self.finding, DatabaseValue(Int(id))).first.map { row throws(DatabaseError) in try Command(row) }
    }

    /// Returns the newest commands, the newest first.
    func latest(_ limit: Int) async throws(DatabaseError) -> [Command] {
        try await Self.commands(database.rows(Self.listing, DatabaseValue(limit)))
    }

    /// Marks the oldest commands that nothing works on as being processed, and returns them in their order.
    func claim(_ limit: Int) async throws(DatabaseError) -> [Command] {
        let now = CalendarTime(clock.now)
        let rows = try await database.rows(
            Self.claiming, DatabaseValue(now.advanced(by: lease).microsecondsSinceEpoch), DatabaseValue(now.microsecondsSinceEpoch),
            DatabaseValue(limit))
        return try Self.commands(rows).sorted { $0.id < $1.id }
    }

    /// Records the end of a command; `problem` is why it has failed.
    func finish(_ command: Command, problem: String?, at time: CalendarTime, _ transaction: DatabaseTransaction) async throws(DatabaseError)
    {
        let status: Command.Status = problem == nil ? .completed : .failed
        _ = try await transaction.rows(
            Self.finishing, .text(status.rawValue), DatabaseValue(problem), DatabaseValue(time.microsecondsSinceEpoch),
            DatabaseValue(command.id))
    }

    /// Notes that so many commands were finished.
    func noteFinished(_ count: Int) { latestDepth.subtract(count, ordering: .relaxed) }

    private static func commands(_ rows: [DatabaseRow]) throws(DatabaseError) -> [Command] {
        var commands: [Command] = []
        for row in rows { commands.append(try Command(row)) }
        return commands
    }
}

extension Command {
    /// Reads the columns id, timestamp, command_type, parameters, status, detail, finished_at, trace_parent.
    fileprivate init(_ row: DatabaseRow) throws(DatabaseError) {
        guard let status = Status(rawValue: try row.text(4)) else {
            throw .statement(code: "22000", "A command has a status that this version does not know.")
        }
        self.init(
            id: try row.integer(0), timestamp: CalendarTime(microsecondsSinceEpoch: try row.integer(1)), type: try row.text(2),
            parameters: try row.optionalText(3).flatMap { try? JSONValue(parsing: $0) }, status: status, detail: try row.optionalText(5),
            finished: try row.optionalInteger(6).map { CalendarTime(microsecondsSinceEpoch: $0) }, traceParent: try row.text(7))
    }
}
